package io.mdfuse.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** mdadm's modes, which its users type out of habit, with the verb of mdfuse that does the same. */
final class MdadmModes {
    private static final String EXAMINE = "mdfuse examine a.img b.img";
    private static final String DETAIL = "mdfuse detail /mnt/array";
    private static final String STOP = "mdfuse umount /mnt/array";
    private static final String ASSEMBLE = "mdfuse mount a.img b.img c.img /mnt/array";
    private static final String CREATE = "mdfuse create --level 5 --raid-devices 3 a.img b.img c.img";
    private static final String QUERY = "mdfuse examine a.img, or mdfuse detail /mnt/array";
    private static final String MANAGE = "mdfuse add /mnt/array d.img (and fail, remove, re-add, replace)";

    private static final String RESHAPE =
            "mdfuse mount --read-only shows an array in a reshape; the reshape itself is md's: mdadm --grow";

    /** The example for each of mdadm's spellings (mdadm 4.2, ReadMe.c). */
    private static final Map<String, String> SAY_INSTEAD = Map.ofEntries(
            Map.entry("--examine", EXAMINE),
            Map.entry("--grow", RESHAPE),
            Map.entry("-G", RESHAPE),
            Map.entry("--zero-superblock", "wipefs --all a.img erases a superblock; mdfuse has no verb for that"),
            Map.entry("-E", EXAMINE),
            Map.entry("--examine-bitmap", "mdfuse examine --bitmap a.img"),
            Map.entry("-X", "mdfuse examine --bitmap a.img"),
            Map.entry("--examine-badblocks", "mdfuse examine --badblocks a.img"),
            Map.entry("--detail", DETAIL),
            Map.entry("-D", DETAIL),
            Map.entry("--stop", STOP),
            Map.entry("-S", STOP),
            Map.entry("stop", STOP),
            Map.entry("--assemble", ASSEMBLE),
            Map.entry("-A", ASSEMBLE),
            Map.entry("assemble", ASSEMBLE),
            Map.entry("--create", CREATE),
            Map.entry("-C", CREATE),
            Map.entry("--query", QUERY),
            Map.entry("-Q", QUERY),
            Map.entry("query", QUERY),
            Map.entry("--manage", MANAGE),
            Map.entry("--add", "mdfuse add /mnt/array d.img"),
            Map.entry("-a", "mdfuse add /mnt/array d.img"),
            Map.entry("--re-add", "mdfuse re-add /mnt/array b.img"),
            Map.entry("--fail", "mdfuse fail /mnt/array b.img"),
            Map.entry("-f", "mdfuse fail /mnt/array b.img"),
            Map.entry("--remove", "mdfuse remove /mnt/array b.img"),
            Map.entry("-r", "mdfuse remove /mnt/array b.img"),
            Map.entry("--replace", "mdfuse replace /mnt/array b.img --with d.img"));

    private MdadmModes() {}

    /** The message for arguments written as for mdadm, by the first of them that is one of its modes. */
    static Optional<String> answer(List<String> words) {
        return words.stream()
                .filter(SAY_INSTEAD::containsKey)
                .findFirst()
                .map(word -> word + " is mdadm's word; here say for example: " + SAY_INSTEAD.get(word));
    }
}
