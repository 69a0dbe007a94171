#!/usr/bin/env bash
# An image whose size is no multiple of 512 has two sizes over NBD: nbdkit serves it as it is, qemu-nbd rounds its size up, with
# zeros behind the end. A client that writes there makes the file longer, so that afterwards its size is another one everywhere.
#
# Seen: qemu-utils 7.2, nbdkit 1.32.5, libnbd-bin 1.14.2.
# Why it matters: what lies at a fixed distance from the end of a disk (md superblocks 0.90 and 1.0, the second GPT) is looked for
# elsewhere by another server, and by the same server after such a write.
. "$(dirname "$0")/lib/try.sh"
for program in qemu-nbd qemu-io nbdkit nbdinfo; do
  command -v $program >/dev/null || cannot "apt-get install qemu-utils nbdkit libnbd-bin"
done
cd "$work" || exit 2
truncate -s 1000003 image
serve() { # serve SOCKET COMMAND...
  "${@:2}" >/dev/null 2>&1 &
  on_exit "kill $!"
  for _ in $(seq 100); do nbdinfo --size "nbd+unix:///?socket=$1" >/dev/null 2>&1 && return; sleep 0.1; done
  cannot "$2 does not start"
}
size() { nbdinfo --size "nbd+unix:///?socket=$1"; }
serve "$work/q" qemu-nbd -f raw -t -k "$work/q" image
serve "$work/n" nbdkit -f -U "$work/n" file image
same "bytes of the file" "$(stat -c %s image)" 1000003
same "bytes by nbdkit" "$(size "$work/n")" 1000003
same "bytes by qemu-nbd" "$(size "$work/q")" 1000448
qemu-io -f raw -c 'write -P 7 999936 512' "nbd+unix:///?socket=$work/q" >/dev/null || cannot "qemu-io can't write"
same "bytes of the file after a write of the last sector through qemu-nbd" "$(stat -c %s image)" 1000448
verdict
