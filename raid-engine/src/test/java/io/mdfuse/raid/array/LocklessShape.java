package io.mdfuse.raid.array;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.parity.StripeParity;
import io.mdfuse.raid.superblock.ChunkState;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A small array on crash disks with a lockless bitmap, as md leaves one that was just created: nothing was written, and
 * the parity blocks hold junk. The data blocks are zeros, so that the content of the complete array is known.
 *
 * @param stateSectors member sectors for each state
 * @param pieceBytes the unit in which the bitmap is written
 */
record LocklessShape(ParityLayout layout, int disks, int chunkSectors, int rows, int stateSectors, int pieceBytes) {
    static final int AREA_SECTOR = 16;
    static final int STATES = 1024;
    static final int DATA_OFFSET_SECTORS = 160;
    private static final byte[] UUID = {9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    ArrayGeometry geometry() {
        return new ArrayGeometry(layout, disks, chunkSectors, (long) chunkSectors * rows);
    }

    int states() {
        return (int) Math.ceilDiv(geometry().memberSectors(), stateSectors);
    }

    /** Makes the members, flushed. */
    List<CrashDisk> create(CrashTrace trace) throws IOException {
        List<CrashDisk> made = new ArrayList<>();
        Random random = new Random(5);
        for (int slot = 0; slot < disks; slot++) {
            CrashDisk disk = blank("disk" + slot, trace);
            PolicyShape.write(disk, 8, superblock(slot, slot).toBytes(), 512);
            PolicyShape.write(disk, AREA_SECTOR, bitmap(), 4096);
            writeJunkParity(disk, slot, random);
            disk.flush();
            made.add(disk);
        }
        return made;
    }

    /** A disk with a superblock that calls it a spare, and junk everywhere. */
    CrashDisk spare(CrashTrace trace) throws IOException {
        CrashDisk disk = junk("spare", trace);
        PolicyShape.write(disk, 8, superblock(disks, 0xffff).toBytes(), 512);
        disk.flush();
        return disk;
    }

    /** A disk without a superblock, and with junk in place of data. */
    CrashDisk junk(String name, CrashTrace trace) throws IOException {
        CrashDisk disk = blank(name, trace);
        byte[] junk = new byte[(int) Sectors.toBytes(geometry().memberSectors())];
        new Random(6).nextBytes(junk);
        PolicyShape.write(disk, DATA_OFFSET_SECTORS, junk, junk.length);
        disk.flush();
        return disk;
    }

    private CrashDisk blank(String name, CrashTrace trace) {
        return new CrashDisk(
                name, Sectors.toBytes(DATA_OFFSET_SECTORS + geometry().memberSectors()), trace);
    }

    private void writeJunkParity(CrashDisk disk, int slot, Random random) throws IOException {
        for (long sector = 0; sector < geometry().memberSectors(); sector += Sectors.PER_BLOCK) {
            if (geometry().dataIndex(geometry().rowOfStripe(sector), slot) < 0) {
                byte[] junk = new byte[4096];
                random.nextBytes(junk);
                PolicyShape.write(disk, DATA_OFFSET_SECTORS + sector, junk, 4096);
            }
        }
    }

    private Superblock superblock(int number, int role) {
        byte[] deviceUuid = UUID.clone();
        deviceUuid[0] = (byte) (100 + number);
        SuperblockEditor editor = SuperblockEditor.blank(MetadataVersion.V1_2, 128);
        editor.featureMap(Features.BITMAP).setUuid(UUID).setName("sim");
        editor.level(layout.level()).layout(layout.number()).raidDisks(disks).chunkSectors(chunkSectors);
        editor.usedSectors(geometry().memberSectors()).superOffsetSectors(8);
        editor.bitmapOffsetSectors(AREA_SECTOR - 8);
        editor.logicalBlockBytes(pieceBytes == 512 ? 0 : pieceBytes);
        editor.data(DATA_OFFSET_SECTORS, geometry().memberSectors());
        editor.deviceNumber(number).deviceUuid(deviceUuid).events(1).resyncOffsetSectors(Superblock.IN_SYNC);
        for (int member = 0; member < disks; member++) {
            editor.role(member, member);
        }
        editor.role(number, role);
        return Superblock.of(editor);
    }

    /** As md leaves the superblocks if power fails while it syncs chunks for the first time, by means of this slot. */
    void cutFirstSync(List<CrashDisk> members, int slot) throws IOException {
        for (int each = 0; each < members.size(); each++) {
            boolean synced = each == slot;
            Superblock left = superblock(each, each).edit(editor -> {
                editor.resyncOffsetSectors(0);
                if (synced) {
                    editor.featureMap(Features.BITMAP | Features.RECOVERY_OFFSET)
                            .recoveryOffsetSectors(-1);
                }
            });
            PolicyShape.write(members.get(each), 8, left.toBytes(), 512);
            members.get(each).flush();
        }
    }

    private byte[] bitmap() {
        byte[] page = new byte[4096];
        ByteBuffer head = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(0, 0x6d746962).putInt(4, 6).put(8, UUID).putLong(24, 1).putLong(32, 0);
        head.putLong(40, geometry().memberSectors())
                .putInt(52, stateSectors)
                .putInt(56, 30)
                .putInt(64, 8);
        return page;
    }

    /** The states on one member. */
    List<ChunkState> states(CrashDisk disk) throws IOException {
        byte[] page = PolicyShape.read(PolicyShape.reopen(disk), AREA_SECTOR, 4096);
        List<ChunkState> found = new ArrayList<>();
        for (int chunk = 0; chunk < states(); chunk++) {
            found.add(ChunkState.of(page[STATES + chunk]));
        }
        return found;
    }

    /** How many chunks one member has in each state; only states that occur. */
    Map<ChunkState, Integer> counts(CrashDisk disk) throws IOException {
        Map<ChunkState, Integer> counts = new EnumMap<>(ChunkState.class);
        states(disk).forEach(state -> counts.merge(state, 1, Integer::sum));
        return counts;
    }

    /** Changes a byte of the bitmap on one member. */
    static void put(CrashDisk disk, int offset, int value) throws IOException {
        byte[] page = PolicyShape.read(disk, AREA_SECTOR, 4096);
        page[offset] = (byte) value;
        PolicyShape.write(disk, AREA_SECTOR, page, 4096);
        disk.flush();
    }

    /** The first stripe of a closed array, in a chunk that is stored as clean, whose parity is wrong; -1 if none is. */
    long wrongParity(List<CrashDisk> members) throws IOException {
        List<ChunkState> states = states(members.getFirst());
        for (long sector = 0; sector < geometry().memberSectors(); sector += Sectors.PER_BLOCK) {
            ChunkState state = states.get((int) (sector / stateSectors));
            if (state == ChunkState.CLEAN && !parityFits(members, sector)) {
                return sector;
            }
        }
        return -1;
    }

    boolean parityFits(List<CrashDisk> members, long sector) throws IOException {
        ArrayGeometry geometry = geometry();
        long row = geometry.rowOfStripe(sector);
        try (Arena arena = Arena.ofConfined()) {
            @Nullable MemorySegment[] byExponent = new MemorySegment[geometry.exponents()];
            for (int index = 0; index < geometry.dataDisks(); index++) {
                MemorySegment block = arena.allocate(4096);
                block.copyFrom(MemorySegment.ofArray(block(members, geometry.dataSlot(row, index), sector)));
                byExponent[geometry.exponent(row, index)] = block;
            }
            MemorySegment p = arena.allocate(4096);
            MemorySegment q = layout.parityCount() == 2 ? arena.allocate(4096) : null;
            StripeParity.make(p, q, byExponent);
            return Arrays.equals(p.toArray(ValueLayout.JAVA_BYTE), block(members, geometry.parityP(row), sector))
                    && (q == null
                            || Arrays.equals(
                                    q.toArray(ValueLayout.JAVA_BYTE), block(members, geometry.parityQ(row), sector)));
        }
    }

    private static byte[] block(List<CrashDisk> members, int slot, long sector) throws IOException {
        return PolicyShape.read(PolicyShape.reopen(members.get(slot)), DATA_OFFSET_SECTORS + sector, 4096);
    }
}
