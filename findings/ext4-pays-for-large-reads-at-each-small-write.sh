#!/usr/bin/env bash
# On ext4 a write of 4 KiB costs several times the processor time if a large sequential read went over the file before: the reader
# leaves units of up to 2 MiB in the page cache (large folios, which ext4 has since Linux 6.16), and each small write walks all blocks
# of the unit that it falls into. Dropping the cached copy makes the same writes cheap again. The guess was that a write into cached
# content is never dearer than one into content that is not cached.
#
# Seen: Linux 6.18, ext4, fio 3.33, processor time of the kernel for a write: 63 µs after `dd bs=1M` has read the file, 5 µs after its
# pages were dropped; 13 and 3 µs on a machine with less to do.
# Why it matters: an image of a disk that was just copied, checksummed or scrubbed takes random writes at the highest price.
. "$(dirname "$0")/lib/try.sh"
[ "$(stat -f -c %T "$work")" = ext2/ext3 ] && grep -q "^[^ ]* $(stat -c %m "$work") ext4 " /proc/mounts ||
  cannot "the temporary folder is not on ext4"
need fio=3.33-3 libaio1 libibverbs1 librdmacm1 libnuma1 libpmem1 libpmemblk1 libnl-3-200 libnl-route-3-200 librados2 librbd1 libglusterfs0 \
  libgfapi0 libgfrpc0 libgfxdr0 libdaxctl1 libndctl6 libnfs13 libcurl3-gnutls
cd "$work" || exit 2
dd if=/dev/zero of=image bs=1M count=256 conv=fsync status=none
drop() { sync image; dd if=image iflag=nocache count=0 status=none; }
# write_cost: nanoseconds of processor time for each of 20,000 random writes of 4 KiB into the page cache
write_cost() {
  fio --name=w --filename=image --rw=randwrite --bs=4k --size=256M --number_ios=20000 --norandommap --ioengine=psync \
    --invalidate=0 --fadvise_hint=0 --output-format=json >out.json 2>/dev/null || cannot "fio does not run"
  sed -n '/"write" :/,/"trim" :/p' out.json >write.json
  local run ios cpu
  run=$(grep -m1 '"job_runtime"' out.json | tr -dc 0-9)
  ios=$(grep -m1 '"total_ios"' write.json | tr -dc 0-9)
  cpu=$(grep -m1 '"sys_cpu"' out.json | tr -dc 0-9.)
  awk -v run="$run" -v ios="$ios" -v cpu="$cpu" 'BEGIN { printf "%d", run * 1e6 * cpu / 100 / ios }'
}
drop; dd if=image of=/dev/null bs=1M status=none
read_before=$(write_cost)
drop
dropped_before=$(write_cost)
echo "a write costs $read_before ns after a large read, $dropped_before ns after the pages were dropped"
same "more than twice the processor time after a large read" "$((read_before > 2 * dropped_before))" 1
verdict
