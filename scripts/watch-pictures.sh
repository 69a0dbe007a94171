#!/usr/bin/env bash
# Looks at both pages of `mdfuse watch`: under load, with a rebuild under way, it checks the web page in headless Chromium,
# and makes the pictures of docs/watch.md anew. Two minutes; run by hand, since Chromium is larger than all else that the
# tests need. Needs dist/mdfuse (make build) or MDFUSE=PROGRAM, and chromium, curl, fio, python3, tmux.
# Usage: watch-pictures.sh [DIRECTORY]     docs/pictures unless given
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pictures=$(realpath "${1:-$root/docs/pictures}")
mdfuse=${MDFUSE:-$root/dist/mdfuse/bin/mdfuse}
for program in chromium curl fio python3 tmux "$mdfuse"; do
  command -v "$program" >/dev/null || { echo "watch-pictures.sh: $program is missing" >&2; exit 2; }
done
scratch=$(mktemp -d)
web=
load=
tidy() {
  [ -z "$web" ] || kill "$web" || true
  [ -z "$load" ] || kill "$load" || true
  tmux -S "$scratch/tmux" kill-server || true
  ! mountpoint -q "$scratch/mnt" || "$mdfuse" umount --force "$scratch/mnt" || true
  rm -rf "$scratch"
} 2>/dev/null
trap tidy EXIT
cd "$scratch"

mkdir mnt
"$mdfuse" create --level 6 --raid-devices 5 --size 400M --chunk 64K --assume-clean --name tank \
  --write-journal j.img {a,b,c,d,e}.img >/dev/null
"$mdfuse" mount --journal-mode write-back --stripe-cache-size 2048 --log log {a,b,c,d,e,j}.img mnt >/dev/null
fio --name=load --filename=mnt/tank --rw=randrw --rwmixread=55 --bs=16k --iodepth=8 --ioengine=libaio --direct=1 \
  --size=300M --runtime=600 --time_based --fsync=64 --rate_process=poisson --rate_iops=350,300 >/dev/null &
load=$!
"$mdfuse" watch mnt --web >url &
web=$!
for i in {1..100}; do [ -s url ] && break; sleep 0.1; done
url=$(cat url)
setfattr -n user.md.sync_speed_max -v 8000 mnt/tank
tmux -S "$scratch/tmux" new-session -d -x 100 -y 23 "$mdfuse watch mnt"

browse() {
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$scratch/chromium" \
    --window-size=1100,1130 --virtual-time-budget=4000 --enable-logging=stderr "$@" "$url" 2>"$scratch/browser"
}
picture() { tmux -S "$scratch/tmux" capture-pane -e -p >screen; python3 "$root/scripts/ansi-to-svg.py" 100 <screen >"$1"; }
expect() { grep -q "$1" dom || { echo "watch-pictures.sh: the page lacks $1:" >&2; cat dom >&2; exit 1; }; }

sleep 45
picture "$pictures/watch.svg"
"$mdfuse" check --no-wait mnt >/dev/null
sleep 15
browse --dump-dom >dom
# The browser names what the page's policy forbids, and errors of its script, on the console.
! grep -q "CONSOLE" browser || { echo "watch-pictures.sh: the browser complains" >&2; cat browser >&2; exit 1; }
expect '<h1 id="name">tank</h1>'
expect '>clean, checking</span>'
expect '<td>write</td><td>[0-9]'
expect 'class="arc a-'
expect '<h2 id="h-pass">check, '
expect '<td class="left">active sync</td>'
if grep -q 'class="shown"' dom; then echo "watch-pictures.sh: the page shows a notice" >&2; cat dom >&2; exit 1; fi
browse --screenshot="$pictures/watch-web.png"
! command -v pngquant >/dev/null || pngquant --force --ext .png 64 "$pictures/watch-web.png"
[ "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: elsewhere.example' "$url")" = 421 ]
[ "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$url")" = 405 ]

"$mdfuse" check --stop mnt >/dev/null
"$mdfuse" fail mnt e.img >/dev/null
truncate -s 500M f.img
"$mdfuse" add mnt f.img >/dev/null
sleep 12
picture "$pictures/watch-rebuild.svg"
browse --dump-dom >dom
expect 'clean, degraded, recovering: 1 member is not in sync'
expect '<td class="left bad">spare rebuilding</td>'
kill "$load"
wait "$load" || true
load=
"$mdfuse" umount mnt
wait "$web" && { echo "watch-pictures.sh: the server outlived the mount" >&2; exit 1; }
web=
echo "both pages show what they must; pictures are in $pictures:"
(cd "$pictures" && ls -l watch*)
