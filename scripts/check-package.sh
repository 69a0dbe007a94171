#!/usr/bin/env bash
# Tries the Debian package in a Debian 12 of its own, or that of CHECK_PACKAGE_SUITE (trixie), made by debootstrap: installs it with apt, uses the program, the man
# pages, the completion and /etc/fstab, upgrades it under a mounted array, and purges it without a trace. With boot it boots that
# Debian in qemu: arrays from /etc/fstab and of mdfuse@.service are mounted at boot, and clean after `systemctl stop` and
# after the machine was switched off. Everything is removed at the end, also if a step fails.
# Usage: check-package.sh [chroot|boot]...     default: chroot
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/.." && pwd)
PATH=$PATH:/usr/sbin:/sbin
suite=${CHECK_PACKAGE_SUITE:-bookworm}

step() { echo "check-package: $*"; }
fail() { echo "check-package: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "debootstrap and chroot need root"
[ $# -gt 0 ] || set -- chroot
package=$(ls "$project"/dist/mdfuse_*.deb 2>/dev/null) || fail "there is no dist/mdfuse_*.deb: make dist"
work=${CHECK_PACKAGE_WORK:-}

if [ -z "$work" ]; then
  # Mounts and processes are in separate namespaces, and end with the process that made them. mdfuse umount looks for the
  # serving process in /proc, so /proc must be that of the namespace.
  work=$(mktemp -d /var/tmp/mdfuse-package.XXXXXX)
  export CHECK_PACKAGE_WORK=$work
  forget() {
    losetup --list --noheadings --output NAME,BACK-FILE | while read -r loop file; do
      case $file in "$work"/* | /images/* | /mnt/*/box) losetup -d "$loop" 2>/dev/null || true ;; esac
    done
    rm -rf --one-file-system "$work"
  }
  trap forget EXIT
  trap 'exit 130' INT TERM
  begin=$SECONDS
  unshare --mount --mount-proc --propagation private --pid --fork --kill-child "$0" "$@"
  step "all held, in $((SECONDS - begin)) s"
  exit 0
fi
root=$work/root
log=$work/log
quietly() { "$@" >"$log" 2>&1 || { tail -n 40 "$log" >&2; fail "failed: $*"; }; }

# The machine's own apt sources, or their mirror if they are of another suite; else Debian's.
make_root() {
  local mirror=http://deb.debian.org/debian found= own
  own=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  # shellcheck disable=SC2016
  found=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sed -n "s/ $own main\$//p")
  [ -z "$found" ] || mirror=${found%%$'\n'*}
  step "debootstrap of $suite with systemd and a kernel"
  quietly debootstrap --variant=minbase "--include=$1" "$suite" "$root" "$mirror"
  if [ -n "$found" ]; then
    if [ "$suite" = "$own" ]; then
      rm -f "$root/etc/apt/sources.list"
      cp -r /etc/apt/sources.list /etc/apt/sources.list.d "$root/etc/apt/" 2>/dev/null || true
    fi
    cp -rn /etc/apt/apt.conf /etc/apt/apt.conf.d /etc/apt/keyrings "$root/etc/apt/" 2>/dev/null || true
    cp -rn /usr/share/keyrings "$root/usr/share/" 2>/dev/null || true
  fi
  cp -r /usr/local/share/ca-certificates "$root/usr/local/share/" 2>/dev/null || true
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
  quietly chroot "$root" update-ca-certificates
  # minbase leaves documents out on some set-ups; here they are looked at.
  rm -f "$root"/etc/dpkg/dpkg.cfg.d/*
}

mount_root() {
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
}

settings=(HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive)
while IFS= read -r name; do settings+=("$name=${!name}"); done < <(compgen -e | grep -iE '^(https?|ftp|all|no)_proxy$' || true)
in_root() { env -i "${settings[@]}" chroot "$root" "$@" </dev/null; }
# Every file outside of what any installation changes.
file_list() {
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path ./tmp -o -path ./var/lib/apt \
    -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/dpkg \) -prune -o -print | LC_ALL=C sort)
}

if [ ! -d "$root" ]; then
  make_root ca-certificates,systemd-sysv,udev,dbus,kmod,mount,man-db,bash-completion,zsh,procps,e2fsprogs,fuse3,libblkid1,linux-image-cloud-amd64
fi
cp "$package" "$root/root/mdfuse.deb"
for part in "$@"; do
  case $part in
    chroot) (mount_root; . "$here/package/check-chroot.sh") ;;
    boot) (. "$here/package/check-boot.sh") ;;
    *) fail "unknown part $part: chroot or boot" ;;
  esac
  umount -R -l "$root" 2>/dev/null || true
done
