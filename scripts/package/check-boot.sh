# Sourced by check-package.sh: boots the root directory in qemu, with the package installed, from a copy in an ext4 image.
#
#   /dev/vdb to /dev/vde   the array tank, in /etc/fstab by its name; a file system in its file is mounted on /srv by the
#                          next line
#   /images                the array box, of mdfuse@box.service
#
# The first boot looks at what was mounted, stops and starts it, and powers off with everything in use; the second finds
# what the first wrote.

# A hypervisor that is a guest itself may refuse the register of the feature that is left out for KVM. Without KVM the
# processor is emulated, and has no AVX: Java would make AVX code, whose emulation is slow.
# KVM counts only if it brings the kernel to its first line: inside of another virtual machine it may hang before.
accelerator=tcg processor=Nehalem limit=1800
kernel_starts() {
  { timeout 30 qemu-system-x86_64 -machine pc,accel=kvm -cpu max,-arch-capabilities -m 512 -nographic -no-reboot -nic none \
    -kernel "$(echo "$root"/boot/vmlinuz-*)" -append "console=ttyS0 panic=-1" </dev/null 2>&1 || true
  } | grep -a "Linux version" >/dev/null
}
if [ -w /dev/kvm ] && kernel_starts; then accelerator=kvm processor=max,-arch-capabilities limit=600; fi
mdfuse=$project/dist/mdfuse/bin/mdfuse
quietly chroot "$root" dpkg -i /root/mdfuse.deb

step "arrays for the machine: three disks with a journal, and images in its file system"
mkdir -p "$root"/images "$root"/mnt/{tank,box} "$root/etc/mdfuse" "$work/mnt"
quietly "$mdfuse" create --level 5 --raid-devices 3 --size 64M --write-journal "$work/tank-j.img" --name tank "$work"/tank-{a,b,c}.img
quietly "$mdfuse" mount --search "$work" tank "$work/mnt"
quietly mkfs.ext4 -q -F "$work/mnt/tank"
quietly "$mdfuse" umount "$work/mnt"
quietly "$mdfuse" create --level 5 --raid-devices 3 --size 32M --write-journal "$root/images/j.img" --name box "$root"/images/{a,b,c}.img
cat >"$root/etc/fstab" <<'FSTAB'
/dev/vda        /          ext4    defaults                                            0 1
tank            /mnt/tank  mdfuse  journal-mode=write-back,nofail,x-systemd.mount-timeout=infinity 0 0
/mnt/tank/tank  /srv       ext4    loop,nofail,x-systemd.requires-mounts-for=/mnt/tank 0 0
FSTAB
# On an emulated processor Java's second compiler would take minutes at each mount.
[ "$accelerator" = kvm ] || sed -i 's/^#*DefaultEnvironment=.*/DefaultEnvironment=MDFUSE_ASSERTIONS=1/' "$root/etc/systemd/system.conf"
cat >"$root/etc/mdfuse/box.conf" <<'CONF'
DEVICES=/images
MOUNTPOINT=/mnt/box
OPTIONS=--journal-mode write-back
CONF
quietly chroot "$root" systemctl enable mdfuse@box.service
cat >"$root/etc/systemd/system/check.service" <<'UNIT'
[Unit]
After=multi-user.target mdfuse@box.service srv.mount
[Service]
Type=oneshot
ExecStart=/bin/bash /root/check
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
[Install]
WantedBy=multi-user.target
UNIT
quietly chroot "$root" systemctl enable check.service
cat >"$root/root/check" <<'CHECK'
# Runs in the machine at each boot.
say() { echo "machine: $*"; }
bad() { say "WRONG: $*"; journalctl -b --no-pager | grep -E 'mdfuse|tank|srv|box' | tail -n 40; systemctl poweroff --no-block; exit 1; }
took() { say "$1 after $(cut -d. -f1 /proc/uptime) s"; }
clean() { [ "$(mdfuse examine "$@" | grep -c 'State : clean')" = 4 ] || bad "not clean: $*"; }
took "booted"
findmnt -t fuse.mdfuse,ext4
findmnt -n /mnt/tank >/dev/null || bad "tank was not mounted at boot"
findmnt -n /srv >/dev/null || bad "the file system in tank was not mounted at boot"
systemctl is-active -q mdfuse@box || bad "mdfuse@box did not start at boot"
if [ -e /srv/first ]; then
  cmp /srv/first /root/first && cmp /root/first <(head -c 3000000 /mnt/box/box) || bad "not what the first boot wrote"
  say "SECOND BOOT HELD"
  systemctl poweroff --no-block
  exit 0
