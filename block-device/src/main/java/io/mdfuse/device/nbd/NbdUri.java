package io.mdfuse.device.nbd;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The URI of an export, as it may be shown. A URI can have {@code USER:PASSWORD@} before the host; the password is
 * shown nowhere: not in a message, a log line, the list of devices or JSON.
 */
public final class NbdUri {
    /** Is a legal password, so that what is shown is a URI too. */
    private static final String MASK = "***";

    /** The authority ends at the first slash, question mark or #. A password with an @ in it ends at the last one. */
    private static final Pattern PASSWORD = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*://[^/?#:@]*:)([^/?#]*)(@.*)");

    /** A password that has a slash, which no URI allows: what follows the colon is no port. */
    private static final Pattern STRAY_PASSWORD =
            Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*://[^/?#:@\\[]*:)(?![0-9]*(?:[/?#@]|$))(.*)(@.*)");

    private NbdUri() {}

    /**
     * The text with {@code ***} in place of a password.
     *
     * @param text a URI, right or wrong, perhaps with a part behind it; or any other name of a device
     */
    public static String withoutPassword(String text) {
        for (Pattern pattern : new Pattern[] {PASSWORD, STRAY_PASSWORD}) {
            Matcher matcher = pattern.matcher(text);
            if (matcher.matches()) {
                return matcher.group(1) + MASK + matcher.group(3);
            }
        }
        return text;
    }

    /** A message about a URI, which may repeat the URI. */
    static String inMessage(String message, String uri) {
        return message.replace(uri, withoutPassword(uri));
    }
}
