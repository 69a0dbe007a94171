#!/usr/bin/env bash
# Compiles an unpacked Linux as a User-Mode-Linux process with the md driver, for build.sh and build-new.sh.
# Usage: compile.sh SOURCE LOG KERNEL [OPTION...]    SOURCE: Linux's source; KERNEL: the program to make;
#                                                    OPTION: words for Linux's own scripts/config
set -euo pipefail
source=$1 log=$2 kernel=$3
shift 3
cd "$source"
# The kernel copies the processor state out of each signal frame, with the size that it assumes for a frame. A host with
# AMX saves more than that, and the guest dies at once; if the size is too large the kernel reads beyond the frame, and
# hangs.
if grep -qw amx_tile /proc/cpuinfo; then
  sed -i 's/\(DEFINE_LONGS(HOST_FP_SIZE, \)2696)/\111008)/' arch/x86/um/user-offsets.c
fi
options=(--set-val KERNEL_STACK_ORDER 3)
for option in MD BLK_DEV_MD MD_RAID456 MD_RAID0 MD_RAID1 MD_RAID10 MD_LINEAR HOSTFS BLK_DEV_UBD BLK_DEV_LOOP DEVTMPFS \
  TMPFS MAGIC_SYSRQ; do
  options+=(-e "$option")
done
for option in NET SOUND MODULES DEBUG_INFO DEBUG_KERNEL MD_AUTODETECT; do options+=(-d "$option"); done
# What the jobs never use, for the guest's root is the host's directory: without it there is less to compile.
# Without the benchmark of parity code, which every boot would repeat for a second, the kernel takes the code that its
# authors rank first.
for option in RAID6_PQ_BENCHMARK EXT4_FS REISERFS_FS BTRFS_FS XFS_FS ISO9660_FS AUTOFS_FS AUTOFS4_FS QUOTA NLS HID \
  HID_SUPPORT USB_SUPPORT CGROUPS SECCOMP BPF_SYSCALL FTRACE SUSPEND PM SWAP BINFMT_MISC PROC_KCORE IKCONFIG \
  BLK_DEV_INITRD IOSCHED_BFQ MQ_IOSCHED_KYBER PPS CRYPTO_HW AUDIT PROFILING RUNTIME_TESTING_MENU; do
  options+=(-d "$option")
done
make ARCH=um defconfig >>"$log" 2>&1 &&
  ./scripts/config "${options[@]}" "$@" >>"$log" 2>&1 &&
  make ARCH=um olddefconfig >>"$log" 2>&1 &&
  make ARCH=um -j"$(nproc)" linux >>"$log" 2>&1 ||
  { tail -20 "$log" >&2; echo "the oracle's kernel does not build" >&2; exit 1; }
strip linux
mkdir -p "$(dirname "$kernel")"
# Renamed when it is complete, so that no process starts an incomplete kernel.
cp linux "$kernel.$$"
mv "$kernel.$$" "$kernel"
