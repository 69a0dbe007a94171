# Sourced by the findings: a temporary folder, pinned packages, and comparisons with what a finding states.
#
#   need PACKAGE=VERSION...   unpacks Debian packages in the temporary folder and puts their programs first in PATH;
#                             without a version: whichever the package lists offer
#   same TEXT GOT STATED      notes whether what was seen is what is stated
#   differ TEXT ONE OTHER     notes whether two things differ, as is stated
#   cannot TEXT               ends the script with status 2: it could not be tried
#   verdict                   ends the script: 0 if all is as stated, 1 if anything has changed
set -u
work=$(mktemp -d)
at_exit=()
# on_exit COMMAND: a command line to run before the temporary folder is removed, the newest first
on_exit() { at_exit=("$1" "${at_exit[@]}"); }
leave() { local line; for line in "${at_exit[@]}"; do eval "$line" >/dev/null 2>&1; done; rm -rf "$work"; }
trap leave EXIT
trap 'exit 2' INT TERM
changed=0

cannot() { echo "could not be tried: $*" >&2; exit 2; }

need() {
  mkdir -p "$work/debs" "$work/tools"
  (cd "$work/debs" && { apt-get download -qq "$@" || { apt-get update -qq && apt-get download -qq "$@"; }; }) >/dev/null 2>&1 ||
    cannot "the packages $* can't be had"
  local package
  for package in "$work"/debs/*.deb; do dpkg -x "$package" "$work/tools" && rm "$package"; done
  local tools=$work/tools
  export PATH="$tools/usr/sbin:$tools/usr/bin:$tools/sbin:$tools/bin:$PATH:/usr/sbin:/sbin"
  export LD_LIBRARY_PATH="$tools/usr/lib/x86_64-linux-gnu:$tools/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
}

same() { if [ "$2" = "$3" ]; then echo "as stated: $1: $2"; else echo "CHANGED: $1: '$2', stated: '$3'"; changed=1; fi; }
differ() { if [ "$2" != "$3" ]; then echo "as stated: $1: $2 | $3"; else echo "CHANGED: $1: both are '$2'"; changed=1; fi; }
verdict() { exit "$changed"; }
