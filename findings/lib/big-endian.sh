# Sourced by findings about metadata 0.90 of big-endian machines, after lib/guest.sh.
#
#   need_big_endian_mdadm      unpacks mdadm 4.2-5 for s390x, a big-endian machine, and a user-mode emulator for it
#   big_endian_mdadm ARGUMENT  runs it
#   to_big_endian IMAGE...     makes of each superblock (and bitmap) of 0.90 what a big-endian machine writes: every word turned, the
#                              64-bit counts as a whole, the bitmap as it is but for the array's UUID, which is a copy of those words.
#                              What comes out is right by the big-endian mdadm, which each finding checks first.
need_big_endian_mdadm() {
  command -v python3 >/dev/null || cannot "no python3"
  need qemu-user-static
  mkdir -p "$work/s390x/state/lists/partial" "$work/s390x/cache/archives/partial" "$work/s390x/root"
  touch "$work/s390x/status"
  printf '%s\n' 'APT::Architecture "s390x"; APT::Architectures {"s390x";};' "Dir::State \"$work/s390x/state\";" \
    "Dir::Cache \"$work/s390x/cache\"; Dir::State::status \"$work/s390x/status\";" >"$work/s390x/apt.conf"
  (cd "$work/s390x" && apt-get -c apt.conf update -qq && apt-get -c apt.conf download -qq mdadm=4.2-5 libc6 libudev1 libcap2 &&
    for package in ./*.deb; do dpkg -x "$package" root; done) >/dev/null 2>&1 || cannot "mdadm for s390x can't be had"
}

big_endian_mdadm() { env -u LD_LIBRARY_PATH qemu-s390x-static -L "$work/s390x/root" "$work/s390x/root/sbin/mdadm" "$@"; }

to_big_endian() {
  local image
  for image in "$@"; do
    python3 - "$work/$image" <<'PY'
import sys
f = open(sys.argv[1], 'r+b'); at = f.seek(0, 2) // 65536 * 65536 - 65536
f.seek(at); ours = f.read(4096 + 256); theirs = bytearray(ours)
for i in range(0, 4096, 4): theirs[i:i + 4] = ours[i:i + 4][::-1]
for i in (156, 164, 176): theirs[i:i + 8] = ours[i:i + 8][::-1]
if ours[4096:4100] == b'bitm':
    for i in range(4104, 4120, 4): theirs[i:i + 4] = ours[i:i + 4][::-1]
f.seek(at); f.write(theirs)
PY
  done
}

# field NAME: what stands behind the name in a text of mdadm --examine
field() { sed -n "s/^ *$1 : //p" | head -1; }
