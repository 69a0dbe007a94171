#!/usr/bin/env bash
# Makes dist/mdfuse-VERSION-linux-MACHINE.tar.gz and, if this machine has dpkg, dist/mdfuse_VERSION_ARCHITECTURE.deb, both of
# dist/mdfuse. The package's content is what install.sh installs in /usr, so that both ways lead to the same files.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
version=$(sed -n 's:.*<version>\(.*\)</version>.*:\1:p;T;q' pom.xml)
time=$(sed -n 's:.*<project.build.outputTimestamp>\(.*\)</.*:\1:p' pom.xml)
SOURCE_DATE_EPOCH=$(date -d "$time" +%s)
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
megabytes() { echo "$(($(du -sk --apparent-size "$1" | cut -f 1) / 1024)) MB"; }

tar_gz() {
  local name=mdfuse-$version-linux-$(uname -m)
  cp -a dist/mdfuse "$work/$name"
  rm -f "$work/$name"/{runtime/linked-from,lib/rehearsed-from}
  strip --strip-unneeded "$work/$name/runtime/lib/server/libjvm.so"
  find "$work/$name" -exec touch --no-dereference -d "$time" {} +
  tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -9n >"dist/$name.tar.gz"
  echo "made dist/$name.tar.gz: $(megabytes "dist/$name.tar.gz"), unpacked $(megabytes "$work/$name")"
}

# What the control file needs to know of the machine that the package is for.
newest_glibc() {
  find "$work/root/usr/lib/mdfuse" \( -name '*.so' -o -path '*/bin/java' \) -exec grep -aoh 'GLIBC_2\.[0-9]*' {} + |
    sed 's/GLIBC_//' | sort -Vu | tail -n 1
}
# A JDK of a distribution uses its libraries, such as zlib; another has them inside.
libraries() {
  find "$work/root/usr/lib/mdfuse" \( -name '*.so' -o -path '*/bin/java' \) -exec ldd {} + 2>/dev/null |
    sed -n 's/.* => \(\/[^ ]*\).*/\1/p' | grep -v "^$work" | sort -u | while read -r library; do
      dpkg-query -S "$library" "$(readlink -f "$library")" "/usr$library" 2>/dev/null | sed 's/:.*//' || true
    done | grep -vx libc6 | sort -u | sed 's/^/, /' | tr -d '\n'
}

# In Debian's form, in which apt shows it.
changelog() {
  printf 'mdfuse (%s) unstable; urgency=medium\n\n' "$version"
  printf '  * What is new: /usr/share/doc/mdfuse/CHANGELOG.md.gz\n\n'
  printf ' -- %s  %s\n' "$(sed -n 's/^Maintainer: //p' "$here/control")" "$(LC_ALL=C date -u -d "$time" -R)"
}

deb() {
  local architecture root=$work/root
  architecture=$(dpkg --print-architecture)
  DESTDIR=$root PREFIX=/usr dist/mdfuse/install.sh install >/dev/null
  # dpkg has its own list, and documents their own places.
  rm -f "$root"/usr/lib/mdfuse/{installed-files,LICENSE,runtime/linked-from,lib/rehearsed-from}
  local documents=$root/usr/share/doc/mdfuse
  mkdir -p "$root/etc/mdfuse" "$documents/examples"
  mv "$documents/example.conf" "$documents/examples/tank.conf"
  changelog >"$documents/changelog"
  sed "s/@VERSION@/$version/" "$here/copyright" >"$documents/copyright"
  gzip -9n "$root"/usr/share/man/man?/* "$documents"/{changelog,CHANGELOG.md}
  find "$root" -type d -exec chmod 755 {} +
  find "$root" -type f -perm 0444 -exec chmod 644 {} +
  mkdir "$root/DEBIAN"
  (cd "$root" && find usr etc -type f -printf '%P\0' >/dev/null && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@GLIBC@/$(newest_glibc)/; s/@LIBRARIES@/$(libraries)/" \
    -e "s/@SIZE@/$(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f 1)/" "$here/control" >"$root/DEBIAN/control"
  install -m 755 "$here/postinst" "$here/prerm" "$here/postrm" "$root/DEBIAN/"
  find "$root" -exec touch --no-dereference -d "$time" {} +
  local package=dist/mdfuse_${version}_$architecture.deb
  dpkg-deb --root-owner-group -Zxz --build "$root" "$package" >/dev/null
  echo "made $package: $(megabytes "$package"), installed $(megabytes "$root")"
}

rm -rf dist/*.tar.gz dist/*.deb dist/mdfuse/share/doc/docs
cp -r README.md CHANGELOG.md docs dist/mdfuse/share/doc/
tar_gz
if command -v dpkg-deb >/dev/null; then deb; else echo "left out: a Debian package needs dpkg-deb"; fi
