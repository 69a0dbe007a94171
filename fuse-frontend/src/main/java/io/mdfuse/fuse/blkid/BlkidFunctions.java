package io.mdfuse.fuse.blkid;

import java.util.Map;

/**
 * The functions of libblkid, with every pointer as a number. Their signatures are those of blkid.h of util-linux 2.38;
 * they are in every version since 2.30. jnr-ffi implements the interface, so it is public.
 */
public interface BlkidFunctions {
    /** The C names. */
    Map<String, String> SYMBOLS = Map.of(
            "newProbe", "blkid_new_probe",
            "freeProbe", "blkid_free_probe",
            "setDevice", "blkid_probe_set_device",
            "enablePartitions", "blkid_probe_enable_partitions",
            "setSuperblocksFlags", "blkid_probe_set_superblocks_flags",
            "safeProbe", "blkid_do_safeprobe",
            "lookupValue", "blkid_probe_lookup_value");

    /** 0 if there is no memory. */
    long newProbe();

    void freeProbe(long probe);

    /** Looks at {@code sizeBytes} of an open file from {@code offsetBytes} on. */
    int setDevice(long probe, int descriptor, long offsetBytes, long sizeBytes);

    int enablePartitions(long probe, int enable);

    int setSuperblocksFlags(long probe, int flags);

    /** 0 if something was found, 1 if nothing was, -2 if signatures of several contents were, -1 after an error. */
    int safeProbe(long probe);

    /** Puts the address and the length of a value at the two addresses; -1 if there is no such value. */
    int lookupValue(long probe, long name, long valueAddress, long lengthAddress);
}
