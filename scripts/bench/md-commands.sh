#!/usr/bin/env bash
# Obeys the benchmark inside the guest of the oracle, or on a host whose kernel has md: each file N.cmd that appears in
# DIRECTORY is a script; its output goes to N.out, and N.rc with its exit status says that it is done. The script `exit`
# ends this one.
# Usage: md-commands.sh DIRECTORY DEVICE...      the devices are $1, $2, … of each script
set -u
directory=$1
shift
touch "$directory/up"
for ((number = 0; ; number++)); do
  command=$directory/$number.cmd
  until [ -e "$command" ]; do sleep 0.02; done
  [ "$(cat "$command")" != exit ] || break
  bash "$command" "$@" >"$directory/$number.out" 2>"$directory/$number.err" </dev/null
  echo $? >"$directory/$number.part"
  mv "$directory/$number.part" "$directory/$number.rc"
done
