#!/usr/bin/env bash
# nbdkit that gets SIGTERM does not end while a client is connected that asks for nothing. It ends when that client sends its next
# request, and answers the request with ESHUTDOWN ("Cannot send after transport endpoint shutdown"), which is no I/O error.
# qemu-nbd closes such a connection and ends at once.
#
# Seen: nbdkit 1.32.5, qemu-utils 7.2, libnbd-bin 1.14.2.
# Why it matters: a service manager that restarts the server waits for a client that is at rest, until it kills the server; and a
# client that takes ESHUTDOWN for a failed block gives up a disk that a new connection would serve.
. "$(dirname "$0")/lib/try.sh"
for program in qemu-nbd qemu-io nbdkit nbdinfo; do
  command -v $program >/dev/null || cannot "apt-get install qemu-utils nbdkit libnbd-bin"
done
cd "$work" || exit 2
truncate -s 1M image
serve() { # serve SOCKET COMMAND...: the number of the process is in $server
  "${@:2}" >/dev/null 2>&1 &
  server=$!
  on_exit "kill -9 $server"
  for _ in $(seq 100); do nbdinfo --size "nbd+unix:///?socket=$1" >/dev/null 2>&1 && return; sleep 0.1; done
  cannot "$2 does not start"
}
# asked_to_end SOCKET: whether the server lives 3 s after SIGTERM, with a client at rest for 6 s; the client's words are in answer
asked_to_end() {
  qemu-io -r -f raw -c 'sleep 6000' -c 'read 0 512' "nbd+unix:///?socket=$1" >answer 2>&1 &
  local client=$!
  sleep 1
  kill -TERM "$server"
  sleep 3
  local state=ended
  if kill -0 "$server" 2>/dev/null && [[ $(ps -o stat= -p "$server") != Z* ]]; then state=lives; fi
  echo "$state"
  wait "$client"
}
serve "$work/n" nbdkit -f -U "$work/n" file image
same "nbdkit, 3 s after SIGTERM, its client at rest" "$(asked_to_end "$work/n")" lives
same "the client's next request" "$(cat answer)" "read failed: Cannot send after transport endpoint shutdown"
sleep 1
ended=no; [ ! -e "/proc/$server" ] || [[ $(ps -o stat= -p "$server") == Z* ]] && ended=yes
same "nbdkit has ended after that" "$ended" yes
serve "$work/q" qemu-nbd -f raw -t -k "$work/q" image
same "qemu-nbd, 3 s after SIGTERM, its client at rest" "$(asked_to_end "$work/q")" ended
verdict
