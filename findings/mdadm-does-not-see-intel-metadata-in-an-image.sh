#!/usr/bin/env bash
# mdadm --examine says "No md superblock detected" of the image of a disk with Intel's (IMSM) metadata, which blkid names at once:
# mdadm believes that metadata only on a device whose serial number it can ask for, and an image or a loop device has none. With
# IMSM_DEVNAME_AS_SERIAL=1 the name of the device counts as its serial number: the metadata is shown, and --assemble gathers the
# disks, but starts no array unless the devices have the names that the array was made with. IMSM_NO_PLATFORM=1 alone does not help.
#
# Seen: mdadm 4.2-5, Linux 6.1.192, util-linux 2.38.1-5.
# Why it matters: "no superblock" is taken for an empty disk; and dd images of such an array can't be assembled by mdadm.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5

blank 64M a b c blanks1 blanks2 blanks3
guest a b c <<'JOB'
export IMSM_NO_PLATFORM=1 IMSM_DEVNAME_AS_SERIAL=1
mdadm --create /dev/md127 --run -e imsm -n3 /dev/ubd[abc] >/dev/null 2>&1
mdadm --create /dev/md126 --run -l5 -n3 -c64 --assume-clean /dev/md127 >/dev/null 2>&1
mdadm --stop /dev/md126 2>/dev/null; mdadm --stop /dev/md127 2>/dev/null
JOB
seen() { env "$@" mdadm -E "$work/a" 2>&1 | grep -o 'No md superblock detected\|Intel Raid ISM Cfg Sig' | head -1; }
same "blkid" "$(blkid -p -o value -s TYPE "$work/a")" isw_raid_member
same "mdadm -E of the image" "$(seen A=1)" "No md superblock detected"
same "with IMSM_NO_PLATFORM=1" "$(seen IMSM_NO_PLATFORM=1)" "No md superblock detected"
out=$(guest blanks1 blanks2 blanks3 a b c <<'JOB'
mkdir -p /run/mdadm; export IMSM_NO_PLATFORM=1 IMSM_DEVNAME_AS_SERIAL=1
mdadm -E /dev/ubdd | grep -o 'Intel Raid ISM Cfg Sig'
mdadm --assemble --scan >/dev/null 2>&1; grep -c '^md.*inactive' /proc/mdstat; grep -c '^md.*raid5' /proc/mdstat
mdadm --stop --scan 2>/dev/null
JOB
)
same "with the names as serial numbers: seen, containers, arrays" "$(echo $out)" "Intel Raid ISM Cfg Sig 1 0"
verdict
