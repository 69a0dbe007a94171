package io.mdfuse.device.nbd;

import java.util.ArrayList;
import java.util.List;

/** Cuts a range into commands of at most a given length. */
final class NbdPieces {
    private NbdPieces() {}

    /** Makes the command for a part of the range. */
    interface Maker {
        NbdCommand make(long offsetBytes, long lengthBytes);
    }

    /** The commands, in the order of their offsets; none for an empty range. */
    static List<NbdCommand> of(long offsetBytes, long lengthBytes, long mostBytes, Maker maker) {
        List<NbdCommand> pieces = new ArrayList<>();
        long endBytes = offsetBytes + lengthBytes;
        for (long at = offsetBytes; at < endBytes; at += mostBytes) {
            pieces.add(maker.make(at, Math.min(mostBytes, endBytes - at)));
        }
        return pieces;
    }
}
