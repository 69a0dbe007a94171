package io.mdfuse.raid.recovery;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.parity.XorParity;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.superblock.PplArea;
import io.mdfuse.raid.superblock.PplEntry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Makes the parity of stripes that were being written when power failed, from the members' partial parity logs.
 *
 * <p>The logs replace a resync if every member's log can be read, each entry's partial parity matches its checksum, and
 * there is at least one entry: md's rule. A dirty array without an entry was in a state in which nothing is logged.
 *
 * <p>Parity is computed from partial parity and data. The recovery writes neither of them, so a recovery that is
 * interrupted can be repeated with the same result.
 */
public final class PplRecovery {
    private static final int TILE_BYTES = 256 * 1024;

    private record LoggedEntry(
            int slot, PplArea area, long partialSector, PplEntry entry, List<PplEntryRange> ranges) {}

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final List<LoggedEntry> entries = new ArrayList<>();
    private final List<String> damaged = new ArrayList<>();
    private int skippedBlocks;

    /**
     * Reads the logs of all members, and writes nothing.
     *
     * @param areas the log of each member, by device number
     */
    public PplRecovery(ArrayGeometry geometry, MemberSet members, Map<Integer, PplArea> areas) throws DeviceException {
        this.geometry = geometry;
        this.members = members;
        for (int slot = 0; slot < members.size(); slot++) {
            Member member = members.member(slot);
            PplArea area = member == null ? null : areas.get(member.deviceNumber());
            if (member != null && area != null) {
                scan(slot, area, member.recoveryPosition().isNone());
            }
        }
    }

    /** No parity of a member that is not rebuilt at all is used, so damage in its log does not matter. */
    private void scan(int slot, PplArea area, boolean notRebuilt) throws DeviceException {
        try {
            scan(slot, area, notRebuilt ? new ArrayList<>() : damaged);
        } catch (DeviceException e) {
            if (!notRebuilt) {
                throw e;
            }
        }
    }

    private void scan(int slot, PplArea area, List<String> damaged) throws DeviceException {
        Optional<PplArea.Log> log = area.newest();
        if (log.isEmpty()) {
            damaged.add(area.name() + ": its partial parity log can't be made out");
            return;
        }
        long partialSector = log.get().partialSector();
        for (PplEntry entry : log.get().head().entries()) {
            Optional<List<PplEntryRange>> ranges = PplEntryRange.of(entry, geometry);
            if (entry.paritySlot() != slot || ranges.isEmpty()) {
                damaged.add(area.name() + ": its partial parity log has an entry that makes no sense");
            } else if (checksum(area, partialSector, entry.partialBytes()) != entry.checksum()) {
                damaged.add(area.name() + ": an entry of its partial parity log is damaged");
            } else {
                entries.add(new LoggedEntry(slot, area, partialSector, entry, ranges.get()));
            }
            partialSector += entry.partialBytes() / Sectors.BYTES;
        }
    }

