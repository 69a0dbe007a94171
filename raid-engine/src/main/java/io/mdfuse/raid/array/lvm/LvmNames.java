package io.mdfuse.raid.array.lvm;

import java.util.regex.Pattern;

/** Which names and UUIDs lvm2 makes. Names become names of files, so all others are refused. */
public final class LvmNames {
    private static final int LONGEST = 127;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.+][A-Za-z0-9_.+-]*+");
    private static final Pattern UUID = Pattern.compile("[A-Za-z0-9!#]{32}");

    private LvmNames() {}

    static boolean isUuid(String text) {
        return UUID.matcher(text).matches();
    }

    static boolean isName(String text) {
        return text.length() <= LONGEST && NAME.matcher(text).matches() && !text.equals(".") && !text.equals("..");
    }

    /** The name under which the device mapper shows a logical volume: a hyphen within a name is doubled. */
    public static String mapped(String group, String volume) {
        return group.replace("-", "--") + "-" + volume.replace("-", "--");
    }
}
