#!/bin/sh
# mount(8) runs this for the types mdfuse and fuse.mdfuse, by hand, from /etc/fstab and for systemd's mount units:
#   mount.mdfuse DEVICES DIRECTORY [-sfnv] [-N NAMESPACE] [-o OPTIONS] [-t TYPE]
# It turns the table's two fields into the arguments of `mdfuse mount`. Its statuses are those of mount(8): 1 for a wrong
# entry, 32 for a mount that failed. mount.mdfuse(8) tells what the fields may be.
home=$(readlink -f "$0")
home=${home%/libexec/*}

wrong() {
  echo "mount.mdfuse: $*" >&2
  exit 1
}

[ $# -ge 2 ] || wrong "the devices and a directory are needed, for example: mount -t mdfuse /images/nas /mnt/nas"
devices=$1
directory=$2
shift 2
options=
while getopts :sfnvN:o:t: flag; do
  case $flag in
    o) options=$options,$OPTARG ;;
    f) exit 0 ;;
    s | n | v | N | t) ;;
    *) wrong "there is no option -$OPTARG" ;;
  esac
done
shift $((OPTIND - 1))
[ $# = 0 ] || wrong "one field for the devices and one for the directory are taken, and there is $1 too"

# From here on the arguments are those of mdfuse.
set -f
set --
search=
IFS=,
for option in $options; do
  case $option in
    # What mount(8) and systemd act upon themselves, and the times that a volume does not have.
    '' | defaults | auto | noauto | user | user=* | nouser | users | nousers | owner | noowner | group | nogroup) ;;
    nofail | fail | _netdev | comment=* | x-* | X-* | helper=* | uhelper=*) ;;
    relatime | norelatime | strictatime | nostrictatime | diratime | nodiratime | lazytime | nolazytime) ;;
    silent | loud | mand | nomand | iversion | noiversion) ;;
    remount) wrong "remount is not possible: umount $directory, and mount it again with the new options" ;;
    journal-mode=* | stripe-cache-size=* | overlay=* | threads=* | log=* | alert=* | name=* | raid0-layout=*)
      set -- "$@" "--$option" ;;
    search=*) search=${option#search=} ;;
    run | volumes | direct | read-only | readonly) set -- "$@" "--$option" ;;
    force | heal | drop-journal | add-journal | add-journal=* | ignore-bad-block-lists | assume | assume=*)
      wrong "$option is for one mount, not for a table: give it once by hand, mdfuse mount --${option%%=*} ..." ;;
    *) set -- "$@" -o "$option" ;;
  esac
done
unset IFS

# The table's first field is what the mount shows as its source, so that `mount -a` finds it mounted. libfuse splits its
# options at commas.
set -- "$@" -o "fsname=$(printf '%s' "$devices" | sed 's/[\\,]/\\&/g')"

# A device that is named from its root or by an address; several have a colon between them.
named=${devices#mdfuse#}
case $named in
  /* | nbd://* | nbds://* | nbd+unix://* | nbds+unix://*)
    [ -z "$search" ] || wrong "search= is for an array that is given by its name or UUID, and $named is a device"
    IFS='
'
    # shellcheck disable=SC2046 # each line is a device
    set -- "$@" -- $(printf '%s' "$named" | sed 's#:\(/[^/]\)#\
\1#g; s#:\(nbds\{0,1\}\(+unix\)\{0,1\}://\)#\
\1#g')
    unset IFS ;;
  *) set -- "$@" "--search=${search:-/dev}" -- "$named" ;;
esac
"$home/bin/mdfuse" mount "$@" "$directory"
case $? in
  0)
    # umount(8) asks the kernel for the type of what root unmounts by its whole path, is told "fuse", and would not find
    # umount.mdfuse, which waits until the array is closed. An entry in the table of libmount names that helper.
    if [ "$(id -u)" = 0 ] && mountpoint -q "$directory" &&
      ! grep -qsF "TARGET=$directory ROOT=/ OPTS=uhelper=mdfuse" /run/mount/utab; then
      mount -f -i -t fuse.mdfuse -o uhelper=mdfuse -- "$devices" "$directory" || true
    fi
    exit 0 ;;
  2) exit 1 ;;
  *) exit 32 ;;
esac
