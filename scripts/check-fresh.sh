#!/usr/bin/env bash
# Runs the README's commands word for word in a Debian 12 that has only what the README asks for: debootstrap's minbase,
# git, make, and a JDK 25. Debian 12 has no JDK 25, so the root directory gets a copy of the JDK that is used here. All
# other packages must come from the scripts that need them. Then runs the same as a user without root, and once more
# with nothing to build. The root directory, its mounts and its processes are removed at the end, also if a step fails.
# Usage: check-fresh.sh [COMMAND...]     default: every command of the README's section "Two commands"
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/.." && pwd)
PATH=$PATH:/usr/sbin:/sbin
suite=bookworm

step() { echo "check-fresh: $*"; }
fail() { echo "check-fresh: $*" >&2; exit 1; }

if [ -e /etc/mdfuse-fresh-root ]; then
  step "left out: this is the fresh root itself"
  exit 0
fi
# The lines that the section indents by four blanks; two or more blanks end the command.
readme_commands() { sed -n '/^## Two commands/,/^## [^T]/s/^    \([^ ].*\)/\1/p' "$project/README.md" | sed 's/   *.*//'; }
if [ $# = 0 ]; then mapfile -t commands < <(readme_commands); else commands=("$@"); fi
[ ${#commands[@]} -gt 0 ] || fail "README.md has no commands under \"Two commands\""
for command in "${commands[@]}"; do
  grep -qxF "$command" <<<"$(readme_commands)" || fail "README.md has no command \"$command\" under \"Two commands\""
done

if [ "$(id -u)" != 0 ]; then
  "$here/as-root.sh" "debootstrap" >/dev/null || fail "debootstrap needs root, and there is neither root nor sudo here"
  exec sudo -E "$0" "$@"
fi
jdk=$("$here/jdk.sh") || exit 1
"$here/packages.sh" fresh

if [ "${MDFUSE_FRESH_WORK:-}" = "" ]; then
  # The mounts and processes of the root directory are in separate namespaces, and end with the process that made them.
  MDFUSE_FRESH_WORK=$(mktemp -d /var/tmp/mdfuse-fresh.XXXXXX)
  export MDFUSE_FRESH_WORK
  forget() {
    # A loop device outlives the process that attached it.
    losetup --list --noheadings --output NAME,BACK-FILE | while read -r loop file; do
      case $file in "$MDFUSE_FRESH_WORK"/*) losetup -d "$loop" || true ;; esac
    done
    rm -rf --one-file-system "$MDFUSE_FRESH_WORK"
  }
  trap forget EXIT
  trap 'exit 130' INT TERM
  begin=$SECONDS
  unshare --mount --propagation private --pid --fork --kill-child "$0" "${commands[@]}"
  step "all held, in $((SECONDS - begin)) s"
  exit 0
fi
root=$MDFUSE_FRESH_WORK/root
log=$MDFUSE_FRESH_WORK/log
quietly() { "$@" >"$log" 2>&1 || { tail -n 40 "$log" >&2; fail "failed: $*"; }; }

# The machine's own apt sources, if they are of the same suite; else Debian's.
machine_suite() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; }
mirror=http://deb.debian.org/debian
if [ "$(machine_suite)" = "$suite" ]; then
  # shellcheck disable=SC2016
  found=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    sed -n "s/ $suite main\$//p")
  found=${found%%$'\n'*}
  mirror=${found:-$mirror}
fi

step "debootstrap of a minimal $suite (about half a minute)"
quietly debootstrap --variant=minbase --include=git,make,ca-certificates "$suite" "$root" "$mirror"
touch "$root/etc/mdfuse-fresh-root"
if [ "$(machine_suite)" = "$suite" ]; then
  rm -f "$root/etc/apt/sources.list"
  cp -r /etc/apt/sources.list /etc/apt/sources.list.d "$root/etc/apt/" 2>/dev/null || true
  cp -rn /etc/apt/apt.conf /etc/apt/apt.conf.d /etc/apt/keyrings "$root/etc/apt/" 2>/dev/null || true
  cp -rn /usr/share/keyrings "$root/usr/share/" 2>/dev/null || true
fi
cp -r /usr/local/share/ca-certificates "$root/usr/local/share/" 2>/dev/null || true
cp -L /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
quietly chroot "$root" update-ca-certificates

step "a copy of the JDK 25 that is used here, since $suite has none: $(basename "$jdk")"
mkdir -p "$root/usr/lib/jvm"
cp -rL "$jdk" "$root/usr/lib/jvm/"
caller_home=$(getent passwd "${SUDO_USER:-root}" | cut -d: -f6)
mkdir -p "$root/root/.m2"
cp "$caller_home/.m2/settings.xml" "$root/root/.m2/" 2>/dev/null || true
if [ -d "$caller_home/.m2/repository" ]; then
  step "a copy of this machine's Maven repository, to spare Maven Central"
  cp -r "$caller_home/.m2/repository" "$root/root/.m2/"
fi
# A machine's root is a mount point, which a plain directory would not be: unshare(1) changes the propagation of /.
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
# udev lets every user open /dev/fuse. In a container the device node may be root's alone.
if [ -e /dev/fuse ] && [ "$(stat -c %a /dev/fuse)" != 666 ]; then
  mknod -m 666 "$root/root/fuse" c 10 229
  mount --bind "$root/root/fuse" "$root/dev/fuse"
fi
mkdir "$root/root/mdfuse"
tar -C "$project" --exclude=./dist --exclude='./*/target' -cf - . | tar -C "$root/root/mdfuse" --no-same-owner -xf -

# Only the network settings of this environment are passed to the root directory.
settings=(HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb)
while IFS= read -r name; do settings+=("$name=${!name}"); done < <(
  compgen -e | grep -iE '^(https?|ftp|all|no)_proxy$|^MAVEN_(OPTS|ARGS)$' || true)
# in_root USER DIRECTORY COMMAND: without a terminal, with its output on the screen
in_root() {
  local user=$1 directory=$2
  shift 2
  env -i "${settings[@]}" chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups \
    bash -c "cd '$directory' && HOME=\$(getent passwd $user | cut -d: -f6) exec $*" </dev/null 2>&1
}
quietly chroot "$root" useradd --create-home visitor
as_visitor() { in_root visitor /home/visitor/mdfuse "$@"; }
visit() {
  rm -rf "$root/home/visitor/mdfuse"
  cp -a "$root/root/mdfuse" "$root/home/visitor/mdfuse"
  chroot "$root" chown -R visitor:visitor /home/visitor/mdfuse
}

if grep -qxF "make demo" <<<"$(printf '%s\n' "${commands[@]}")"; then
  visit
  step "make demo as a user without root, with packages missing: must say so at once, and build nothing"
  begin=$SECONDS
  if as_visitor make demo >"$log"; then cat "$log"; fail "make demo succeeded, though packages are missing"; fi
  grep -q "apt-get install .*maven" "$log" || { cat "$log"; fail "make demo does not say which packages are missing"; }
  [ $((SECONDS - begin)) -le 10 ] && [ ! -e "$root/home/visitor/mdfuse/dist" ] || fail "make demo built before it said so"
fi
# shown COMMAND...: its output goes to the log, and to the screen line by line. A background process of the command
# would keep a pipe open for ever, but not this file.
shown() {
  : >"$log"
  "$@" >"$log" 2>&1 &
  local job=$!
  tail -n +1 -s 0.2 -f --pid="$job" "$log" | sed -u 's/^/  | /'
  wait "$job"
}
for command in "${commands[@]}"; do
  step "$command"
  begin=$SECONDS
  shown in_root root /root/mdfuse "$command" || fail "$command failed in a fresh $suite"
  if grep "skipped: no .*apt-get install" "$log"; then fail "$command skipped tests for want of a package"; fi
  step "$command succeeded in $((SECONDS - begin)) s"
  if [ "$command" = "make demo" ]; then
    grep -q "e2fsck finds the file system sound" "$log" || fail "the demo left out its loop device"
    step "$command again, as a user without root, with nothing to build"
    visit
    # Other distributions have fusermount3 without its second name.
    [ ! -L "$root/bin/fusermount" ] || rm "$root/bin/fusermount"
    shown as_visitor make demo || fail "make demo failed as a user without root"
    grep -q "dist/mdfuse is up to date" "$log" || fail "make demo built anew what was up to date"
    grep -q "left out.*loop device" "$log" || fail "the demo does not say that it left out its loop device"
    rm -rf "$root/home/visitor/mdfuse"
  fi
done