    private static int checksum(PplArea area, long deviceSector, long lengthBytes) throws DeviceException {
        CRC32C crc = new CRC32C();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment tile = arena.allocate(Math.max(1, Math.min(TILE_BYTES, lengthBytes)), Sectors.BLOCK_BYTES);
            for (long done = 0; done < lengthBytes; done += TILE_BYTES) {
                MemorySegment part = tile.asSlice(0, Math.min(TILE_BYTES, lengthBytes - done));
                area.read(deviceSector + done / Sectors.BYTES, part);
                crc.update(part.asByteBuffer());
            }
        }
        return (int) crc.getValue();
    }

    /** True if {@link #recover} leaves no parity in doubt. */
    public boolean complete() {
        return damaged.isEmpty() && !entries.isEmpty();
    }

    /** The reasons that the recovery is not complete, a line each, for the user. */
    public List<String> damaged() {
        return List.copyOf(damaged);
    }

    /**
     * Writes the parity of every stripe in the logs, and flushes the members.
     *
     * @param lease covers every stripe of the array
     * @return the number of entries in the logs
     */
    public int recover(StripeLocks.Lease lease) throws IOException {
        lease.require(new StripeRange(0, geometry.memberSectors()));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sum = arena.allocate(TILE_BYTES, Sectors.BLOCK_BYTES);
            MemorySegment one = arena.allocate(TILE_BYTES, Sectors.BLOCK_BYTES);
            for (LoggedEntry logged : entries) {
                for (PplEntryRange range : logged.ranges()) {
                    recover(lease, logged, range, sum, one);
                }
            }
        }
        members.flush();
        if (skippedBlocks > 0) {
            damaged.add(skippedBlocks
                    + " blocks that were being written are listed as bad: their parity may be old or new");
        }
        return entries.size();
    }

    private void recover(
            StripeLocks.Lease lease, LoggedEntry logged, PplEntryRange range, MemorySegment sum, MemorySegment one)
            throws IOException {
        long row = geometry.rowOfStripe(range.stripeSector());
        int[] dataSlots = range.dataIndexes().stream()
                .mapToInt(index -> geometry.dataSlot(row, index))
                .toArray();
        long endSector = range.stripeSector() + range.sectors();
        lease.require(StripeRange.covering(range.stripeSector(), endSector));
        long end;
        for (long at = range.stripeSector(); at < endSector; at = end) {
            end = Math.min(at + TILE_BYTES / Sectors.BYTES, endSector);
            if (anyLost(dataSlots, at, end) || members.isLost(logged.slot(), at, end)) {
                // Block by block: a slot that is lost in one block may be readable in the next.
                end = Math.min(end, Sectors.roundDown(at, Sectors.PER_BLOCK) + Sectors.PER_BLOCK);
            }
            if (anyLost(dataSlots, at, end)) {
                // The data that was being written is lost, so its parity can't be computed: it is not changed, as in
                // md.
                skippedBlocks += anyListed(dataSlots, at, end) ? 1 : 0;
                continue;
            }
            Member parity = members.readable(logged.slot(), end);
            if (parity != null) {
                long doneSectors = at - range.stripeSector();
                MemorySegment tile = sum.asSlice(0, Sectors.toBytes(end - at));
                makeParity(logged, range.partialSector() + doneSectors, dataSlots, at, tile, one);
                try {
                    parity.write(Sectors.toBytes(at), tile);
                } catch (DeviceException e) {
                    members.failed(parity, e);
                }
            }
        }
    }

    private boolean anyLost(int[] slots, long fromStripeSector, long endStripeSector) {
        return Arrays.stream(slots).anyMatch(slot -> members.isLost(slot, fromStripeSector, endStripeSector));
    }

    private boolean anyListed(int[] slots, long fromStripeSector, long endStripeSector) {
        return Arrays.stream(slots)
                .mapToObj(members::member)
                .anyMatch(member -> member != null
                        && member.listsBad(
                                Sectors.toBytes(fromStripeSector),
                                Sectors.toBytes(endStripeSector - fromStripeSector)));
    }

    private void makeParity(
            LoggedEntry logged,
            long partialSector,
            int[] dataSlots,
            long stripeSector,
            MemorySegment parity,
            MemorySegment one)
            throws IOException {
        parity.fill((byte) 0);
        if (logged.entry().partialBytes() > 0) {
            logged.area().read(logged.partialSector() + partialSector, parity);
        }
        MemorySegment data = one.asSlice(0, parity.byteSize());
        for (int slot : dataSlots) {
            Member member = members.readable(slot, stripeSector + parity.byteSize() / Sectors.BYTES);
            if (member == null) {
                throw new IOException("a member of slot " + slot + " went away during the recovery");
            }
            member.read(Sectors.toBytes(stripeSector), data);
            XorParity.add(parity, data);
        }
    }
}
