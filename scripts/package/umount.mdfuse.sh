#!/bin/sh
# umount(8) runs this for a mount of mdfuse: umount.fuse.mdfuse DIRECTORY [-flnrv] [-N NAMESPACE] [-t TYPE]
# The kernel's own unmount returns before everything is on the devices. This returns when the array is closed and its
# superblocks are clean, so that a machine may be switched off, or a disk unplugged, after `umount` and after
# `systemctl stop`. Status 32, as umount(8) has it, if that failed.
home=$(readlink -f "$0")
home=${home%/libexec/*}

[ $# -ge 1 ] || { echo "umount.mdfuse: a directory is needed" >&2; exit 1; }
directory=$1
shift
arguments=
while getopts :flnrvN:t: flag; do
  case $flag in
    f) arguments="$arguments --force" ;;
    l) arguments="$arguments --lazy" ;;
    n | r | v | N | t) ;;
    *) echo "umount.mdfuse: there is no option -$OPTARG" >&2; exit 1 ;;
  esac
done
# shellcheck disable=SC2086 # each word is an option
"$home/bin/mdfuse" umount $arguments -- "$directory" || exit 32
