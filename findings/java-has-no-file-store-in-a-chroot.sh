#!/usr/bin/env bash
# Java's Files.getFileStore(FILE), the documented way to the free space of a file's file system, fails with "Mount point not
# found" in a chroot whose root is a plain directory: Java looks for a line of the mount table, and the kernel shows none for such
# a root. File.getUsableSpace() asks statvfs and answers.
#
# Seen: OpenJDK 17.0.21 of Debian 12, and Temurin 25.0.3.
# Why it matters: rescue systems and build roots (debootstrap, schroot) are such roots, and that is where disks are repaired.
. "$(dirname "$0")/lib/try.sh"
[ "$(id -u)" = 0 ] || cannot "needs root"
. "$(dirname "$0")/lib/java17.sh"

cat >"$work/Room.java" <<'END'
import java.io.IOException;
import java.nio.file.*;

class Room {
    public static void main(String[] words) throws Exception {
        Path file = Path.of(words[0]);
        String store;
        try {
            store = Files.getFileStore(file).getUsableSpace() > 0 ? "room" : "no room";
        } catch (IOException e) {
            store = e.getMessage();
        }
        System.out.print("FileStore: " + store + ", File: " + (file.toFile().getUsableSpace() > 0 ? "room" : "no room"));
    }
}
END
"$java_home/bin/javac" -d "$work" "$work/Room.java" || cannot "javac"
same "outside" "$("$java_home/bin/java" -cp "$work" Room "$work")" "FileStore: room, File: room"

cat >"$work/job" <<'END'
root=$1/root
mkdir -p $root/usr $root/etc $root/dev $root/proc $root/tmp $root/java $root/classes
for link in bin sbin lib lib64; do [ ! -L /$link ] || cp -a /$link $root/$link; done
for shared in usr etc dev proc; do mount --rbind /$shared $root/$shared; done
mount --bind "$2" $root/java
cp "$1/Room.class" $root/classes/
chroot $root /java/bin/java -cp /classes Room /classes
END
same "in a chroot" "$(unshare --mount --propagation private bash "$work/job" "$work" "$java_home")" \
  "FileStore: Mount point not found, File: room"
verdict
