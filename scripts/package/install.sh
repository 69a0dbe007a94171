#!/bin/sh
# Installs the mdfuse that lies beside this script, or removes what it installed.
# Usage: install.sh [install|uninstall]     with PREFIX (default /usr/local) and DESTDIR in the environment
#
#   PREFIX/lib/mdfuse                 the program, its libraries, its Java runtime; installed-files lists all of what follows
#   PREFIX/bin/mdfuse                 a link to it
#   PREFIX/share                      man pages, completion for bash and zsh, documents
#   PREFIX/lib/systemd/system         mdfuse@.service
#   /usr/sbin (or /sbin)              the helpers of mount(8) and umount(8), if PREFIX is /usr or /usr/local
set -eu
here=$(dirname "$(readlink -f "$0")")
: "${PREFIX:=/usr/local}" "${DESTDIR:=}"
home=$PREFIX/lib/mdfuse

fail() { echo "install.sh: $*" >&2; exit 1; }
case $PREFIX in /*) ;; *) fail "PREFIX must be an absolute path, not $PREFIX" ;; esac
[ -x "$here/runtime/bin/java" ] || [ "${1:-install}" != install ] || fail "$here is no mdfuse: make build first"

remove_installed() {
  [ -e "$DESTDIR$home/installed-files" ] || return 0
  while read -r path; do rm -f "$DESTDIR$path"; done <"$DESTDIR$home/installed-files"
  # Directories that nothing else uses, deepest first.
  while read -r path; do dirname "$path"; done <"$DESTDIR$home/installed-files" | sort -ru | while read -r directory; do
    case $directory in *mdfuse*) rmdir "$DESTDIR$directory" 2>/dev/null || true ;; esac
  done
  rm -rf "$DESTDIR${home:?}.old"
  mv "$DESTDIR$home" "$DESTDIR$home.old"
  rm -rf "$DESTDIR$home.old"
}

# A running mount has this program open, and would miss what it has not loaded yet.
refuse_if_in_use() {
  if [ -z "$DESTDIR" ]; then
    for exe in /proc/[0-9]*/exe; do
      case $(readlink "$exe" 2>/dev/null) in "$home/runtime/"*)
        fail "an array is mounted with the mdfuse in $home: umount it first (findmnt -t fuse.mdfuse)" ;;
      esac
    done
  fi
}

made() { echo "$1" >>"$DESTDIR$home/installed-files"; }
put() { # put MODE FILE TARGET
  mkdir -p "$(dirname "$DESTDIR$3")"
  install -p -m "$1" "$2" "$DESTDIR$3"
  made "$3"
}
with_prefix() { # with_prefix FILE TARGET
  mkdir -p "$(dirname "$DESTDIR$2")"
  sed -e "s:@PREFIX@:$PREFIX:g" "$1" >"$DESTDIR$2"
  chmod 644 "$DESTDIR$2"
  touch -r "$1" "$DESTDIR$2"
  made "$2"
}
link() { # link TARGET NAME
  mkdir -p "$(dirname "$DESTDIR$2")"
  ln -sfn "$1" "$DESTDIR$2"
  made "$2"
}

install_all() {
  mkdir -p "$DESTDIR$home"
  # Times are kept: the class cache is valid for jars of these times only.
  for part in bin lib libexec runtime LICENSE; do cp -a "$here/$part" "$DESTDIR$home/"; done
  chown -R "$(id -u):$(id -g)" "$DESTDIR$home"
  if command -v strip >/dev/null; then
    strip --strip-unneeded "$DESTDIR$home/runtime/lib/server/libjvm.so"
    touch -r "$here/runtime/lib/server/libjvm.so" "$DESTDIR$home/runtime/lib/server/libjvm.so"
  fi
  : >"$DESTDIR$home/installed-files"
  link ../lib/mdfuse/bin/mdfuse "$PREFIX/bin/mdfuse"
  for page in "$here"/share/man/man1/*.1; do put 644 "$page" "$PREFIX/share/man/man1/${page##*/}"; done
  put 644 "$here/share/bash-completion/mdfuse" "$PREFIX/share/bash-completion/completions/mdfuse"
  zsh=$PREFIX/share/zsh/site-functions
  [ "$PREFIX" != /usr ] || zsh=/usr/share/zsh/vendor-completions
  sed "s:@BASH@:$PREFIX/share/bash-completion/completions/mdfuse:" "$here/share/zsh/_mdfuse" >"$DESTDIR$home/_mdfuse"
  put 644 "$DESTDIR$home/_mdfuse" "$zsh/_mdfuse"
  rm "$DESTDIR$home/_mdfuse"
  (cd "$here/share/doc" && find . -type f -printf '%P\n' | LC_ALL=C sort) | while IFS= read -r document; do
    put 644 "$here/share/doc/$document" "$PREFIX/share/doc/mdfuse/$document"
  done
  with_prefix "$here/share/systemd/mdfuse@.service" "$PREFIX/lib/systemd/system/mdfuse@.service"
  case $PREFIX in
    /usr | /usr/local)
      for page in "$here"/share/man/man8/*.8; do put 644 "$page" "$PREFIX/share/man/man8/${page##*/}"; done
      sbin=/sbin
      [ ! -L /sbin ] || sbin=/usr/sbin
      helpers=$home/libexec
      [ "$PREFIX$sbin" != /usr/usr/sbin ] || helpers=../lib/mdfuse/libexec
      for verb in mount umount; do
        for type in mdfuse fuse.mdfuse; do link "$helpers/$verb.mdfuse" "$sbin/$verb.$type"; done
      done ;;
    *) echo "left out, since PREFIX is neither /usr nor /usr/local: the helpers for /etc/fstab" >&2 ;;
  esac
}

case ${1:-install} in
  install)
    refuse_if_in_use
    remove_installed
    install_all
    echo "installed mdfuse in $DESTDIR$PREFIX; $DESTDIR$home/installed-files lists it; install.sh uninstall removes it" ;;
  uninstall)
    [ -e "$DESTDIR$home/installed-files" ] || fail "there is no mdfuse in $DESTDIR$PREFIX that this script installed"
    refuse_if_in_use
    remove_installed
    echo "removed mdfuse from $DESTDIR$PREFIX" ;;
  *) echo "Usage: [PREFIX=/usr/local] [DESTDIR=] install.sh [install|uninstall]" >&2; exit 2 ;;
esac
