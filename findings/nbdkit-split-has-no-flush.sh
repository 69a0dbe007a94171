#!/usr/bin/env bash
# nbdkit's split plugin joins files to one disk and takes writes, but offers neither flush nor FUA, and no filter adds them: what is
# written through it can't be made durable. The file plugin offers both for the same files.
#
# Seen: nbdkit 1.32.5, libnbd-bin 1.14.2.
# Why it matters: a client that takes a server without flush for one that needs none calls writes durable that a power failure
# takes away.
. "$(dirname "$0")/lib/try.sh"
for program in nbdkit nbdinfo; do command -v $program >/dev/null || cannot "apt-get install nbdkit libnbd-bin"; done
cd "$work" || exit 2
truncate -s 1M one two
# can WHAT NBDKIT-WORDS...: whether the export offers it
can() { nbdkit -U - "${@:2}" --run "nbdinfo --can $1 \"\$uri\" && echo yes || echo no"; }
for what in write flush fua; do same "file: $what" "$(can $what file one)" yes; done
same "split: write" "$(can write split one two)" yes
same "split: flush" "$(can flush split one two)" no
same "split: fua" "$(can fua split one two)" no
same "split with the fua filter: flush" "$(can flush --filter=fua split one two fuamode=emulate 2>/dev/null)" no
verdict
