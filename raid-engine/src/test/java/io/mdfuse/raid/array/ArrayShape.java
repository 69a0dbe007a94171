package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.parity.DualParity;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A small array on crash disks.
 *
 * @param journalBlocks 4 KiB blocks of log; 0 for an array without a journal
 * @param resyncOffset the resync_offset of its superblocks when it is made
 * @param writeBack true if its journal is switched to write-back when it is open
 */
record ArrayShape(
        ParityLayout layout,
        int disks,
        int chunkSectors,
        int rows,
        int journalBlocks,
        long resyncOffset,
        boolean writeBack) {
    /** Small enough for a workload of some dozen blocks to fill it. */
    private static final int STRIPE_CACHE_SIZE = 6;

    static final int DATA_OFFSET_SECTORS = 24;
    private static final int MAX_DEV = 128;
    private static final byte[] UUID = {7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    /** The same array with its journal in this mode. */
    ArrayShape withWriteBack(boolean wanted) {
        return new ArrayShape(layout, disks, chunkSectors, rows, journalBlocks, resyncOffset, wanted);
    }

    ArrayGeometry geometry() {
        return new ArrayGeometry(layout, disks, chunkSectors, (long) chunkSectors * rows);
    }

    /** Makes the disks with their superblocks, flushed: the members first, the journal last. */
    List<CrashDisk> create(CrashTrace trace) throws IOException {
        List<CrashDisk> made = new ArrayList<>();
        for (int number = 0; number < disks; number++) {
            made.add(write(new CrashDisk("disk" + number, bytes(geometry().memberSectors()), trace), number));
        }
        if (journalBlocks > 0) {
            CrashDisk journal = new CrashDisk("journal", bytes(journalBlocks * 8L), trace);
            Journal.format(logArea(journal), new LogChecksum(UUID), 1000);
            made.add(write(journal, disks));
        }
        return made;
    }

    private static long bytes(long dataSectors) {
        return Sectors.toBytes(DATA_OFFSET_SECTORS + dataSectors);
    }

    private LogArea logArea(CrashDisk journal) {
        return new LogArea(journal, Sectors.toBytes(DATA_OFFSET_SECTORS), journalBlocks * 8L);
    }

    private CrashDisk write(CrashDisk disk, int number) throws IOException {
        byte[] bytes = superblock(number).toBytes();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(512);
            MemorySegment.copy(bytes, 0, page, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, 512);
            disk.write(4096, page);
            disk.flush();
        }
        return disk;
    }

    private Superblock superblock(int number) {
        byte[] deviceUuid = UUID.clone();
        deviceUuid[0] = (byte) (100 + number);
        SuperblockEditor editor = SuperblockEditor.blank(MetadataVersion.V1_2, MAX_DEV);
        editor.featureMap(journalBlocks > 0 ? Features.JOURNAL : 0)
                .setUuid(UUID)
                .setName("sim");
        editor.level(layout.level()).layout(layout.number()).raidDisks(disks).chunkSectors(chunkSectors);
        editor.usedSectors(geometry().memberSectors()).superOffsetSectors(8);
        boolean isJournal = number == disks;
        editor.data(
                DATA_OFFSET_SECTORS, isJournal ? journalBlocks * 8L : geometry().memberSectors());
        editor.deviceNumber(number).deviceUuid(deviceUuid).events(1).resyncOffsetSectors(resyncOffset);
        for (int member = 0; member < disks; member++) {
            editor.role(member, member);
        }
        if (journalBlocks > 0) {
            editor.role(disks, Roles.JOURNAL);
        }
        return Superblock.of(editor);
    }

    /** The array as a crash during a write leaves it: the superblocks say that parity may be wrong. */
    void rewriteAsDirty(CrashDisk disk) throws IOException {
        Superblock now = MemberLocator.require(disk).superblock();
        byte[] bytes = now.edit(editor -> editor.resyncOffsetSectors(0)).toBytes();
        try (Arena arena = Arena.ofConfined()) {
            disk.write(
                    4096,
                    arena.allocate(512).copyFrom(MemorySegment.ofArray(bytes).asSlice(0, 512)));
            disk.flush();
        }
    }

    /** Opens the array with one thread for everything, and with a clock that does not advance. */
    static RaidArray open(
            List<? extends BlockDevice> devices, @Nullable BlockDevice journalToAdd, AssembleOptions options)
            throws IOException {
        ArrayRuntime runtime = new ArrayRuntime(
                InstantSource.fixed(java.time.Instant.EPOCH),
                Executors.newSingleThreadScheduledExecutor(),
                new DirectExecutor(),
                new Random(1),
                2);
        try {
            return hurrying(ArrayAssembler.assemble(devices, journalToAdd, options, runtime));
        } catch (IOException | RuntimeException e) {
            runtime.shutdown();
            throw e;
        }
    }

    /** Without a speed limit, no rebuild or scrub sleeps because of the requests that the test has just made. */
    static RaidArray hurrying(RaidArray array) throws IOException {
        if (!array.readOnly()) {
            array.setAttribute("sync_speed_min", "1000000");
        }
        return array;
    }

    RaidArray open(List<? extends BlockDevice> devices) throws IOException {
        return open(devices, false);
    }

    /** Opens the array in the mode of its shape; {@code run} is true to open it although members are missing. */
    RaidArray open(List<? extends BlockDevice> devices, boolean run) throws IOException {
        RaidArray array =
                open(devices, null, AssembleOptions.defaults().withRun(run).withStripeCacheSize(STRIPE_CACHE_SIZE));
        if (writeBack && "0".equals(array.attributes().get("degraded"))) {
            array.setAttribute("journal_mode", "write-back");
        }
        return array;
    }

    /** The first member sector at which the parity of a closed array does not match its data; -1 if all parity does. */
    long wrongParity(List<CrashDisk> crashDisks) throws IOException {
        ArrayGeometry geometry = geometry();
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> members = new ArrayList<>();
            for (CrashDisk disk : crashDisks.subList(0, disks)) {
                members.add(data(disk, Sectors.toBytes(geometry.memberSectors()), arena));
            }
            MemorySegment parity = arena.allocate(2L * geometry.chunkBytes());
            for (long row = 0; row < rows; row++) {
                for (int which = 0; which < layout.parityCount(); which++) {
                    int slot = which == 0 ? geometry.parityP(row) : geometry.parityQ(row);
                    MemorySegment right = parityOf(row, members, parity).get(which);
                    long wrong = right.mismatch(chunk(members.get(slot), row));
                    if (wrong >= 0) {
                        return row * chunkSectors + wrong / Sectors.BYTES;
                    }
                }
            }
            return -1;
        }
    }

    /** P of a chunk row, and Q if the level has one, computed from the members' data. */
    List<MemorySegment> parityOf(long row, List<MemorySegment> members, MemorySegment target) {
        ArrayGeometry geometry = geometry();
        @Nullable MemorySegment[] byExponent = new MemorySegment[geometry.exponents()];
        for (int index = 0; index < geometry.dataDisks(); index++) {
            byExponent[geometry.exponent(row, index)] = chunk(members.get(geometry.dataSlot(row, index)), row);
        }
        MemorySegment p = target.asSlice(0, geometry.chunkBytes());
        MemorySegment q = target.asSlice(geometry.chunkBytes(), geometry.chunkBytes());
        DualParity.sum(p, q, Arrays.asList(byExponent));
        return layout.parityCount() == 1 ? List.of(p) : List.of(p, q);
    }

    private MemorySegment chunk(MemorySegment member, long row) {
        return member.asSlice(row * geometry().chunkBytes(), geometry().chunkBytes());
    }

    /** The data area of a member of a closed array. */
    static MemorySegment data(CrashDisk disk, long lengthBytes, Arena arena) throws IOException {
        MemorySegment data = arena.allocate(lengthBytes);
        disk.onTrace(CrashTrace.notRecording()).read(Sectors.toBytes(DATA_OFFSET_SECTORS), data);
        return data;
    }
}
