# shellcheck shell=bash
# A PKCS#11 token in software for end-to-end tests: SoftHSM2's, in the current folder. To be sourced.
#
#   if ! software_token_is_possible "$plugins"; then skip "$no_token"; fi
#   make_token
#   "$program" --source "pkcs11:$module"
#
# shellcheck disable=SC2034 # $module and $no_token are for the scripts
module='' no_token=''

# software_token_is_possible PLUGIN_FOLDER: the path of its library to $module, or why not to $no_token.
software_token_is_possible() {
  no_token=''
  module=$(find /usr/lib -name libsofthsm2.so 2>/dev/null | sed -n 1p)
  if ! [[ -f $1/random_source-pkcs11.so ]]; then
    no_token='this build has no plugin for PKCS#11'
  elif [[ -z $module ]] || ! command -v softhsm2-util >/dev/null; then
    no_token='SoftHSM2 is not installed'
  fi
  [[ -z $no_token ]]
}

# make_token: its configuration is in $SOFTHSM2_CONF.
make_token() {
  mkdir tokens
  echo "directories.tokendir = $PWD/tokens" >softhsm2.conf
  export SOFTHSM2_CONF=$PWD/softhsm2.conf
  softhsm2-util --init-token --free --label keys --so-pin 12345678 --pin 1234 >/dev/null
}
