# shellcheck shell=bash
# Real NTP servers and clients for end-to-end tests, run from packages that tests/peers/fetch unpacked aside.
# To be sourced. A whole test (exit status 77 is what ctest's SKIP_RETURN_CODE is set to):
#
#   #!/usr/bin/env bash
#   set -euo pipefail
#   here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
#   source "$here/peers/lib.bash"
#   peers_enter "$1" 'ntpsec chrony classic?' "$0" "$@" # "?": optional. Below, we are in a network namespace of our own
#   "$ntpkeygen" ... >"$peers_tmp/keys"                 # $peers_tmp is removed at exit
#   peers_start ntpsec "$peers_tmp/keys" 1 20           # keys file, trusted ids or ranges (1-20); waits until ready
#   peers_client ntpdig "$peers_tmp/keys" 20            # 0: authenticated
#   peers_flip_bit "$peers_tmp/keys" 20 "$peers_tmp/bad"
#   peers_refuses ntpdig "$peers_tmp/bad" 20            # 0: it asked with a MAC, and got no authentic answer
#   peers_stop
#   if peers_have classic; then ...; fi
#
# What holds for everything here:
# - Nothing runs outside a network namespace that was made for the test. Port 123 there is nobody else's, and no packet
#   leaves it: loopback is all it has.
# - CAP_SYS_TIME is gone from the bounding set: a server that wanted to set the clock could not.
# - Waiting has a deadline of PEERS_DEADLINE seconds (30), to be raised on a slow machine. A server tells nobody that it has
#   time to give (an ntpd has it a second behind its last line in any log): it is asked again and again.
# - Processes are ended by their id, and die with the shell that started them, even if that is killed. (So peers_start
#   is not called in a subshell; clients may be, several at a time.)
#
# Set by the caller if wanted: PEERS_DEADLINE; PEERS_EXTRA_CONF, more lines for a server's configuration;
# PEERS_CLIENT_SECONDS (3), how long a client waits for an answer; PEERS_CHRONYD_VERSION (version 4), what chronyd as a
# client is told of the packets' version, may be empty; PEERS_KEEP=1 leaves the temp folder with all logs.
# Set here: peers_dir, peers_tmp, peers_server, peers_pid, peers_log (the server's), peers_client_log (of the last
# client). Functions return non-zero after they said why on stderr; none relies on `set -e`.

peers_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peers_dir=''
peers_tmp=''
peers_server=''
peers_pid=''
peers_log=''
peers_client_log=''
declare -a peers_cmd=()
# Whatever is started with this, the kernel ends together with the process that started it: when a test is killed, no
# trap runs.
declare -ra peers_leash=(setpriv --pdeathsig KILL --)

peers_say() { printf 'peers: %s\n' "$*" >&2; }

# For a reason that is not the tested program's fault.
peers_skip() {
  printf 'skipped: %s\n' "$*" >&2
  exit 77
}

# To be called before peers_enter by a test that runs ntpkeygen: in the user namespace that everybody else gets there, the
# folders of root belong to nobody, and the program refuses plugins below such folders.
peers_need_root() {
  if ((EUID != 0)); then
    peers_skip 'only root can run this: in the namespace that other users get, ntpkeygen trusts no folder'
  fi
}

# ---- programs that lie aside -----------------------------------------------------------------------------------------

