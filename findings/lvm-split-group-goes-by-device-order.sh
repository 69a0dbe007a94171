#!/usr/bin/env bash
# A volume group over two disks, changed once with only the first disk there and once with only the second: lvm2 refuses to rename a
# volume then, but takes a tag. So both halves count the same number of changes (seqno) and describe the group differently. With both
# disks back, the order of the devices decides whose description counts: exchange the loop devices, and the volume has the other tag.
# lvm2 says "found mismatch with other metadata", and shows the group all the same, with exit status 0.
# What was guessed: that every change is refused while a disk is missing, or else that two halves that differ are.
#
# Seen: lvm2 2.03.16 (Debian 12). The commands run without the device mapper (activation=0): metadata alone is changed.
# Why it matters: a program that reads a volume group from disks that were used apart must not take "the highest seqno" for one description.
. "$(dirname "$0")/lib/try.sh"
[ "$(id -u)" = 0 ] && [ -e /dev/loop-control ] || cannot "it needs root and loop devices"
for tool in pvcreate losetup; do command -v $tool >/dev/null || cannot "$tool is missing"; done

loops=()
on_exit 'for loop in "${loops[@]}"; do losetup -d "$loop"; done'
attach() { loops=(); for image in "$@"; do loops+=("$(losetup -f --show "$work/$image")") || cannot "no loop device"; done; }
detach() { for loop in "${loops[@]}"; do losetup -d "$loop"; done; loops=(); }
# lvm COMMAND...: sees the attached devices alone
lvm() {
  local filter='' loop
  for loop in "${loops[@]}"; do filter+="\"a|^$loop\$|\","; done
  LVM_SUPPRESS_FD_WARNINGS=1 LC_ALL=C "$@" --config "global{activation=0 event_activation=0 use_lvmpolld=0 locking_dir=\"$work\"}
    backup{backup=0 archive=0} devices{use_devicesfile=0 obtain_device_list_from_udev=0 filter=[$filter\"r|.*|\"]}" 2>>"$work/said"
}
tags() { lvm lvs --noheadings -o lv_tags vg/data | tr -d ' '; }

for image in a b; do truncate -s 16M "$work/$image"; done
attach a b
lvm pvcreate -q "${loops[@]}" >/dev/null && lvm vgcreate -q vg "${loops[@]}" >/dev/null || cannot "no volume group was made"
lvm lvcreate -q -an -Zn -Wn -l 1 -n data vg "${loops[0]}" >/dev/null || cannot "no logical volume was made"
detach
attach a; lvm lvrename -q vg/data other >/dev/null; same "another name, with the second disk missing" $? 5
lvm lvchange -q --addtag first vg/data >/dev/null; same "a tag, with the second disk missing" $? 0; detach
attach b; lvm lvchange -q --addtag second vg/data >/dev/null; same "a tag, with the first disk missing" $? 0; detach

attach a b; same "with both disks there, a before b" "$(tags)" first; detach
: >"$work/said"
attach b a
same "with both disks there, b before a" "$(tags)" second
same "what lvm2 says about that" "$(grep -cm1 'found mismatch with other metadata' "$work/said")" 1
lvm vgs >/dev/null; same "its exit status" $? 0
detach
verdict
