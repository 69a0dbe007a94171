#!/usr/bin/env bash
# qemu-nbd offers trim, answers every trim with success, and keeps the bytes: its default is --discard=ignore. A client can't see
# the difference. nbdkit's file plugin punches a hole. "Write zeroes" makes zeros with both.
#
# Seen: qemu-utils 7.2, nbdkit 1.32.5, libnbd-bin 1.14.2.
# Why it matters: a program that takes a trimmed range for zeros, as with a disk that says that trimmed blocks read as zeros, computes
# wrong parity of it. Over NBD only "write zeroes" may be used for that.
. "$(dirname "$0")/lib/try.sh"
for program in qemu-nbd qemu-io nbdkit nbdinfo; do
  command -v $program >/dev/null || cannot "apt-get install qemu-utils nbdkit libnbd-bin"
done
cd "$work" || exit 2
serve() { # serve SOCKET COMMAND...
  "${@:2}" >/dev/null 2>&1 &
  on_exit "kill $!"
  for _ in $(seq 100); do nbdinfo --size "nbd+unix:///?socket=$1" >/dev/null 2>&1 && return; sleep 0.1; done
  cannot "$2 does not start"
}
# after SOCKET VERB: what is read after 64 KiB were written and VERB was carried out
after() {
  qemu-io -f raw -c 'write -P 5 0 64k' -c "$2" -c flush "nbd+unix:///?socket=$1" >answer 2>&1 || { echo "refused"; return; }
  if qemu-io -r -f raw -c 'read -P 0 0 64k' "nbd+unix:///?socket=$1" 2>&1 | grep -q "verification failed"; then
    echo "the old bytes"
  else
    echo "zeros"
  fi
}
truncate -s 1M one two
serve "$work/q" qemu-nbd -f raw -t -k "$work/q" one
serve "$work/n" nbdkit -f -U "$work/n" file two
same "qemu-nbd says that it can trim" "$(nbdinfo --can trim "nbd+unix:///?socket=$work/q" && echo yes)" yes
same "qemu-nbd, after a trim" "$(after "$work/q" 'discard 0 64k')" "the old bytes"
same "nbdkit, after a trim" "$(after "$work/n" 'discard 0 64k')" zeros
same "qemu-nbd, after write zeroes" "$(after "$work/q" 'write -z 0 64k')" zeros
same "nbdkit, after write zeroes" "$(after "$work/n" 'write -z 0 64k')" zeros
verdict
