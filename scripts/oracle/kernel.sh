#!/usr/bin/env bash
# Prints the path of the oracle's kernel: MDFUSE_ORACLE, or a path in the user's cache.
# Usage: kernel.sh        Linux 6.1, of Debian 12
#        kernel.sh new    the newest Linux that Debian packages: MDFUSE_ORACLE_NEW, or a path in the user's cache
#        kernel.sh tools  the directory of the mdadm that belongs to the newest one
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mdfuse
case ${1:-} in
  new) echo "${MDFUSE_ORACLE_NEW:-$cache/linux-uml-new}";;
  tools) echo "${MDFUSE_ORACLE_TOOLS:-$cache/new}";;
  *) echo "${MDFUSE_ORACLE:-$cache/linux-uml}";;
esac
