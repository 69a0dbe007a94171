package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.Superblock;
import java.util.List;

/**
 * What every open array has.
 *
 * @param reference the freshest superblock, as it was found
 * @param locks on its stripes; the recovery held all of them
 * @param devices all that were opened for it; closed with it. Devices may join and leave
 * @param messages what its opening has to say to the user
 * @param events what happens to it from then on
 */
record ArrayParts(
        Superblock reference,
        ArrayGeometry geometry,
        MemberSet members,
        StripeLocks locks,
        SyncPosition syncPosition,
        ArrayRuntime runtime,
        List<BlockDevice> devices,
        List<String> messages,
        ArrayEvents events) {}
