#!/usr/bin/env bash
# Measures, side by side: a plain file, a mount without storage (the cost of FUSE alone), and arrays of four members
# without a write journal, with one, and with one as a cache, all on files in one directory. Prints a table: MiB/s for
# sequential, IOPS for 4 KiB and 64 KiB. Other load on the machine changes the figures: compare within one table only.
# Usage: run.sh [DIRECTORY]      default: a temporary directory; SECONDS_EACH (default 3) is the time for each figure
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
mdfuse=$PWD/dist/mdfuse/bin/mdfuse
work=$(mktemp -d "${1:-/tmp}/mdfuse-bench.XXXXXX")
null_server=
cleanup() {
  for mount in "$work"/mnt-*; do
    "$mdfuse" umount "$mount" >/dev/null 2>&1 || fusermount -uz "$mount" 2>/dev/null || true
  done
  [ -z "$null_server" ] || kill "$null_server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

size_mib=384
targets=(plain null array journal writeback)
declare -A file=([plain]=$work/plain)
mkdir "$work"/mnt-{null,array,journal,writeback}

head -c ${size_mib}M /dev/zero >"$work/plain"
"$here/../maven.sh" test-compile -pl integration-tests -am
dist/mdfuse/runtime/bin/java --enable-native-access=ALL-UNNAMED -cp "integration-tests/target/test-classes:dist/mdfuse/lib/*" \
  io.mdfuse.bench.NullMount $((size_mib << 20)) "$work/mnt-null" >"$work/null.log" 2>&1 &
null_server=$!
for ((i = 0; i < 100; i++)); do grep -q ready "$work/null.log" && break; sleep 0.1; done
for kind in array journal writeback; do
  mkdir "$work/$kind"
  members=("$work/$kind"/disk{0,1,2,3}.img)
  journal=()
  mode=()
  if [ $kind = writeback ]; then mode=(--journal-mode write-back); fi
  if [ $kind != array ]; then journal=("$work/$kind/journal.img"); truncate -s 256M "${journal[0]}"; fi
  truncate -s $((size_mib / 3 + 32))M "${members[@]}"
  "$mdfuse" create --level 5 --raid-devices 4 --chunk 64K ${journal:+--write-journal "${journal[0]}"} "${members[@]}" >/dev/null
  "$mdfuse" mount "${mode[@]}" "${members[@]}" "${journal[@]}" "$work/mnt-$kind" >/dev/null
done
for target in null array journal writeback; do file[$target]=$(ls -d "$work/mnt-$target"/*); done
# Every member is written once, so that no figure includes the allocation of new blocks by the file system.
for target in array journal writeback; do
  dd if=/dev/zero of="${file[$target]}" bs=1M conv=notrunc,fsync status=none count=$size_mib 2>/dev/null || true
done

# measure TARGET FIO-OPTIONS: prints MiB/s and IOPS, read and write added up
measure() {
  local target=$1
  shift
  fio --name=b --filename="${file[$target]}" --size=$((size_mib - 32))M --ioengine=libaio --time_based \
    --runtime="${SECONDS_EACH:-3}" --minimal --terse-version=3 "$@" |
    awk -F';' '{ printf "%d %d\n", ($7 + $48) / 1024, $8 + $49 }'
}

row() {
  local name=$1 unit=$2 target mib iops
  shift 2
  declare -A figure
  for target in "${targets[@]}"; do
    read -r mib iops < <(measure "$target" "$@")
    if [ "$unit" = MiB/s ]; then figure[$target]=$mib; else figure[$target]=$iops; fi
  done
  awk -v name="$name" -v unit="$unit" -v p="${figure[plain]}" -v n="${figure[null]}" -v a="${figure[array]}" -v j="${figure[journal]}" -v w="${figure[writeback]}" \
    'function of(x, y) { return y ? sprintf("%.2f", x / y) : "-" }
     BEGIN { printf "| %-34s | %-5s | %8d | %8d | %8d | %8d | %9d | %9s | %9s | %9s |\n", name, unit, p, n, a, j, w, of(j, a), of(w, j), of(w, n) }'
}

echo "$(nproc) CPUs, $(uname -r), $(date -u +%F); array: RAID-5 of 4, chunk 64K; journal: the same with a write journal;" \
  "writeback: the journal as a cache"
printf '| %-34s | %-5s | %8s | %8s | %8s | %8s | %9s | %9s | %9s | %9s |\n' workload unit plain "null fs" array journal writeback \
  jrnl/arr wb/jrnl wb/null
echo "|---|---|---|---|---|---|---|---|---|---|"
row "sequential write 1M, page cache" MiB/s --rw=write --bs=1M
row "sequential write 1M, direct QD4" MiB/s --rw=write --bs=1M --direct=1 --iodepth=4
row "sequential write 1M, fsync each" MiB/s --rw=write --bs=1M --direct=1 --fsync=1
row "sequential read 1M, direct QD4" MiB/s --rw=read --bs=1M --direct=1 --iodepth=4
row "random write 128K, direct QD4" MiB/s --rw=randwrite --bs=128K --direct=1 --iodepth=4
row "random read 128K, direct QD4" MiB/s --rw=randread --bs=128K --direct=1 --iodepth=4
row "random write 64K, direct QD4" IOPS --rw=randwrite --bs=64K --direct=1 --iodepth=4
row "random write 64K, fsync each" IOPS --rw=randwrite --bs=64K --direct=1 --fsync=1
row "random write 4K, direct QD1" IOPS --rw=randwrite --bs=4K --direct=1
row "random write 4K, direct QD16" IOPS --rw=randwrite --bs=4K --direct=1 --iodepth=16
row "random write 4K, fsync each" IOPS --rw=randwrite --bs=4K --direct=1 --fsync=1
row "sequential write 4K, direct QD16" IOPS --rw=write --bs=4K --direct=1 --iodepth=16
row "random read 4K, direct QD1" IOPS --rw=randread --bs=4K --direct=1
row "random read 4K, direct QD16" IOPS --rw=randread --bs=4K --direct=1 --iodepth=16
dist/mdfuse/runtime/bin/java -cp "integration-tests/target/test-classes:dist/mdfuse/lib/*" io.mdfuse.bench.BigStripeTreeTiming
