# shellcheck shell=bash
# What the end-to-end scripts share. To be sourced; the script's first argument is the build folder:
#
#   tests/end_to_end/layout build/release
#
#   . "$(dirname "${BASH_SOURCE[0]}")/lib.bash"
#   scene 'an unknown type'                            # a new empty folder, which is the current one from here on
#   refuses "there is no key type 'rot13'" ntpkeygen --type rot13
#   scene 'no arguments'
#   run ntpkeygen                                      # any command: sets $status, $out and $err
#   expect_status 0
#   expect_equal 'the names in the folder' "..." "$(ls)"
#
# A failed expectation prints what was expected and what came, the script goes on, and ends with exit status 1. Exit
# status 77: nothing could be tried, for the printed reason.
#
# shellcheck disable=SC2034 # $out, $err and others are for the scripts
set -Eeuo pipefail
umask 022
export LC_ALL=C
unset NTPKEYGEN_PLUGIN_PATH POSIXLY_CORRECT

if (($# < 1)) || ! [[ -x $1/bin/ntpkeygen ]]; then
  echo "usage: ${0##*/} BUILD_FOLDER, such as build/release (it has no bin/ntpkeygen, or was not given)" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)
program=$build/bin/ntpkeygen
plugins=$build/lib/ntpkeygen/plugins
library=$build/lib/ntpkeygen/commands.so
host=$(uname -n)
work=$(mktemp -d "${TMPDIR:-/tmp}/ntpkeygen-e2e.XXXXXX")
chmod 0755 "$work" # for what runs as another user
status=0 out='' err=''
failures=0 scene_count=0 tried=0 scene_title=''

cleanup() {
  cd /
  # Folders that a scene made unwritable.
  find "$work" -type d ! -perm -700 -exec chmod u+rwx {} + 2>/dev/null || true
  rm -rf "$work"
}
finish() {
  local code=$?
  cleanup
  if ((code != 0)); then exit "$code"; fi
  if ((failures)); then
    echo "$failures failed"
    exit 1
  fi
  if ((!tried)); then exit 77; fi
}
trap finish EXIT
trap 'echo "stopped at ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
trap 'exit 130' INT
trap 'exit 143' TERM

# For a whole script that has nothing to say here.
skip() {
  echo "skipped: $*"
  exit 77
}
# For a scene or two; what else there is runs.
not_here() { echo "  skipped: $*"; }

# A build with a sanitizer, which has memory and system calls of its own.
sanitized() { grep -qaE '__(asan|tsan|ubsan_handle)_' "$program"; }

scene() {
  scene_title=$1
  scene_count=$((scene_count + 1))
  mkdir "$work/$scene_count"
  cd "$work/$scene_count"
  echo "- $scene_title"
}

ntpkeygen() { "$program" "$@"; }

# run COMMAND...: exit status to $status, standard output and error to $out and $err, without the last line feed.
run() {
  status=0
  { "$@" >"$work/out" 2>"$work/err"; } 2>/dev/null || status=$? # the shell's word on a killed process goes nowhere
  out=$(tr -d '\0' <"$work/out")
  err=$(tr -d '\0' <"$work/err")
}

indented() { printf '      %s\n' "${1//$'\n'/$'\n'      }"; }
# fail WHAT EXPECTED GOT
fail() {
  failures=$((failures + 1))
  echo "  FAILED ($scene_title): $1"
  echo "    expected:"
  indented "$2"
  echo "    got:"
  indented "$3"
}
# expect_equal WHAT EXPECTED GOT
expect_equal() {
  tried=1
  if [[ $2 == "$3" ]]; then return; fi
  if [[ $2 == *$'\n'*$'\n'* ]]; then
    fail "$1" 'the lines with "<"' "$(diff <(echo "$2") <(echo "$3") || true)"
  else
    fail "$@"
  fi
}
# expect_match WHAT REGEX GOT: an extended regular expression for the whole of it.
expect_match() {
  tried=1
  if ! [[ $3 =~ ^($2)$ ]]; then fail "$@"; fi
}
expect_contains() {
  tried=1
  if [[ $3 != *"$2"* ]]; then fail "$1" "... $2 ..." "$3"; fi
}
expect_lacks() {
  tried=1
  if [[ $3 == *"$2"* ]]; then fail "$1" "nothing with: $2" "$3"; fi
}
# expect_true WHAT COMMAND...
expect_true() {
  tried=1
  if ! "${@:2}"; then fail "$1" "success of: ${*:2}" 'the contrary'; fi
}
expect_status() {
  tried=1
  if ((status != $1)); then fail 'the exit status' "$1" "$status; standard error: $err"; fi
}
# With the last command's standard error in it when that is not empty.
expect_silent() { expect_equal "${1:-standard error}" '' "${2-$err}"; }

# Every name in a folder with all that can change: kind, mode, owner, target, and a file's names, inode, time and content.
listing() {
  (
    cd "$1"
    find . -type f -printf '%P %y %m %U:%G %n %i %T@\n' -o -printf '%P %y %m %U:%G %l\n' | sort
    find . -type f -readable -exec sha256sum {} + | sort -k 2
  )
}

# refuses REGEX COMMAND...: exit status 1, one error on standard error, which matches somewhere, at most one hint, nothing on
# standard output; and nothing in the current folder has changed.
refuses() { refuses_with_status 1 "$@"; }
refuses_with_status() {
  local before after status_expected=$1
  shift
  before=$(listing .)
  run "${@:2}"
  after=$(listing .)
  expect_status "$status_expected"
  expect_silent 'standard output' "$out"
  expect_match "standard error of: ${*:2}" \
    "ntp-?keygen: error: [^"$'\n'"]*($1)[^"$'\n'"]*("$'\n'"ntp-?keygen: hint: [^"$'\n'"]+)?" "$err"
  expect_equal "the folder after: ${*:2}" "$before" "$after"
}

# The key lines of a file.
key_lines() { grep -v '^#' "$1" | grep -v '^$' || true; }
# layout_of FILE CHARACTERS: the file with each key replaced by its form: <32 hex>, or <16 ascii> for text of these characters
# (a set as in a regular expression, `#` not among them).
layout_of() {
  awk -v ascii="^[$2]+\$" '
    /^#/ || NF == 0 { print; next }
    {
      key = $3
      form = key ~ /^[0-9a-f]+$/ ? "hex" : key ~ ascii && key !~ /#/ ? "ascii" : "OTHER"
      at = index($0, " " key) + 1
      print substr($0, 1, at - 1) "<" length(key) " " form ">" substr($0, at + length(key))
    }' "$1"
}

# as_nobody COMMAND...: as a user without privileges: user 65534, or this user if that is not root.
as_nobody() {
  if ((EUID == 0)); then
    setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all -- "$@"
  else
    "$@"
  fi
}
# A copy of the program and its plugins that every user may run, wherever the build folder is: sets $program_for_all.
# It works because plugins are found relative to the executable.
copy_for_all() {
  mkdir -p "$work/copy/lib/ntpkeygen" "$work/copy/bin"
  cp "$program" "$work/copy/bin/"
  cp -R "$plugins" "$library" "$work/copy/lib/ntpkeygen/"
  chmod -R go=u-w "$work/copy"
  program_for_all=$work/copy/bin/ntpkeygen
  if ! as_nobody test -x "$program_for_all"; then skip "other users cannot reach ${TMPDIR:-/tmp}"; fi
}

# own_mounts: runs the script again in a mount namespace of its own, where it returns. What is mounted from then on is seen
# nowhere else.
own_mounts() {
  local outer
  outer=$(readlink /proc/self/ns/mnt)
  if [[ ${NTPKEYGEN_E2E_OUTER_MOUNTS:-$outer} != "$outer" ]]; then return 0; fi
  if ((EUID != 0)); then skip 'only root can mount file systems'; fi
  if ! unshare --mount mount -t tmpfs tmpfs "$work" 2>/dev/null; then
    skip 'nothing can be mounted in a mount namespace here'
  fi
  cleanup
  NTPKEYGEN_E2E_OUTER_MOUNTS=$outer exec unshare --mount -- "$BASH" "$here/${0##*/}" "$build"
}

# A clock that stands still. needs_fixed_clock: or the script is skipped. at_second SECONDS COMMAND...: at that Unix time.
ntp_epoch=2208988800
fixed_clock=(LD_PRELOAD="$build/tests/end_to_end/fixed_clock.so")
needs_fixed_clock() {
  if sanitized; then skip 'a sanitizer has to be loaded first'; fi
  if [[ $(at_second 1000 date +%s 2>&1) != 1000 ]]; then skip "this build has no ${fixed_clock[0]#*=}"; fi
}
at_second() { env "${fixed_clock[@]}" FIXED_CLOCK="$1" "${@:2}"; }

# strace_is_possible: or the reason is in $no_strace.
strace_is_possible() {
  no_strace=''
  if sanitized; then
    no_strace='a sanitizer does not work under strace'
  elif ! command -v strace >/dev/null; then
    no_strace='strace is not installed'
  elif ! strace -o /dev/null -e trace=none true 2>/dev/null; then
    no_strace='strace may not trace here (ptrace is not allowed)'
  fi
  [[ -z $no_strace ]]
}
needs_strace() { if ! strace_is_possible; then skip "$no_strace"; fi; }
