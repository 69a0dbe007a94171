package io.mdfuse.device.nbd;

/** A server can't be reached, or does not serve the export. The message says why, without the device's name. */
final class NbdRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    NbdRefusedException(String reason) {
        super(reason);
    }

    /** Why. */
    String reason() {
        return String.valueOf(getMessage());
    }
}
