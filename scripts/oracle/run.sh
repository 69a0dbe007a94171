#!/usr/bin/env bash
# Boots the oracle over image files and runs JOB, a bash script, in it as root. The job's arguments are the images'
# block devices, in order; the host's root directory is the guest's, so paths, mdadm and all other tools are the same.
# Usage: run.sh [-n] [-t SECONDS] [-k FILE] JOB IMAGE...
#   -n  the newest kernel, and its mdadm, instead of Debian 12's: for arrays that an older md does not accept
#   -t  give up after this many seconds (default 120; exit status 124)
#   -k  cut the machine's power once FILE exists
# Prints what the job prints; the exit status is the job's.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
seconds=120 power_file= which= tools=
while getopts nt:k: option; do
  case $option in
    n) which=new tools=$("$here/kernel.sh" tools):;;
    t) seconds=$OPTARG;;
    k) power_file=$OPTARG;;
    *) exit 2;;
  esac
done
shift $((OPTIND - 1))
job=$(realpath "$1")
shift
kernel=$("$here/kernel.sh" $which)
[ -x "$kernel" ] || { echo "no oracle at $kernel: make oracle builds it" >&2; exit 2; }

work=$(mktemp -d)
machine=
stop() {
  # The guest and its helper threads are a separate process group.
  [ -z "$machine" ] || kill -9 -- "-$machine" 2>/dev/null
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 143' TERM INT

disks=() nodes=()
letters=abcdefghijklmnop
for image in "$@"; do
  nodes+=("/dev/ubd${letters:${#disks[@]}:1}")
  disks+=("ubd${#disks[@]}=$(realpath "$image")")
done
cat >"$work/init" <<INIT
#!/bin/bash
export PATH=$tools$PATH:/usr/sbin:/sbin HOME=/root
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev 2>/dev/null; mount -t tmpfs run /run
bash '$job' ${nodes[*]} >'$work/output' 2>'$work/errors'
echo \$? >'$work/status'
sync
echo o >/proc/sysrq-trigger
sleep 10
INIT
chmod +x "$work/init"

# The guest keeps its memory in a file under TMPDIR. In its own session the guest is a process group that can be ended
# as one.
TMPDIR=$work setsid "$kernel" mem=512M rootfstype=hostfs rootflags=/ rw "init=$work/init" "${disks[@]}" \
  con=null con0=null,fd:1 </dev/null >"$work/console" 2>&1 &
machine=$!
ended=124
# Nothing ever comes through this pipe: a read of it waits without the start of a process, which costs more than a look.
exec {silence}<> <(:)
deadline=$((SECONDS + seconds))
while ((SECONDS < deadline)); do
  kill -0 "$machine" 2>/dev/null || { ended=1; break; }
  if [ -n "$power_file" ] && [ -e "$power_file" ]; then ended=137; break; fi
  read -r -t 0.02 -u "$silence" || true
done
cat "$work/output" 2>/dev/null
cat "$work/errors" >&2 2>/dev/null
[ "$ended" != 1 ] || [ -s "$work/status" ] || tail -5 "$work/console" >&2
exit "$(cat "$work/status" 2>/dev/null || echo "$ended")"
