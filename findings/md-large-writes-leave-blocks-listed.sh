#!/usr/bin/env bash
# Linux 6.1.192 and 7.3.4 (md RAID-5, 4 KiB pages) with mdadm 4.2: a block on a member's bad-block list that is written in full is
# taken off the list if the write is small. If one large write covers many stripes, all listed blocks are written too, and only
# the first of them leaves the list: md handles the stripes as a batch, and looks at the batch's first stripe alone.
# Why it matters: the blocks that stay listed hold the right data, and md never reads them again. They are solved from parity, and
# an input/output error once another member lists or lacks the same stripe. A list is no proof that a block is bad.
. "$(dirname "${BASH_SOURCE[0]}")/lib/guest.sh"
need mdadm=4.2-5
blank 24M a b c d
seen=$(guest a b c d <<'JOB'
quietly mdadm --create /dev/md0 --run --level=5 -n4 --chunk=64 --metadata=1.2 --bitmap=none --assume-clean /dev/ubda /dev/ubdb /dev/ubdc /dev/ubdd
rd=/sys/block/md0/md/dev-ubda
start=$(($(cat $rd/offset) + 4096))
fill() { tr '\0' "$1" </dev/zero | dd of=/dev/md0 bs="$2" count="$3" iflag=fullblock oflag=direct 2>/dev/null; sleep 0.5; }
listed() { echo $(tr '\n' ';' <$rd/bad_blocks); }
echo "$start 64" >$rd/bad_blocks
fill N 1M 40
echo "after writes of 1 MiB: start+$(($(cut -d' ' -f1 $rd/bad_blocks) - start)), $(cut -d' ' -f2 $rd/bad_blocks) sectors"
echo "the member holds: $(dd if=/dev/ubda bs=512 skip=$start count=64 iflag=direct 2>/dev/null | tr -d N | wc -c) bytes that were not written"
fill O 4k 10240
echo "after writes of 4 KiB: $(listed)"
mdadm --stop /dev/md0 2>/dev/null
JOB
)
same "listed of 64 sectors" "$(sed -n 1p <<<"$seen")" "after writes of 1 MiB: start+8, 56 sectors"
same "in the listed blocks" "$(sed -n 2p <<<"$seen")" "the member holds: 0 bytes that were not written"
same "listed in the end" "$(sed -n 3p <<<"$seen")" "after writes of 4 KiB: "
verdict
