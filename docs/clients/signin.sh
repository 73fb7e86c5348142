#!/bin/sh
# Signs a person in: signin.sh LOGIN. Exits with 0 (signed in), 1 (refused) or 2 (anything else). Needs socat.
set -eu
folder=$(mktemp -d)
mkfifo "$folder/to" "$folder/from"
socat - "UNIX-CONNECT:${DRAWBRIDGE_SOCKET:-/run/drawbridge/signin.sock}" <"$folder/to" >"$folder/from" &
socat=$!
exec 3>"$folder/to" 4<"$folder/from"
rm -r "$folder"
trap 'stty echo 2>/dev/null || :; kill "$socat" 2>/dev/null || :' EXIT
trap 'exit 2' INT TERM

say() { printf '%s\n' "$1" >&3; }
# The value of a field: field NAME.
field() { printf '%s\n' "${reply%% :*}" | tr ' ' '\n' | sed -n "s/^$1=//p"; }
# The next reply, behind its items.
hear() {
  while IFS= read -r reply <&4; do
    case $reply in "*"*) printf '%s\n' "${reply#*:}" >&2 ;; *) return 0 ;; esac
  done
  echo 'The daemon is not there.' >&2
  exit 2
}

hear
line="SIGNIN $(printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g') service=example"
while say "$line" && hear; do
  printf '%s\n' "${reply#* :}" >&2
  case $reply in
    ASK\ *)
      if [ "$(field echo)" = off ]; then stty -echo 2>/dev/null || :; fi
      IFS= read -r typed || exit 2
      stty echo 2>/dev/null || :
      line="$(printf '%s' "$reply" | cut -d ' ' -f 2 | tr a-z A-Z) $typed" ;;
    LATER\ *) sleep "$(field after)" ;;
    OK\ *) exit 0 ;;
    NO\ *) exit 1 ;;
    *) exit 2 ;;
  esac
done
