# Sourced by check-package.sh: the package in a chroot.

step "apt installs the package"
quietly in_root apt-get update
file_list >"$work/before"
quietly in_root apt-get install -y /root/mdfuse.deb

step "create, mount, write, umount; the class cache is used"
cat >"$root/root/try" <<'TRY'
set -e
mkdir -p /images /mnt/array
cd /images
mdfuse create --level 5 --raid-devices 3 --size 16M --write-journal j.img --name box a.img b.img c.img
mdfuse mount j.img a.img b.img c.img /mnt/array
head -c 5000000 /dev/urandom >/root/content
dd if=/root/content of=/mnt/array/box conv=notrunc status=none
mdfuse detail /mnt/array
mdfuse umount /mnt/array
[ "$(mdfuse examine ?.img | grep -c 'State : clean')" = 4 ]
java=/usr/lib/mdfuse/runtime/bin/java
$java -XX:+UseSerialGC -XX:AOTMode=on -XX:AOTCache=/usr/lib/mdfuse/lib/mdfuse.aot --enable-native-access=ALL-UNNAMED \
  -cp '/usr/lib/mdfuse/lib/*' io.mdfuse.cli.Mdfuse --version
TRY
quietly in_root bash /root/try
step "man finds the pages, apropos too"
in_root man mdfuse-mount >"$log"
grep -q -- "--journal-mode MODE" "$log" || fail "man mdfuse-mount does not show its options"
in_root man 8 mount.mdfuse >"$log"
grep -q "first field of /etc/fstab" "$log" || fail "man mount.mdfuse does not tell of the first field"
step "man prints each page without a warning"
# shellcheck disable=SC2016
in_root bash -c 'for page in /usr/share/man/man[18]/*mdfuse*; do page=${page##*/}; man "${page%.[18].gz}" 2>&1 >/dev/null; done' >"$log"
[ ! -s "$log" ] || fail "man warns: $(head -n 3 "$log")"
step "completion is loaded in bash"
in_root bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader mdfuse; complete -p mdfuse' >"$log"
grep -q _complete_mdfuse "$log" || fail "bash-completion does not find the completion"
step "completion works in zsh"
cp "$here/package/check-zsh.zsh" "$root/tmp/"
quietly in_root zsh -f /tmp/check-zsh.zsh /usr/share/zsh/vendor-completions
step "systemd takes the unit"
quietly in_root systemd-analyze verify mdfuse@box.service

step "mount and umount by /etc/fstab, of both types, and mount -a"
cat >"$root/etc/fstab" <<'FSTAB'
/images                             /mnt/array  mdfuse       noauto,ro,user,nofail,_netdev,x-systemd.requires=network.target 0 0
/images/a.img:/images/b.img:/images/c.img:/images/j.img /mnt/list fuse.mdfuse journal-mode=write-back 0 0
FSTAB
cat >"$root/root/try" <<'TRY'
set -e
refused() { if "$@" 2>/root/error; then echo "not refused: $*"; exit 1; fi; }
mkdir -p /mnt/list
cd /images
clean() { [ "$(mdfuse examine ?.img | grep -c 'State : clean')" = 4 ]; }
before=$(sha256sum *)
mount /mnt/array
cmp -n 5000000 /root/content /mnt/array/box
umount /mnt/array
[ "$before" = "$(sha256sum *)" ] || { echo "a read-only mount changed a device"; exit 1; }
mount -a
findmnt -t fuse.mdfuse
dd if=/root/content of=/mnt/list/box bs=1M seek=8 oflag=seek_bytes conv=notrunc status=none
mount -a
[ "$(findmnt -n -t fuse.mdfuse | wc -l)" = 1 ] || { echo "mount -a mounted again"; exit 1; }
umount /mnt/list
refused pgrep -x java
clean
mount -t mdfuse -o ro box -o search=/images /mnt/array
umount /mnt/array
refused mount -t mdfuse -o bogus /images /mnt/array
[ "$(wc -l </root/error)" = 1 ] || { cat /root/error; exit 1; }
grep -q "no option -o bogus" /root/error
refused mount -o remount,ro /mnt/array
TRY
quietly in_root bash -x /root/try

step "a user without root mounts and unmounts by /etc/fstab, and another one can't"
echo "/home/person/images /home/person/mnt mdfuse noauto,user 0 0" >>"$root/etc/fstab"
cat >"$root/root/try" <<'TRY'
set -e
as() { su "$1" -c "$2"; }
useradd -m person
useradd -m other
as person "cd; mkdir images mnt; cd images; mdfuse create --level 5 --raid-devices 3 --size 16M --name own a.img b.img c.img"
as person "cd; mount ~/mnt; dd if=/dev/zero of=mnt/own bs=1M count=2 conv=notrunc status=none"
if as other "cat /home/person/mnt/own" 2>/dev/null; then echo "another user reads the array"; exit 1; fi
if as other "umount /home/person/mnt" 2>/dev/null; then echo "another user unmounts the array"; exit 1; fi
as person "umount ~/mnt"
[ "$(mdfuse examine /home/person/images/?.img | grep -c 'State : clean')" = 3 ]
userdel -r person 2>/dev/null
userdel -r other 2>/dev/null
TRY
quietly in_root bash -x /root/try

step "an upgrade, and a refused removal, while an array is mounted"
cat >"$root/root/try" <<'TRY'
set -e
cd /images
refused() { if "$@" 2>/root/error; then echo "not refused: $*"; exit 1; fi; }
mdfuse mount --journal-mode write-back /images /mnt/array
dpkg -i /root/mdfuse.deb
dd if=/root/content of=/mnt/array/box conv=notrunc,fsync status=none
refused dpkg -r mdfuse
grep -q "an array is mounted" /root/error
cmp -n 5000000 /root/content /mnt/array/box
umount /mnt/array
[ "$(mdfuse examine ?.img | grep -c 'State : clean')" = 4 ]
TRY
quietly in_root bash -x /root/try

step "purged without a trace"
rm -rf "$root"/images "$root"/mnt/{array,list} "$root"/root/{content,error,try}
: >"$root/etc/fstab"
quietly in_root apt-get purge -y mdfuse
file_list >"$work/after"
# What stays is what apt installed beside the package.
quietly in_root apt-get install -y /root/mdfuse.deb
quietly in_root dpkg --purge mdfuse
file_list >"$work/after-again"
cmp "$work/after" "$work/after-again" || fail "a second purge leaves another set of files"
if comm -13 "$work/before" "$work/after" | grep -i mdfuse; then fail "these files are left of the package"; fi
