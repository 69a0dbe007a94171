package io.mdfuse.raid.array.lvm;

import java.io.IOException;

/** LVM2 metadata that can't be used: a wrong checksum, text that breaks the grammar, values that contradict. */
public final class LvmDamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    LvmDamagedException(String message) {
        super(message);
    }
}
