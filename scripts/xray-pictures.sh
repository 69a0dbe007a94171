#!/usr/bin/env bash
# Makes the pictures of docs/xray.md anew, as a terminal shows them: the journal and a stripe of an array whose server was
# killed under load. Half a minute; run by hand. Needs dist/mdfuse (make build) or MDFUSE=PROGRAM, and fio, python3, tmux.
# Usage: xray-pictures.sh [DIRECTORY]     docs/pictures unless given
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pictures=$(realpath "${1:-$root/docs/pictures}")
mdfuse=${MDFUSE:-$root/dist/mdfuse/bin/mdfuse}
for program in fio python3 tmux "$mdfuse"; do
  command -v "$program" >/dev/null || { echo "xray-pictures.sh: $program is missing" >&2; exit 2; }
done
scratch=$(mktemp -d)
tidy() {
  tmux -S "$scratch/tmux" kill-server || true
  ! mountpoint -q "$scratch/mnt" || fusermount3 -uz "$scratch/mnt" || fusermount -uz "$scratch/mnt" || true
  rm -rf "$scratch"
} 2>/dev/null
trap tidy EXIT
cd "$scratch"

mkdir mnt
"$mdfuse" create --level 6 --raid-devices 5 --size 16M --chunk 64K --assume-clean --name nas:tank \
  --write-journal j.img {a,b,c,d,e}.img >/dev/null
"$mdfuse" mount --journal-mode write-back --log log {a,b,c,d,e,j}.img mnt >/dev/null
server=$(getfattr --only-values -n user.mdfuse.pid mnt/tank)
seq 100000 | dd of=mnt/tank bs=64k iflag=fullblock conv=notrunc,fsync status=none
fio --name=load --filename=mnt/tank --rw=randwrite --bsrange=4k-64k --ioengine=psync --fsync=8 --size=16M --io_size=1M \
  --randseed=7 >/dev/null
kill -9 "$server"
fusermount3 -uz mnt 2>/dev/null || fusermount -uz mnt

# shot NAME COLUMNS LINES WORDS...: what a terminal of this size shows after the command
shot() {
  local name=$1 columns=$2 lines=$3
  shift 3
  tmux -S "$scratch/tmux" new-session -d -x "$columns" -y "$lines" "echo '\$ mdfuse $*'; '$mdfuse' $*; sleep 60"
  for ((i = 0; i < 100; i++)); do
    tmux -S "$scratch/tmux" capture-pane -e -p >screen
    [ "$(grep -c . screen)" -lt 4 ] || break
    sleep 0.1
  done
  sleep 0.5
  tmux -S "$scratch/tmux" capture-pane -e -p >screen
  tmux -S "$scratch/tmux" kill-server
  python3 "$root/scripts/ansi-to-svg.py" "$columns" <screen >"$pictures/$name.svg"
}
shot journal 102 28 journal j.img
shot stripe 110 14 stripe a.img b.img c.img d.img e.img j.img 200K
