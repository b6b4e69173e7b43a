# shellcheck shell=bash
# A TPM in software for end-to-end tests: swtpm, on loopback, with its state in the current folder. To be sourced.
#
#   if ! software_tpm_is_possible "$plugins"; then skip "$no_tpm"; fi
#   trap 'stop_tpm; ...' EXIT
#   start_tpm
#   "$program" --source "tpm2:$tcti"
#
# shellcheck disable=SC2034 # $tcti and $no_tpm are for the scripts
tpm='' tcti='' no_tpm=''

# software_tpm_is_possible PLUGIN_FOLDER: or the reason is in $no_tpm.
software_tpm_is_possible() {
  no_tpm=''
  if ! [[ -f $1/random_source-tpm2.so ]]; then
    no_tpm='this build has no plugin for a TPM'
  elif ! command -v swtpm >/dev/null || ! command -v python3 >/dev/null; then
    no_tpm='swtpm or python3 is not installed'
  fi
  [[ -z $no_tpm ]]
}

# Two ports of loopback in a row that nobody listens on, or nothing.
two_ports() {
  python3 - <<'END'
import socket
for _ in range(100):
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        try:
            two.bind(("127.0.0.1", one.getsockname()[1] + 1))
        except OSError:
            continue
        print(one.getsockname()[1])
        break
END
}

# start_tpm: its process to $tpm, its TCTI to $tcti.
start_tpm() {
  local port
  port=$(two_ports)
  mkdir tpm
  swtpm socket --tpm2 --tpmstate "dir=$PWD/tpm" --ctrl "type=tcp,port=$((port + 1)),bindaddr=127.0.0.1" \
    --server "type=tcp,port=$port,bindaddr=127.0.0.1" --flags not-need-init,startup-clear --daemon --pid "file=$PWD/tpm/pid"
  tpm=$(<tpm/pid)
  tcti=swtpm:host=127.0.0.1,port=$port
}
# How many bytes it has written so far: its answers, and its state.
tpm_wrote() { sed -n 's/^wchar: //p' "/proc/$tpm/io"; }
stop_tpm() {
  if [[ -n $tpm ]]; then kill -KILL "$tpm" 2>/dev/null || true; fi
  tpm=''
}
