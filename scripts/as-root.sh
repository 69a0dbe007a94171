#!/usr/bin/env bash
# Prints the command prefix that runs a command as root: nothing for root itself, sudo for a user who may use it. Fails
# if neither is possible. sudo asks for its password here, before any long step, and only at a terminal.
# Usage: as-root.sh WHAT_FOR
set -euo pipefail
[ "$(id -u)" != 0 ] || exit 0
command -v sudo >/dev/null || exit 1
if ! sudo -n true 2>/dev/null; then
  [ -t 0 ] && [ -t 2 ] || exit 1
  echo "$1 needs root: asking sudo" >&2
  sudo -v || exit 1
fi
echo sudo
