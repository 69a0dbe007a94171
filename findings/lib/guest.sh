# Sourced by the findings that watch the kernel's md driver; includes try.sh.
#
#   blank SIZE NAME...        makes blank image files in the temporary folder
#   guest NAME... <<'JOB'     boots a kernel over these images (/dev/ubda, /dev/ubdb, ... in this order), runs the job in it as
#                             root, and prints what the job prints. The job has $work, and:
#                               power_cut   ends the machine there and then, as a power failure does
#                               settle      waits until no resync, rebuild or check runs
#                               quietly     runs a command and shows its output only if it fails
#                               sum DEVICE  the first 16 digits of the sha256 of a device
#
# The kernel is $MD_UML, else one built once from linux-source-6.1 of Debian 12 into the user's cache: User-Mode Linux, an ordinary
# process whose root file system is the machine's own. A job writes to the temporary folder alone.
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

blank() { local size=$1 name; shift; for name in "$@"; do rm -f "$work/$name"; truncate -s "$size" "$work/$name"; done; }

md_kernel() {
  local kernel=${MD_UML:-${XDG_CACHE_HOME:-$HOME/.cache}/md-findings/linux-uml-6.1} tool source
  if [ ! -x "$kernel" ]; then
    [ -z "${MD_UML:-}" ] || cannot "\$MD_UML names no program"
    for tool in gcc make flex bison bc xz; do command -v $tool >/dev/null || cannot "$tool is needed to build the kernel"; done
    echo "building a kernel with the md driver, once: about five minutes" >&2
    mkdir -p "$work/source" "$(dirname "$kernel")"
    (
      cd "$work/source" && apt-get download -qq linux-source-6.1 && dpkg -x linux-source-6.1_*.deb . &&
        tar -xf usr/src/linux-source-6.1.tar.xz && cd linux-source-6.1 && make ARCH=um defconfig &&
        ./scripts/config --set-val KERNEL_STACK_ORDER 3 -e MD -e BLK_DEV_MD -e MD_RAID456 -e MD_RAID1 -e MD_RAID10 -e HOSTFS \
          -e BLK_DEV_UBD -e DEVTMPFS -e TMPFS -e MAGIC_SYSRQ -d NET -d SOUND -d MODULES -d DEBUG_INFO -d DEBUG_KERNEL -d MD_AUTODETECT &&
        if grep -qw amx_tile /proc/cpuinfo; then sed -i 's/\(HOST_FP_SIZE, \)2696/\111008/' arch/x86/um/user-offsets.c; fi &&
        make ARCH=um olddefconfig && make ARCH=um -j"$(nproc)" linux && strip linux && cp linux "$kernel.new" && mv "$kernel.new" "$kernel"
    ) >"$work/build.log" 2>&1 || { tail -5 "$work/build.log" >&2; cannot "the kernel does not build"; }
  fi
  echo "$kernel"
}

guest() {
  local kernel run machine name disks=() deadline
  kernel=$(md_kernel) || exit 2
  deadline=$((SECONDS + 180))
  run=$(mktemp -d "$work/guest.XXXXXX")
  for name in "$@"; do disks+=("ubd${#disks[@]}=$work/$name"); done
  cat >"$run/job"
  cat >"$run/init" <<INIT
#!/bin/bash
export PATH=$PATH LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-} HOME=/root work=$work
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev 2>/dev/null; mount -t tmpfs run /run; mkdir -p /run/mdadm
power_cut() { : >$run/cut; sleep 60; }
settle() { sleep 0.3; while grep -qE 'recovery|resync|reshape|check|repair' /proc/mdstat; do sleep 0.1; done; }
quietly() { "\$@" >/run/quietly 2>&1 || { echo "failed: \$*"; cat /run/quietly; }; }
sum() { blockdev --flushbufs \$1; sha256sum <\$1 | cut -c1-16; }
: >$run/up
. $run/job >$run/out 2>&1
sync; echo o >/proc/sysrq-trigger; sleep 9
INIT
  chmod +x "$run/init"
  TMPDIR=$run setsid "$kernel" mem=512M rootfstype=hostfs rootflags=/ rw "init=$run/init" "${disks[@]}" con=null con0=null,fd:1 \
    </dev/null >"$run/console" 2>&1 &
  machine=$!
  while kill -0 "$machine" 2>/dev/null && [ ! -e "$run/cut" ] && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.05; done
  kill -9 -- "-$machine" 2>/dev/null
  wait "$machine" 2>/dev/null
  [ -e "$run/up" ] || cannot "the kernel did not start"
  [ "$SECONDS" -lt "$deadline" ] || cannot "the job did not end"
  cat "$run/out"
}
