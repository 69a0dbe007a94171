#!/usr/bin/env bash
# In the locale C (also: LANG names a locale that the machine does not have) Java cannot open a file whose name, given as an
# argument, is not ASCII; the same program opens the same file if it finds the name by listing the directory. Arguments
# become text by the locale's encoding, and what is not ASCII becomes U+FFFD before main is called. JDK 18 made UTF-8 the
# default for content (JEP 400), not for names: newer ones behave alike.
#
# Seen: OpenJDK 17.0.21 of Debian 12, and Temurin 25.0.3.
# Why it matters: service managers, cron and rescue systems start programs in the locale C, and images of disks are called as
# their owners call them. -Dfile.encoding=UTF-8 does not help; LC_ALL=C.UTF-8 does.
. "$(dirname "$0")/lib/try.sh"
. "$(dirname "$0")/lib/java17.sh"

cat >"$work/Names.java" <<'END'
import java.nio.file.*;

class Names {
    public static void main(String[] words) throws Exception {
        String given;
        try {
            given = Files.exists(Path.of(words[1])) ? "found" : "not found";
        } catch (InvalidPathException e) {
            given = "no path at all";
        }
        try (var listed = Files.list(Path.of(words[0]))) {
            System.out.print(given + ", listed: " + (Files.size(listed.findFirst().get()) == 5 ? "found" : "not found"));
        }
    }
}
END
"$java_home/bin/javac" -d "$work" "$work/Names.java" || cannot "javac"
mkdir "$work/images"
echo disk >"$work/images/für"
look() { env -u LC_ALL -u LC_CTYPE -u LANG "$1" "$java_home/bin/java" ${2:-} -cp "$work" Names "$work/images" "$work/images/für"; }

same "LC_ALL=C" "$(look LC_ALL=C)" "no path at all, listed: found"
same "LC_ALL=C, -Dfile.encoding=UTF-8" "$(look LC_ALL=C -Dfile.encoding=UTF-8)" "no path at all, listed: found"
same "LANG names a locale that is not installed" "$(look LANG=xx_XX.UTF-8)" "no path at all, listed: found"
same "LC_ALL=C.UTF-8" "$(look LC_ALL=C.UTF-8)" "found, listed: found"
verdict
