# shellcheck shell=bash disable=SC2034 # the lists of packages are for the scripts
# What the scripts share: install what is missing, build a preset. Sourced; everything is said on standard
# error, so that standard output is the program's.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# The program runs no plugins that somebody else could exchange: in a checkout of another user it would refuse all of them,
# once everything is built.
ensure_own_checkout() {
  local folder=$project owner
  while owner=$(stat -c %u "$folder"); do
    if [ "$owner" -ne 0 ] && [ "$owner" -ne "$(id -u)" ]; then
      owner="user $(stat -c %U "$folder") ($owner)"
      say "$folder belongs to $owner, who could exchange the plugins in it: run as $(id -un), the program would refuse them"
      die "run this as $owner, sudo is used where it is needed; or use a checkout of your own"
    fi
    [ "$folder" != / ] || break
    folder=$(dirname "$folder")
  done
}

# In parallel as far as processors and memory go: a compiler takes up to 1.5 GiB.
parallel_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1500000 + 1))
  echo $((cores < memory ? cores : memory))
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
available() { [ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ]; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "packages are missing ($missing), and this is neither root nor is there sudo: install them as root, then run this again"
  fi
}

# ensure PACKAGE[|ALTERNATIVE]...: installs what is missing. Of alternatives, one that is installed will do, else the first
# that the archive has.
ensure() {
  command -v dpkg-query >/dev/null || die "this is not a Debian system: install the packages listed in scripts/lib.bash by hand"
  local wanted alternative found log
  missing=""
  for wanted in "$@"; do
    found=no
    for alternative in ${wanted//|/ }; do
      if installed "$alternative"; then found=yes; fi
    done
    [ $found = yes ] || missing="$missing $wanted"
  done
  missing=${missing# }
  [ -n "$missing" ] || return 0

  say "installing $missing"
  log=$(mktemp)
  # The lists may be missing (a fresh system) or too old for the archive: fetched before every installation.
  as_root apt-get update >"$log" 2>&1 || {
    cat "$log" >&2
    die "apt-get update failed: is the network there, and are the package sources right?"
  }
  local packages=()
  for wanted in $missing; do
    for alternative in ${wanted//|/ }; do
      if available "$alternative"; then
        packages+=("$alternative")
        continue 2
      fi
    done
    die "the package sources have no $wanted: Debian 12 and 13 do, other systems may need other names"
  done
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "apt-get could not install ${packages[*]}: see the lines above"
  }
  rm -f "$log"
}

build_packages=(g++ cmake ninja-build pkg-config libboost-dev libboost-program-options-dev 'libbotan-3-dev|libbotan-2-dev'
  libexpected-dev rapidjson-dev libdivsufsort-dev libbz2-dev libbenchmark-dev)
package_packages=(libssl-dev libtss2-dev libp11-kit-dev dpkg-dev file)
test_packages=("${package_packages[@]}" swtpm softhsm2 libgtest-dev libgmock-dev python3 strace iproute2 procps mandoc man-db binutils acl zsh fish debootstrap)

# configure PRESET ON|OFF: with tests or without them, which need fewer packages. A folder that has them keeps them.
configure() {
  local preset=$1 with=$2 folder=$project/build/$1
  local log=$folder/build.log
  mkdir -p "$folder"
  if [ ! -e "$folder/build.ninja" ] || { [ "$with" = ON ] && ! grep -q '^NTPKEYGEN_TESTS:BOOL=ON' "$folder/CMakeCache.txt"; }; then
    say "configuring build/$preset"
    (cd "$project" && cmake --preset "$preset" -DNTPKEYGEN_TESTS="$with") >"$log" 2>&1 || {
      tail -n 20 "$log" >&2
      die "CMake failed; all it said is in build/$preset/build.log"
    }
  fi
}

# build PRESET TARGET...: configured with tests only once the target is `all`.
build() {
  local preset=$1 folder=$project/build/$1 log=$project/build/$1/build.log with=OFF
  shift
  [ "$*" != all ] || with=ON
  configure "$preset" $with
  if ! ninja -C "$folder" -n "$@" | grep 'no work to do' >/dev/null; then
    say "building build/$preset (what it says goes to build/$preset/build.log)"
  fi
  ninja -C "$folder" -j "$(parallel_jobs)" "$@" >"$log" 2>&1 || {
    grep -E -m 20 'error|FAILED' "$log" >&2 || tail -n 20 "$log" >&2
    die "the build failed; all it said is in build/$preset/build.log"
  }
}

# skip WHY: what cannot be tried here is no failure; ctest knows this exit status.
skip() {
  say "skipped: $*"
  exit 77
}

this_release() (
  . /etc/os-release
  echo "${VERSION_CODENAME:-another system}"
)

# debian_root RELEASE FOLDER [PACKAGE...]: makes the root folder of a minimal Debian with these packages and all that they need,
# or skips. What debootstrap makes is kept for a month.
debian_root() {
  local release=$1 root=$2 here archive log kept packages
  shift 2
  packages=$(IFS=, && echo "$*")
  here=$(this_release)
  [ "$(id -u)" -eq 0 ] || skip "only root can make a root folder of $release: run this as root"
  unshare --mount true 2>/dev/null || skip "mounts of its own are not to be had here, as in a root that is no mount point: run this outside of it"
  command -v debootstrap >/dev/null || skip "debootstrap is missing: 'apt-get install debootstrap'"
  # shellcheck disable=SC2016 # apt-get puts the values in
  archive=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk -v release="$here" '$1 == "Debian" && $2 == release && !seen++ { print $3 }')
  [ -n "$archive" ] || skip "apt has no archive of Debian $here, where $release could come from: see /etc/apt/sources.list.d"
  kept=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ntpkeygen/$release-$(cksum <<<"$packages" | cut -d ' ' -f 1).tar
  if [ -z "$(find "$kept" -mtime -30 2>/dev/null)" ]; then
    log=$(mktemp)
    rm -f "$root.InRelease"
    /usr/lib/apt/apt-helper download-file "${archive%/}/dists/$release/InRelease" "$root.InRelease" >"$log" 2>&1 ||
      skip "the archive has no $release, or cannot be reached: $(tail -n 1 "$log")"
    say "getting $release (kept in $kept)"
    debootstrap --variant=minbase ${packages:+"--include=$packages"} "$release" "$root" "$archive" >"$log" 2>&1 || {
      tail -n 5 "$log" >&2
      die "debootstrap failed: see the lines above"
    }
    mkdir -p "$(dirname "$kept")"
    # Another one may do the same.
    tar -C "$root" --numeric-owner --xattrs --xattrs-include='*' -cf "$kept.$$" .
    mv "$kept.$$" "$kept"
    rm -f "$log" "$root.InRelease"
  else
    mkdir "$root"
    tar -C "$root" --numeric-owner --xattrs --xattrs-include='*' -xf "$kept"
  fi
}

# in_debian_root ROOT COMMAND...: what is mounted in a name space of its own is gone with its last process.
in_debian_root() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare --mount bash -c '
    set -euo pipefail
    mount --rbind /proc "$1/proc"
    mount --rbind /dev "$1/dev"
    exec chroot "$1" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
      ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} "${@:2}"' in_debian_root "$@" </dev/null
}