fi
head -c 3000000 /dev/urandom >/root/first
dd if=/root/first of=/mnt/box/box conv=notrunc status=none
systemctl stop mdfuse@box || bad "mdfuse@box does not stop"
systemctl is-failed -q mdfuse@box && bad "mdfuse@box failed at its stop: $(systemctl show -p Result -p ExecMainStatus mdfuse@box)"
findmnt -n /mnt/box && bad "still mounted"
clean /images/*.img
took "systemctl stop mdfuse@box: clean"
systemctl start mdfuse@box || bad "mdfuse@box does not start again"
cmp /root/first <(head -c 3000000 /mnt/box/box) || bad "box lost what was written"
cp /root/first /srv/stopped
systemctl stop mnt-tank.mount || bad "mnt-tank.mount does not stop"
findmnt -n /srv && bad "/srv was not unmounted before its array"
clean /dev/vd[bcde]
took "systemctl stop mnt-tank.mount: clean, /srv unmounted before"
systemctl start srv.mount || bad "srv.mount does not bring its array"
cmp /root/first /srv/stopped || bad "tank lost what was written"
umount /srv && umount /mnt/tank || bad "umount by hand"
clean /dev/vd[bcde]
took "umount by hand: clean"
mount /mnt/tank && mount /srv || bad "mount by hand"
took "mounted by hand"
# The machine goes off with both arrays in use, right after a write that was not synced.
cp /root/first /srv/first
dd if=/root/first of=/mnt/box/box conv=notrunc status=none
say "FIRST BOOT HELD"
systemctl poweroff --no-block
CHECK

boot() { # boot WORDS: until the machine is off; its console must then have these words
  timeout "$limit" qemu-system-x86_64 -machine "pc,accel=$accelerator" -cpu "$processor" -smp 2 -m 1500 -nographic -no-reboot -nic none \
    -kernel "$work/vmlinuz" -initrd "$work/initrd" -append "root=/dev/vda rw console=ttyS0 quiet panic=-1" \
    -drive "file=$work/root.img,format=raw,if=virtio" \
    $(for name in a b c j; do echo "-drive file=$work/tank-$name.img,format=raw,if=virtio"; done) \
    </dev/null >"$work/console" 2>&1 || fail "the machine was not off after $limit s: $(tail -n 20 "$work/console")"
  sed -n 's/\r//g; s/^.*machine: /  /p' "$work/console"
  grep -q "$1" "$work/console" || { tail -n 60 "$work/console" >&2; fail "the machine did not say $1"; }
}
clean_images() {
  local name
  for name in a b c j; do quietly debugfs -R "dump /images/$name.img $work/box-$name.img" "$work/root.img"; done
  for name in tank box; do
    "$mdfuse" examine "$work/$name"-?.img >"$log"
    [ "$(grep -c 'State : clean' "$log")" = 4 ] || { cat "$log"; fail "$name is not clean after the machine went off"; }
    command -v mdadm >/dev/null || continue
    mdadm --examine "$work/$name"-?.img >"$log"
    [ "$(grep -c 'State : clean' "$log")" = 4 ] || { cat "$log"; fail "mdadm says that $name is not clean"; }
  done
}

step "a disk image of the root directory"
cp "$root"/boot/vmlinuz-* "$work/vmlinuz"
cp "$root"/boot/initrd.img-* "$work/initrd"
truncate -s 3G "$work/root.img"
quietly mkfs.ext4 -q -F -d "$root" "$work/root.img"
step "the first boot ($accelerator): mounted at boot, stopped and started, switched off in use"
boot "FIRST BOOT HELD"
clean_images
step "the second boot: what was written is there"
boot "SECOND BOOT HELD"
clean_images
