#!/usr/bin/env bash
# A Java program that is started with its three standard streams closed (<&- >&- 2>&-) prints into the file that it opens
# first: the Java machine does not reserve the descriptors 0 to 2, its own files take two of them, and the program's first
# file becomes descriptor 2. What System.err prints then overwrites that file's first bytes, with no error anywhere.
#
# Seen: OpenJDK 17.0.21 of Debian 12, and Temurin 25.0.3.
# Why it matters: for a program that opens disks, "the first file" is a member of an array, and a log line overwrites its
# beginning. With one or two streams closed nothing happens: Java's own files take the holes.
. "$(dirname "$0")/lib/try.sh"
. "$(dirname "$0")/lib/java17.sh"

cat >"$work/Disk.java" <<'END'
import java.io.RandomAccessFile;

class Disk {
    public static void main(String[] words) throws Exception {
        RandomAccessFile disk = new RandomAccessFile(words[0], "rw");
        System.out.println("to standard output");
        System.err.println("to standard error");
        disk.close();
    }
}
END
"$java_home/bin/javac" -d "$work" "$work/Disk.java" || cannot "javac"

begins() { head -c 16 "$work/disk" | tr '\0' '.'; }
for closed in "" "2>&-" ">&- 2>&-" "<&- >&- 2>&-"; do
  head -c 4096 /dev/zero >"$work/disk"
  eval "\"$java_home/bin/java\" -cp \"$work\" Disk \"$work/disk\" >/dev/null 2>&1 </dev/null $closed"
  same "exit status with '$closed'" $? 0
  case $closed in "<&- >&- 2>&-") stated="to standard erro" ;; *) stated="................" ;; esac
  same "the disk begins with, after '$closed'" "$(begins)" "$stated"
done
verdict
