package io.mdfuse.raid.spec;

import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.nbd.NbdUri;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The address of an image that is neither a path nor an export of an NBD server, such as one of a web server. */
final class OtherAddress {
    private static final Pattern ADDRESS = Pattern.compile("(?<scheme>[A-Za-z][A-Za-z0-9+.-]+)://.*", Pattern.DOTALL);

    private OtherAddress() {}

    /**
     * Refuses such an address; there is no file of that name.
     *
     * @throws DeviceOpenException with one line that says how the image is reached instead
     */
    static void refuse(String text) throws DeviceOpenException {
        Matcher address = ADDRESS.matcher(text);
        if (!address.matches()) {
            return;
        }
        String shown = NbdUri.withoutPassword(text);
        String instead = switch (address.group("scheme").toLowerCase(Locale.ROOT)) {
            case "http", "https" ->
                "nbdkit -r curl url=" + shown + " serves it, and mdfuse takes nbd://HOST/ of that server";
            case "file" -> "write the path alone";
            default -> "mdfuse takes files, block devices and exports of NBD servers (nbd://HOST/EXPORT)";
        };
        throw new DeviceOpenException(shown, "is no device: " + instead);
    }
}
