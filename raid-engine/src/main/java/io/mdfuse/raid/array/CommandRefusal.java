package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;

/** Why a command about members is refused. Nothing has been written then. */
final class CommandRefusal {
    private CommandRefusal() {}

    /** @param why one line that names the device and says what the user can do */
    static ArrayRefusedException because(String why) {
        return new ArrayRefusedException(Reason.UNSUPPORTED, why);
    }

    /** Refuses the command if {@code wrong}. */
    static void throwIf(boolean wrong, String why) throws ArrayRefusedException {
        if (wrong) {
            throw because(why);
        }
    }
}
