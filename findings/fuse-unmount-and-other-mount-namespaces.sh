#!/usr/bin/env bash
# A FUSE file system is unmounted, the command succeeds, the mount point is empty: and the serving process goes on. A process that was
# started meanwhile in a mount namespace of its own (unshare -m, a service with PrivateTmp=, a container, a package build) got a copy of
# every mount that there was, and the kernel ends the FUSE session only with the last copy. Nothing shows that copy in /proc/mounts of
# the one who unmounted. `fusermount -u` and umount(8) behave alike.
#
# Seen: Linux 6.18, fuse2fs 1.47.0-2+b2, fuse 2.9.9-6+b1 (Debian 12).
# Why it matters: a server of block storage that closes its devices when its session ends keeps them locked and unclean for as long as
# any such process lives, and a command that waits for that end waits as long.
. "$(dirname "$0")/lib/try.sh"
[ "$(id -u)" = 0 ] && [ -w /dev/fuse ] || cannot "it needs root and /dev/fuse"
for tool in mkfs.ext4 fusermount unshare; do command -v $tool >/dev/null || cannot "$tool is missing"; done
need fuse2fs=1.47.0-2+b2 libfuse2
mkdir "$work/mnt"; truncate -s 16M "$work/image"; mkfs.ext4 -q -F "$work/image"
fuse2fs -f "$work/image" "$work/mnt" >/dev/null 2>&1 & server=$!
on_exit "kill -9 $server"; on_exit "fusermount -u -z $work/mnt"
for _ in $(seq 100); do grep -q " $work/mnt " /proc/mounts && break; sleep 0.1; done

unshare -m --propagation private sleep 600 & other=$!
on_exit "kill $other"
sleep 1
fusermount -u "$work/mnt"
same "fusermount -u" $? 0
same "the mount in the mount table" "$(grep -c " $work/mnt " /proc/mounts)" 0
sleep 3
kill -0 $server 2>/dev/null; same "the server still runs" $? 0
kill $other; wait $other 2>/dev/null; sleep 1
kill -0 $server 2>/dev/null; same "it ends with the other process" $? 1
verdict
