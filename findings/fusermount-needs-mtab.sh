#!/usr/bin/env bash
# On a machine without /etc/mtab a user can mount with FUSE but not unmount: fusermount3 -u reads /etc/mtab to see whose the
# mount is, and says "failed to open /etc/mtab". umount of util-linux, which asks fstab for every other file system, unmounts
# it for that same user: it takes the owner of a FUSE mount (user_id=) from the kernel's table.
#
# Seen: fuse3 3.14.0-4, util-linux 2.38.1-5+deb12u3. A root that debootstrap made has no /etc/mtab until a system boots in it.
# Why it matters: a FUSE server that ends its mounts with fusermount leaves them behind in such a root.
. "$(dirname "$0")/lib/try.sh"
[ "$(id -u)" = 0 ] || cannot "needs root"
[ -c /dev/fuse ] || cannot "no /dev/fuse"
command -v fusermount3 >/dev/null || cannot "fuse3 is not installed, and its fusermount3 works setuid only"
same "fuse3" "$(dpkg-query -W -f '${Version}' fuse3)" 3.14.0-4
need bindfs=1.14.7-1 libfuse3-3
chmod 755 "$work"
mkdir "$work/from" "$work/to"
chown 65534:65534 "$work/from" "$work/to"
on_exit "umount -l $work/to"

cat >"$work/job" <<'END'
cp -a /etc "$1/etc" && rm -f "$1/etc/mtab" && mount --bind "$1/etc" /etc
# Root may not look at a user's FUSE mount, so mountpoint would deny it.
mounted() { grep -q " $to " /proc/self/mountinfo; }
to=$1/to
user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
user bindfs --no-allow-other "$1/from" "$1/to"
echo "mount: $?"
user fusermount3 -u "$1/to" 2>&1 | sed 's/.*: failed/failed/'
mounted && echo "still mounted"
user umount "$1/to" 2>&1
echo "umount: $?"
mounted || echo "unmounted"
END
said=$(unshare --mount --propagation private bash "$work/job" "$work" | paste -sd'|')
same "what happens without /etc/mtab" "$said" \
  "mount: 0|failed to open /etc/mtab: No such file or directory|still mounted|umount: 0|unmounted"
verdict
