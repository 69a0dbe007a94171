# Sourced by the findings that need personalities of the md driver which lib/guest.sh's kernel lacks (RAID-0, linear); includes
# try.sh. Nothing is compiled: Debian's own kernel runs in qemu, without KVM, from packages in the temporary folder.
#
#   blank SIZE NAME...       makes blank image files in the temporary folder
#   machine NAME... <<'JOB'  boots over these images (/dev/vdb, /dev/vdc, ... in this order), runs the job in busybox's shell with
#                            mdadm and the md modules loaded, and prints what the job prints
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

blank() { local size=$1 name; shift; for name in "$@"; do rm -f "$work/$name"; truncate -s "$size" "$work/$name"; done; }

prepare_machine() {
  need mdadm=4.2-5 busybox-static linux-image-6.1.0-57-amd64=6.1.192-3 qemu-system-x86 qemu-system-common qemu-system-data \
    seabios ipxe-qemu libbrlapi0.8 libcacard0 libcapstone4 libepoxy0 libexecs0 libfdt1 liborc-0.4-0 \
    libgstreamer-plugins-base1.0-0 libopus0 libslirp0 libsndio7.0 libspice-server1 libusb-1.0-0 libusbredirparser1 libvdeplug2
  local root=$work/initrd modules=$work/tools/lib/modules/6.1.0-57-amd64/kernel library applet module
  mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,mods}
  cp "$work/tools/bin/busybox" "$root/bin/"
  for applet in sh mount dd sha256sum insmod grep sleep cat echo poweroff blockdev tr cut sync; do ln -s busybox "$root/bin/$applet"; done
  cp "$work/tools/sbin/mdadm" "$root/bin/"
  ldd "$work/tools/sbin/mdadm" | awk '/=> \//{print $3} $1 ~ /ld-linux/{print $1}' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"; cp "$library" "$root$library"
  done
  for module in virtio/virtio_ring virtio/virtio virtio/virtio_pci_legacy_dev virtio/virtio_pci_modern_dev virtio/virtio_pci \
    block/virtio_blk md/md-mod md/linear md/raid0 md/raid1 md/raid10; do
    cp "$modules/drivers/$module.ko" "$root/mods/"
  done
  cat >"$root/init" <<'INIT'
#!/bin/sh
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk md-mod linear raid0 raid1 raid10; do
  insmod /mods/$module.ko
done
sleep 0.5
dd if=/dev/vda bs=1k count=16 2>/dev/null | tr -d '\000' >/job
echo BEGIN-OF-JOB
sh /job 2>&1
echo END-OF-JOB
sync
poweroff -f
INIT
  chmod +x "$root/init"
  (cd "$root" && find . | "$root/bin/busybox" cpio -o -H newc 2>/dev/null | gzip -1) >"$work/initrd.gz"
}

machine() {
  [ -e "$work/initrd.gz" ] || cannot "call prepare_machine first"
  cat >"$work/job"
  truncate -s 16K "$work/job"
  local drives=(-drive "file=$work/job,format=raw,if=virtio") name
  for name in "$@"; do drives+=(-drive "file=$work/$name,format=raw,if=virtio"); done
  timeout 300 qemu-system-x86_64 -L "$work/tools/usr/share/qemu" -L "$work/tools/usr/share/seabios" -machine pc,accel=tcg \
    -cpu max -m 512 -nographic -no-reboot -nic none -kernel "$work/tools/boot/vmlinuz-6.1.0-57-amd64" -initrd "$work/initrd.gz" \
    -append "console=ttyS0 quiet panic=-1 rdinit=/init" "${drives[@]}" </dev/null 2>&1 | tr -d '\r' >"$work/console"
  grep -q END-OF-JOB "$work/console" || { tail -5 "$work/console" >&2; cannot "the machine did not run the job"; }
  sed -n '/BEGIN-OF-JOB/,/END-OF-JOB/p' "$work/console" | grep -v -e BEGIN-OF-JOB -e END-OF-JOB
}
