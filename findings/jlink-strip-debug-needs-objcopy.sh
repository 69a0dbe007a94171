#!/usr/bin/env bash
# jlink --strip-debug, the option of every tutorial for a small Java runtime, fails on a machine without binutils: it runs
# objcopy over the native libraries. No JDK package depends on binutils, and the reason is printed on standard output, where
# scripts discard it. Debian strips these libraries already: --strip-java-debug-attributes needs no objcopy and gives
# libraries of the same size.
#
# Seen: OpenJDK 17.0.21 of Debian 12, and Temurin 25.0.3.
# Why it matters: a build that works on every developer's machine ends without a word on a minimal one.
. "$(dirname "$0")/lib/try.sh"
. "$(dirname "$0")/lib/java17.sh"

link() { PATH=$2 "$java_home/bin/jlink" --add-modules java.base "$1" --output "$work/$3" >"$work/out" 2>"$work/err"; }
mkdir "$work/nothing"
link --strip-debug "$work/nothing" a
same "exit status of --strip-debug without objcopy" $? 1
same "standard error's bytes" "$(wc -c <"$work/err")" 0
same "standard output names objcopy" "$(grep -c objcopy "$work/out")" 1
link --strip-java-debug-attributes "$work/nothing" b
same "exit status of --strip-java-debug-attributes without objcopy" $? 0
command -v objcopy >/dev/null || need binutils binutils-x86-64-linux-gnu binutils-common libbinutils libctf-nobfd0 libctf0 libgprofng0 libjansson4
link --strip-debug "$PATH" c
same "exit status of --strip-debug with objcopy" $? 0
same "size of libjvm.so with it" "$(stat -c %s "$work/c/lib/server/libjvm.so")" "$(stat -c %s "$work/b/lib/server/libjvm.so")"
verdict
