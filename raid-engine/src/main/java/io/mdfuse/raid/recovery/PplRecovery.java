package io.mdfuse.raid.recovery;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.parity.XorParity;
import io.mdfuse.raid.superblock.PplArea;
import io.mdfuse.raid.superblock.PplEntry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Makes the parity of stripes that were under way when power went, from the members' partial parity logs.
 *
 * <p>What the logs say may be relied on, and nothing else needs a resync, where every member's log can be read, each
 * entry's partial parity has its checksum, and there is at least one entry: md's rule. A dirty array without an entry was
 * in a state in which nothing is logged.
 *
 * <p>Parity is written from partial parity and data, neither of which is written, so a recovery that is cut short is done
 * again with the same result.
 */
public final class PplRecovery {
    private static final int TILE_BYTES = 256 * 1024;

    private record Work(int slot, PplArea area, long partialSector, PplEntry entry, List<PplStrip> strips) {}

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final List<Work> works = new ArrayList<>();
    private final List<String> damaged = new ArrayList<>();
    private int skippedBlocks;

    /** Reads all logs; nothing is written yet. */
    public PplRecovery(ArrayGeometry geometry, MemberSet members, Map<Integer, PplArea> areas) throws DeviceException {
        this.geometry = geometry;
        this.members = members;
        for (Map.Entry<Integer, PplArea> area : areas.entrySet()) {
            scan(area.getKey(), area.getValue());
        }
    }

    private void scan(int slot, PplArea area) throws DeviceException {
        Optional<PplArea.Log> log = area.newest();
        if (log.isEmpty()) {
            damaged.add(area.name() + ": its partial parity log can't be made out");
            return;
        }
        long partialSector = log.get().partialSector();
        for (PplEntry entry : log.get().head().entries()) {
            Optional<List<PplStrip>> strips = PplStrip.of(entry, geometry);
            if (entry.paritySlot() != slot || strips.isEmpty()) {
                damaged.add(area.name() + ": its partial parity log has an entry that makes no sense");
            } else if (checksum(area, partialSector, entry.partialBytes()) != entry.checksum()) {
                damaged.add(area.name() + ": an entry of its partial parity log is damaged");
            } else {
                works.add(new Work(slot, area, partialSector, entry, strips.get()));
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

    /** True where {@link #recover} leaves no parity in doubt. */
    public boolean complete() {
        return damaged.isEmpty() && !works.isEmpty();
    }

    /** Why it is not complete, for the user. */
    public List<String> damaged() {
        return List.copyOf(damaged);
    }

    /**
     * Writes the parity of every stripe in the logs, and flushes the members.
     *
     * @return how many entries there were
     */
    public int recover() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sum = arena.allocate(TILE_BYTES, Sectors.BLOCK_BYTES);
            MemorySegment one = arena.allocate(TILE_BYTES, Sectors.BLOCK_BYTES);
            for (Work work : works) {
                for (PplStrip strip : work.strips()) {
                    recover(work, strip, sum, one);
                }
            }
        }
        members.flush();
        if (skippedBlocks > 0) {
            damaged.add(skippedBlocks
                    + " blocks that were being written are listed as bad: their parity may be old or new");
        }
        return works.size();
    }

    private boolean anyKnownBad(long row, PplStrip strip, long memberOffsetBytes, long lengthBytes) {
        return strip.dataIndexes().stream()
                .map(index -> members.inSync(geometry.dataSlot(row, index)))
                .anyMatch(member -> member != null && member.knowsBad(memberOffsetBytes, lengthBytes));
    }

    private void recover(Work work, PplStrip strip, MemorySegment sum, MemorySegment one) throws IOException {
        Member parity = members.inSync(work.slot());
        long row = geometry.rowOfStripe(strip.stripeSector());
        for (int index : strip.dataIndexes()) {
            if (members.inSync(geometry.dataSlot(row, index)) == null) {
                // What was being written there is gone, and what its parity was can't be told: as in md it stays.
                return;
            }
        }
        long lengthBytes = Sectors.toBytes(strip.sectors());
        long tileBytes;
        for (long done = 0; parity != null && done < lengthBytes; done += tileBytes) {
            long memberOffsetBytes = Sectors.toBytes(strip.stripeSector()) + done;
            tileBytes = Math.min(TILE_BYTES, lengthBytes - done);
            if (members.knowBad(memberOffsetBytes, tileBytes)) {
                tileBytes = Math.min(tileBytes, Sectors.BLOCK_BYTES - memberOffsetBytes % Sectors.BLOCK_BYTES);
            }
            if (anyKnownBad(row, strip, memberOffsetBytes, tileBytes)) {
                // As where its member is gone: it can't be told, and the parity that is there may still give it.
                skippedBlocks++;
                continue;
            }
            MemorySegment sumTile = sum.asSlice(0, tileBytes).fill((byte) 0);
            MemorySegment oneTile = one.asSlice(0, tileBytes);
            if (work.entry().partialBytes() > 0) {
                work.area().read(work.partialSector() + strip.partialSector() + done / Sectors.BYTES, sumTile);
            }
            for (int index : strip.dataIndexes()) {
                Member data = members.inSync(geometry.dataSlot(row, index));
                if (data == null) {
                    return;
                }
                data.read(memberOffsetBytes, oneTile);
                XorParity.add(sumTile, oneTile);
            }
            try {
                parity.write(memberOffsetBytes, sumTile);
            } catch (DeviceException e) {
                members.failed(parity, e);
                return;
            }
        }
    }
}
