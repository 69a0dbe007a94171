# Simulated disks for the benchmarks, to be sourced: each has one head, so a request that does not begin where the last
# one ended costs a seek. What it starts and mounts is ended when the sourcing script ends, and $work is removed, which is
# made here for the script too.
# Usage: . slow-disks.sh DIRECTORY      where $work is made
work=$(mktemp -d "$1/mdfuse-bench.XXXXXX")
mdfuse=${MDFUSE:-$PWD/dist/mdfuse/bin/mdfuse}
seek_micros=4000 kib_per_second=102400
disks=()

end_slow_disks() {
  for mount in "$work"/mnt-*; do "$mdfuse" umount "$mount" >/dev/null 2>&1 || fusermount -uz "$mount" 2>/dev/null || true; done
  for mount in "$work"/disk-*/mnt; do fusermount -uz "$mount" 2>/dev/null || true; done
  [ ${#disks[@]} = 0 ] || kill "${disks[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap end_slow_disks EXIT
trap 'exit 130' INT TERM

# slow_disk NAME MIB: serves $work/disk-NAME/mnt/slow
slow_disk() {
  mkdir -p "$work/disk-$1/mnt"
  : >"$work/disk-$1/log"
  truncate -s "$2M" "$work/disk-$1/file"
  dist/mdfuse/runtime/bin/java -Xmx64m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
    -Djffi.boot.library.path="$PWD/dist/mdfuse/lib" \
    -cp "benchmarks/target/test-classes:dist/mdfuse/lib/*" \
    io.mdfuse.bench.SlowMount "$work/disk-$1/file" "$work/disk-$1/mnt" $seek_micros $kib_per_second >"$work/disk-$1/log" 2>&1 &
  disks+=($!)
  for ((i = 0; i < 200; i++)); do grep -q ready "$work/disk-$1/log" && return; sleep 0.1; done
  cat "$work/disk-$1/log" >&2
  exit 1
}