# peers_command ROOT PROGRAM [ARG...]: fills the array peers_cmd with what runs a program from the unpacked ROOT. The
# paths are handed to that program alone: set in the shell they would reach every tool that a test calls, and
# libraries of another Debian release can break those. The array begins with env, which execs: after a start in the
# background $! is the program's own process id.
peers_command() {
  local root=$1 program=$1/$2 dir libs='' first=''
  shift 2
  for dir in "$root"/usr/lib/*-linux-gnu* "$root"/lib/*-linux-gnu* "$root"/usr/lib "$root"/lib; do
    if [[ -d $dir ]]; then libs+=${libs:+:}$dir; fi
  done
  peers_cmd=(env "LD_LIBRARY_PATH=$libs" "PYTHONPATH=$root/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1)
  # A script's first line names the interpreter of an installed system. Where Debian's python3 is not installed it was
  # unpacked with the rest. A python3 from PATH will not do: it may be another version than the modules were made for.
  # (A compiled program's first line holds NUL bytes, which bash drops with a warning.)
  if [[ -r $program ]]; then IFS= read -r first 2>/dev/null <"$program" || true; fi
  if [[ $first == '#!'*python3* ]]; then
    if [[ -x $root/usr/bin/python3 ]]; then
      peers_cmd+=("$root/usr/bin/python3")
    else
      peers_cmd+=(/usr/bin/python3)
    fi
  fi
  peers_cmd+=("$program" "$@")
}

# peers_run ROOT PROGRAM [ARG...]: the same, run in the foreground.
peers_run() {
  local -a peers_cmd
  peers_command "$@"
  "${peers_cmd[@]}"
}

# peers_have PEER: was it fetched?
peers_have() { [[ -e $peers_dir/$1/stamp ]]; }

# ---- a network namespace of our own ----------------------------------------------------------------------------------

# The mark is the process id (exec keeps it) and the namespace we came from. A mark that some parent process exported
# can therefore never make the machine's own namespace pass for a private one.
peers_inside() {
  [[ ${PEERS_NAMESPACE:-} == "$$ "* && ${PEERS_NAMESPACE#* } != "$(readlink /proc/self/ns/net)" ]]
}

# peers_enter DIR 'PEER...' SCRIPT [ARG...]: fetches the peers into DIR (a name with "?" is optional), then runs SCRIPT
# again, with its arguments, in a new network namespace; there it returns. Skips the test where that cannot be had.
peers_enter() {
  local wanted=$2 script=$3 outer tool peer
  local -a words namespace drop
  mkdir -p "$1" || return 1
  peers_dir=$(cd "$1" && pwd)
  shift 3
  if peers_inside; then
    peers_begin
    return
  fi

  read -ra words <<<"$wanted"
  for peer in "${words[@]}"; do
    if ! "$peers_here/fetch" "$peers_dir" "${peer%\?}" && [[ $peer != *\? ]]; then
      peers_skip "this test needs $peer, which is not to be had here"
    fi
  done
  for tool in unshare setpriv; do
    if ! command -v "$tool" >/dev/null; then peers_skip "the tool $tool is missing (Debian's package util-linux)"; fi
  done
  if ! peers_find_ip; then peers_skip "the tool ip is missing (Debian's package iproute2)"; fi
  namespace=(unshare --net)
  # Somebody else than root needs a user namespace as well, in which they may do this.
  if ((EUID != 0)); then namespace=(unshare --map-root-user --net); fi
  drop=(setpriv --bounding-set=-sys_time --inh-caps=-sys_time)
  if ! "${namespace[@]}" -- "${drop[@]}" -- true 2>/dev/null; then
    peers_skip 'this machine does not let us make a network namespace, and the servers run nowhere else'
  fi
  outer=$(readlink /proc/self/ns/net)
  PEERS_NAMESPACE="$$ $outer" exec "${namespace[@]}" -- "${drop[@]}" -- "$BASH" "$script" "$@"
}

# Fills peers_cmd with an ip that runs: the machine's, or the one that came with chrony, which depends on it.
peers_find_ip() {
  local ip root
  if ip=$(command -v ip); then
    peers_cmd=("$ip")
    return
  fi
  for root in "$peers_dir"/*; do
    for ip in sbin/ip usr/sbin/ip bin/ip usr/bin/ip; do
      if [[ -f $root/$ip && -x $root/$ip ]]; then
        peers_command "$root" "$ip"
        return
      fi
    done
  done
  return 1
}

# What remains of peers_enter on the inside.
peers_begin() {
  local status
  # Read as a whole: between two reads of a line each, its numbers may grow.
  status=$(</proc/self/status)
  if ! [[ $status =~ CapEff:[[:space:]]*([0-9a-f]+) ]]; then
    peers_say 'this process cannot see its own capabilities'
    return 1
  fi
  # Bit 25 is CAP_SYS_TIME. Root of a user namespace may have it: it is worth nothing outside that namespace.
  if (((16#${BASH_REMATCH[1]} >> 25) & 1)); then
    peers_say 'CAP_SYS_TIME was not dropped; no server is started with it'
    return 1
  fi
  if ! peers_find_ip || ! "${peers_cmd[@]}" link set lo up; then
    peers_say 'the loopback interface cannot be brought up'
    return 1
  fi
  peers_tmp=$(mktemp -d "${TMPDIR:-/tmp}/peers.XXXXXX") || return 1
  # A script with an EXIT trap of its own calls peers_end from there.
  trap peers_end EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

peers_end() {
  if [[ -n $peers_pid ]]; then peers_stop || true; fi
  if [[ ${PEERS_KEEP:-} == 1 ]]; then
    peers_say "logs are left in $peers_tmp"
  elif [[ -n $peers_tmp ]]; then
    rm -rf "$peers_tmp"
  fi
}

# ---- servers ---------------------------------------------------------------------------------------------------------

# peers_ask: sends one plain request to the server and prints the answer's stratum and root dispersion (in 1/65536 s);
# 1 if there was none within a second. Nothing but bash and coreutils, for it must work where no other client does.
peers_ask() {
  local fd answer zeros
  local -r stamp='0102030405060708'
  printf -v zeros '\\0%.0s' {1..39}
  { exec {fd}<>/dev/udp/127.0.0.1/123; } 2>/dev/null || return 1
  # Leap 0, version 4, mode 3; the transmit time stamp comes back as the origin time stamp of the answer to just this.
  # shellcheck disable=SC2059 # the zeros are escapes: no variable can hold them as bytes
  if ! { printf "\\x23$zeros\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08" >&"$fd"; } 2>/dev/null; then
    exec {fd}>&-
    return 1
  fi
  answer=$(timeout 1 dd bs=2048 count=1 <&"$fd" 2>/dev/null | od -An -v -tx1 | tr -d ' \n') || true
  exec {fd}>&-
  if ((${#answer} < 96)) || [[ ${answer:48:16} != "$stamp" ]]; then return 1; fi
  printf '%d %d\n' "$((16#${answer:2:2}))" "$((16#${answer:16:8}))"
}

# The server answers as one that clients take time from. A server says it is unsynchronised (stratum 0 or 16) in its
# first seconds, and one with a large root dispersion is refused by chrony's client.
peers_ready() {
  local answer stratum dispersion
  answer=$(peers_ask) || return 1
  read -r stratum dispersion <<<"$answer"
  ((stratum >= 1 && stratum <= 15 && dispersion < 65536))
}

# peers_still_ready: after some exchange; on a busy machine it may take more than one request to see that.
peers_still_ready() {
  local deadline=$((SECONDS + ${PEERS_DEADLINE:-30}))
  until peers_ready; do
    if ((SECONDS >= deadline)) || ! peers_alive "$peers_pid"; then
      peers_say "the server $peers_server answers nobody (last answer: $(peers_ask || echo none)): its silence proves nothing"
      return 1
    fi
  done
}

# peers_start SERVER KEYS [ID|FIRST-LAST...]: runs ntpsec, classic or chrony with this keys file and these trusted ids
# (chrony trusts all it has loaded) on 127.0.0.1, port 123, and returns once it is ready.
peers_start() {
  local server=$1 keys=$2 program conf deadline i
  local -a trusted
  shift 2
  if ! peers_inside; then
    peers_say 'servers are started only after peers_enter'
    return 1
  fi
  if [[ -n $peers_pid ]]; then
    peers_say "$peers_server still runs; one server at a time has port 123"
    return 1
  fi
  if ! peers_have "$server"; then
    peers_say "$server was not fetched"
    return 1
  fi
  keys=$(realpath "$keys") || return 1
  conf=$peers_tmp/$server.conf
  peers_log=$peers_tmp/$server.log
  : >"$peers_log"
  # A range in the ntpds' spelling.
  trusted=("$@")
  for i in "${!trusted[@]}"; do
    if [[ ${trusted[i]} == *-* ]]; then trusted[i]="(${trusted[i]%-*} ... ${trusted[i]#*-})"; fi
  done

  case $server in
    ntpsec | classic)
      program=usr/sbin/ntpd
      {
        echo 'restrict default'
        # Without it NTPsec's built-in rate limit eats the second request.
        if [[ $server == ntpsec ]]; then echo 'unrestrict default limited noquery'; fi
        printf '%s\n' 'interface ignore all' 'interface listen 127.0.0.1' 'disable ntp' \
          "statsdir $peers_tmp/" "keys $keys"
        # On one line: a second one replaces the first in Classic.
        if ((${#trusted[@]})); then echo "trustedkey ${trusted[*]}"; fi
        # A clock of its own, so that it has a time to give although it may ask nobody.
        echo 'tos orphan 5 orphanwait 1'
        if [[ $server == ntpsec ]]; then
          echo 'refclock local stratum 5 minpoll 4 maxpoll 4'
        else
          printf '%s\n' 'server 127.127.1.0 minpoll 4 maxpoll 4' 'fudge 127.127.1.0 stratum 5'
        fi
      } >"$conf"
      set -- -n -c "$conf" -l "$peers_log"
      ;;
    chrony)
      program=usr/sbin/chronyd
      # -x never controls the clock; bindcmdaddress / makes no command socket.
      printf '%s\n' 'port 123' 'bindaddress 127.0.0.1' 'cmdport 0' 'bindcmdaddress /' 'allow 127.0.0.0/8' \
        'local stratum 8' "keyfile $keys" "pidfile $peers_tmp/chronyd.pid" >"$conf"
      set -- -x -d -u root -f "$conf" -l "$peers_log"
      ;;
    *)
      peers_say "no server is called $server"
      return 1
      ;;
  esac
  if [[ -n ${PEERS_EXTRA_CONF:-} ]]; then printf '%s\n' "$PEERS_EXTRA_CONF" >>"$conf"; fi

  peers_command "$peers_dir/$server" "$program" "$@"
  "${peers_leash[@]}" "${peers_cmd[@]}" >>"$peers_log" 2>&1 </dev/null &
  peers_pid=$!
  peers_server=$server
  deadline=$((SECONDS + ${PEERS_DEADLINE:-30}))
  until peers_ready; do
    if ! kill -0 "$peers_pid" 2>/dev/null; then
      peers_say "$server ended at its start; its log:"
      tail -n 20 "$peers_log" >&2
      peers_forget
      return 1
    fi
    if ((SECONDS >= deadline)); then
      peers_say "$server is not ready after ${PEERS_DEADLINE:-30} s (last answer: $(peers_ask || echo none)); its log:"
      tail -n 20 "$peers_log" >&2
      peers_stop
      return 1
    fi
    sleep 0.05
  done
}

# Takes a server's exit status from the shell and forgets the server.
peers_forget() {
  local status=0
  wait "$peers_pid" 2>/dev/null || status=$?
  peers_pid=''
  peers_server=''
  return "$status"
}

# peers_stop: ends the server, in the polite way first. 1 if it was no longer there: it crashed under the test.
peers_stop() {
  local server=$peers_server status=0 watch
  if [[ -z $peers_pid ]]; then
    peers_say 'there is no server to stop'
    return 1
  fi
  if ! kill -TERM "$peers_pid" 2>/dev/null; then
    peers_forget || peers_say "$server had ended before it was stopped (status $?); its log:"
    tail -n 20 "$peers_log" >&2
    return 1
  fi
  # Who reads from it ends with this shell, too, and kills only when the time is over (a status above 128).
  exec {watch}> >(read -r -t "${PEERS_DEADLINE:-30}" || (($? <= 128)) || kill -KILL "$peers_pid")
  peers_forget || status=$?
  exec {watch}>&-
  if ((status == 128 + 9)); then
    peers_say "$server did not end when it was asked to; it was killed"
    return 1
  fi
}

# peers_alive PID: it is there and no zombie, which is still there for kill -0 until it is waited for.
peers_alive() {
  local name value
  while read -r name value; do
    if [[ $name == State: ]]; then
      [[ $value != Z* && $value != X* ]]
      return
    fi
  done 2>/dev/null <"/proc/$1/status"
  return 1
}

# ---- clients ---------------------------------------------------------------------------------------------------------

# peers_client CLIENT KEYS ID: does ntpdig, chronyd or sntp get an authenticated answer from the server with this key?
#   0  yes: the answer bore a MAC that the client verified with it
#   1  no: it sent its request with a MAC, and no authentic answer came
#   2  it never asked with a MAC (key not loaded, program broken): neither a yes nor a proof of a no
# The programs' own exit statuses cannot tell: sntp ends with 0 in each case, ntpdig also when it sent no MAC.
peers_client() {
  local client=$1 keys=$2 id=$3 status=0 root program
  local -r seconds=${PEERS_CLIENT_SECONDS:-3}
  local -a peers_cmd
  case $client in
    ntpdig) root=$peers_dir/ntpsec program=usr/bin/ntpdig ;;
    chronyd) root=$peers_dir/chrony program=usr/sbin/chronyd ;;
    sntp) root=$peers_dir/classic program=usr/bin/sntp ;;
    *)
      peers_say "no client is called $client"
      return 2
      ;;
  esac
  if ! peers_inside; then
    peers_say 'clients are started only after peers_enter'
    return 2
  fi
  keys=$(realpath "$keys") || return 2
  peers_client_log=$(mktemp "$peers_tmp/$client.XXXXXX.log") || return 2
  case $client in
    ntpdig) set -- -d -a "$id" -k "$keys" -t "$seconds" 127.0.0.1 ;;
    chronyd)
      set -- -Q -x -u root -t "$((seconds + ${PEERS_DEADLINE:-30}))" \
        "server 127.0.0.1 key $id iburst maxsamples 1 minpoll 0 ${PEERS_CHRONYD_VERSION-version 4}" \
        "keyfile $keys" 'cmdport 0' "pidfile $peers_client_log.pid"
      ;;
    # Its list of servers that sent a kiss of death is not to be the machine's.
    sntp) set -- -d -K "$peers_client_log.kod" -a "$id" -k "$keys" -t "$seconds" 127.0.0.1 ;;
  esac
  peers_command "$root" "$program" "$@"
  "${peers_leash[@]}" timeout --foreground -k 5 "$((seconds * 4 + ${PEERS_DEADLINE:-30}))" "${peers_leash[@]}" "${peers_cmd[@]}" \
    >"$peers_client_log" 2>&1 </dev/null || status=$?

  # What each prints once it has sent a request with a MAC; and once it has verified the answer's.
  case $client in
    ntpdig)
      if ((status == 0)) &&
        grep -q '^ntpdig: MAC verification on reply from 127\.0\.0\.1 succeeded' "$peers_client_log"; then
        return 0
      fi
      if ((status == 1)) && grep -Eq "^ntpdig: authenticating with .+ key $id\$" "$peers_client_log"; then return 1; fi
      ;;
    chronyd)
      if grep -Eq '(^| )Key .*is missing' "$peers_client_log"; then
        :
      elif ((status == 0)) && grep -q 'System clock wrong by' "$peers_client_log"; then
        return 0
      elif ((status == 1)) && grep -q 'No suitable source for synchronisation' "$peers_client_log"; then
        return 1
      fi
      ;;
    sntp)
      if grep -q "authenticated using key id $id\\." "$peers_client_log"; then return 0; fi
      # sntp 4.2.8p15 cannot make a CMAC: it sends its request bare.
      if ((status <= 1)) && grep -Eq 'generate_pkt: mac_size is [1-9]' "$peers_client_log"; then return 1; fi
      ;;
  esac
  peers_say "$client did not ask with key $id of $keys (its status: $status); it said:"
  tail -n 20 "$peers_client_log" >&2
  return 2
}

# peers_refuses CLIENT KEYS ID: the proof of a negative. 0 only if the client asked with a MAC and got no authentic
# answer from a server that was alive and well afterwards.
peers_refuses() {
  local status=0
  peers_client "$@" || status=$?
  case $status in
    0)
      peers_say "$1 got an authenticated answer with key $3 of $2"
      return 1
      ;;
    1) ;;
    *) return 1 ;;
  esac
  peers_still_ready
}

# peers_flip_bit KEYS ID OUT: copies a keys file with one bit of the key ID changed, in any dialect's spelling: the last
# character of its third field, or of its second where there are but two.
peers_flip_bit() {
  local keys=$1 id=$2 out=$3 line key last code flipped found=0
  local LC_ALL=C
  local -r hex=0123456789abcdef
  while IFS= read -r line || [[ -n $line ]]; do
    if [[ $line =~ ^([[:space:]]*"$id"([[:space:]]+[^[:space:]]+)?[[:space:]]+)([^[:space:]#]+)(.*)$ ]]; then
      key=${BASH_REMATCH[3]}
      last=${key: -1}
      if [[ ($key == HEX:* || ${#key} -gt 20) && $last == [0-9A-Fa-f] ]]; then
        flipped=${hex:$((16#$last ^ 1)):1}
      else
        printf -v code '%d' "'$last"
        # Not into a character that would end the key.
        case $((code ^ 1)) in
          32 | 35 | 127) code=$((code ^ 2)) ;;
          *) code=$((code ^ 1)) ;;
        esac
        printf -v code '%03o' "$code"
        # shellcheck disable=SC2059 # an escape is to be made into its character
        printf -v flipped "\\$code"
      fi
      line=${BASH_REMATCH[1]}${key%?}$flipped${BASH_REMATCH[4]}
      found=1
    fi
    printf '%s\n' "$line"
  done <"$keys" >"$out" || return 1
  if ((!found)); then
    peers_say "there is no key $id in $keys"
    return 1
  fi
}
