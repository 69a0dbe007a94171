package io.mdfuse.raid.create;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DiskEvent;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.raid.array.OpenDevices;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockLocator;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArrayCreatorTest {
    private static final long MEMBER_BYTES = 2 << 20;
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
    private static final CreateOptions RAID5 = options(5, 2, 3, 8, MetadataVersion.V1_2, false);

    private final CrashTrace trace = CrashTrace.recording();

    private static CreateOptions options(
            int level, int layout, int disks, int chunkSectors, MetadataVersion version, boolean force) {
        return new CreateOptions(
                new NewShape(level, layout, disks, chunkSectors, version, 0),
                NewIdentity.named("host:t"),
                NewConsistency.RESYNC,
                force);
    }

    private List<BlockDevice> disks(int count, long sizeBytes) {
        List<BlockDevice> disks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            disks.add(new CrashDisk("disk" + trace.disks().size(), sizeBytes, trace));
        }
        return disks;
    }

    private static CreatedArray create(CreateOptions options, List<BlockDevice> members, @Nullable BlockDevice journal)
            throws Exception {
        return new ArrayCreator(options, () -> NOW, new SplittableRandom(1)).create(members, journal);
    }

    private static Assembly assemble(List<? extends BlockDevice> devices) throws Exception {
        List<FoundDevice> found = new ArrayList<>();
        for (BlockDevice device : devices) {
            found.add(SuperblockLocator.require(device));
        }
        return Assembly.of(found);
    }

    private void refused(CreateOptions options, List<BlockDevice> members, @Nullable BlockDevice journal, String word) {
        int before = trace.length();
        ArrayRefusedException e =
                assertThrows(ArrayRefusedException.class, () -> create(options, members, journal), word);
        assertTrue(e.toString().contains(word), e.toString());
        assertEquals(before, trace.length(), "something was written");
    }

    @Test
    void whatWasCreatedAssembles() throws Exception {
        for (MetadataVersion version : MetadataVersion.VERSION_1) {
            for (int level = 4; level <= 6; level++) {
                boolean withJournal = version != MetadataVersion.V1_0;
                List<BlockDevice> members = disks(4, MEMBER_BYTES);
                List<BlockDevice> journal = disks(1, 2 * MEMBER_BYTES);
                CreatedArray created = create(
                        options(level, level == 4 ? 0 : 2, 4, 64, version, false),
                        members,
                        withJournal ? journal.getFirst() : null);
                List<BlockDevice> all = new ArrayList<>(members);
                all.addAll(withJournal ? journal : List.of());
                Assembly assembly = assemble(all);
                assertEquals(List.of(), assembly.missingSlots());
                assertEquals(withJournal, assembly.journal() != null);
                Superblock reference = assembly.reference();
                assertEquals(withJournal ? Features.JOURNAL : 0, reference.featureMap());
                assertEquals(created.setUuidText(), reference.setUuidText());
                assertEquals("host:t", reference.setName());
                assertEquals(level, reference.level());
                assertEquals(64, reference.chunkSectors());
                assertEquals(created.usedSectors(), reference.usedSectors());
                assertEquals(0, reference.usedSectors() % 64);
                assertEquals(reference.usedSectors() * (level == 6 ? 2 : 3), created.arraySectors());
                assertEquals(version, reference.metadataVersion());
                assertEquals(128, reference.maxDev());
                assertEquals(NOW.getEpochSecond(), reference.ctimeSeconds());
                assertTrue(created.resyncNeeded());
                assertEquals(0, reference.resyncOffsetSectors());
            }
        }
    }

    @Test
    void aJournalBeginsWithAValidBlockOfItsOwn() throws Exception {
        List<BlockDevice> members = disks(3, MEMBER_BYTES);
        BlockDevice journal = disks(1, 2 * MEMBER_BYTES).getFirst();
        CreatedArray created = create(RAID5, members, journal);
        Superblock superblock = SuperblockLocator.require(journal).superblock();
        assertEquals(created.logSectors(), superblock.dataSizeSectors() / 8 * 8);
        assertTrue(logIsValid(journal, superblock));
    }

    private static boolean logIsValid(BlockDevice journal, Superblock superblock) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(4096, 4096);
            LogArea area =
                    new LogArea(journal, superblock.dataOffsetSectors() * 512, superblock.dataSizeSectors() / 8 * 8);
            area.readPage(superblock.journalTailSector(), block);
            int stored = block.get(ValueLayout.JAVA_INT_UNALIGNED, 4);
            block.set(ValueLayout.JAVA_INT_UNALIGNED, 4, 0);
            boolean magic = block.get(ValueLayout.JAVA_INT_UNALIGNED, 0) == 0x6433c509;
            return magic && stored == new LogChecksum(superblock.setUuid()).metaBlock(block);
        }
    }

    /** A crash at any moment: a superblock that says there is a log is never there before the log. */
    @Test
    void aCrashNeverLeavesAJournalWithoutALog() throws Exception {
        create(RAID5, disks(3, MEMBER_BYTES), disks(1, 2 * MEMBER_BYTES).getFirst());
        long states = new CrashStates(trace, 8, 4, 1).forEach(state -> {
            CrashDisk journal = state.disks(CrashTrace.notRecording()).get(3);
            Optional<Superblock> superblock;
            try {
                superblock = SuperblockLocator.find(journal);
            } catch (ArrayRefusedException e) {
                superblock = Optional.empty();
            }
            if (superblock.isPresent()) {
                assertTrue(logIsValid(journal, superblock.get()), "a superblock without a log");
            }
        });
        assertTrue(states > 50, states + " states");
        assertTrue(trace.events().getLast() instanceof DiskEvent.Flush);
    }

    @Test
    void theSmallestMemberDecides() throws Exception {
        List<BlockDevice> members = disks(2, MEMBER_BYTES);
        members.addAll(disks(1, MEMBER_BYTES - 20 * 512));
        CreatedArray created = create(RAID5, members, null);
        assertEquals((MEMBER_BYTES / 512 - 20 - 2048) / 8 * 8, created.usedSectors());
        assertEquals(
                MEMBER_BYTES / 512 - 2048,
                SuperblockLocator.require(members.getFirst()).superblock().dataSizeSectors());
    }

    @Test
    void wishesThatMakeNoArrayAreRefused() {
        List<BlockDevice> three = disks(3, MEMBER_BYTES);
        BlockDevice journal = disks(1, 2 * MEMBER_BYTES).getFirst();
        refused(options(5, 2, 4, 8, MetadataVersion.V1_2, true), three, null, "4 members are wanted, but 3");
        refused(options(1, 0, 3, 8, MetadataVersion.V1_2, true), three, null, "level 1");
        refused(options(6, 2, 3, 8, MetadataVersion.V1_2, true), three, null, "at least 4");
        refused(options(5, 9, 3, 8, MetadataVersion.V1_2, true), three, null, "layout 9");
        refused(options(5, 2, 3, 24, MetadataVersion.V1_2, true), three, null, "power of two");
        refused(options(5, 2, 3, 4, MetadataVersion.V1_2, true), three, null, "power of two");
        refused(options(5, 2, 3, 8, MetadataVersion.V1_0, true), three, journal, "metadata 1.0");
        refused(options(5, 2, 3, 2048, MetadataVersion.V1_2, true), three, null, "disk0: is too small");
        refused(
                new CreateOptions(RAID5.shape(), NewIdentity.named("n".repeat(33)), NewConsistency.RESYNC, true),
                three,
                null,
                "longer than 32");
        refused(options(5, 2, 204, 8, MetadataVersion.V1_2, true), disks(204, 4096), journal, "at most 203");
        refused(options(6, 2, 256, 8, MetadataVersion.V1_2, false), disks(256, 4096), null, "at most 255");
        refused(options(5, 2, 1920, 8, MetadataVersion.V1_2, true), disks(1920, 4096), null, "more than");
    }

    @Test
    void aJournalBelowTheLeastLengthIsRefused() throws Exception {
        List<BlockDevice> members = disks(3, MEMBER_BYTES);
        // The tail and three blocks kept; 17 stripes with a meta block each; three times what writing them out takes.
        long leastSectors = 8 * (1 + 3 + 17 * (2 + 1) + 3 * (17 * 2 + 2));
        long leastBytes = (1 << 20) + leastSectors * 512;
        refused(RAID5, members, disks(1, leastBytes - 512).getFirst(), "it needs at least " + leastBytes);
        assertEquals(
                leastSectors,
                create(RAID5, members, disks(1, leastBytes).getFirst()).logSectors());
    }

    @Test
    void anArrayIsGivenUpOnlyByForce() throws Exception {
        List<BlockDevice> members = disks(3, MEMBER_BYTES);
        CreatedArray old = create(options(5, 2, 3, 8, MetadataVersion.V1_0, false), members, null);
        refused(RAID5, members, null, "disk0: holds an md superblock of array " + old.setUuidText());
        CreatedArray next = create(options(5, 2, 3, 8, MetadataVersion.V1_2, true), members, null);
        assertEquals(next.setUuidText(), assemble(members).reference().setUuidText());
        assertEquals(MetadataVersion.V1_2, assemble(members).reference().metadataVersion());
        // The old superblock is gone, so that nothing can bring the old array back.
        for (BlockDevice member : members) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment page = arena.allocate(4096);
                member.read(MetadataVersion.V1_0.superSector(MEMBER_BYTES / 512) * 512, page);
                assertArrayEquals(new byte[4096], page.toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @Test
    void aDamagedSuperblockIsContentToo() throws Exception {
        List<BlockDevice> members = disks(3, MEMBER_BYTES);
        create(RAID5, members, null);
        write(members.get(0), 4096 + 300, "spoiled");
        refused(RAID5, members, null, "disk0: holds an md superblock that cannot be used here");
    }

    private static void write(BlockDevice device, long offsetBytes, String text) throws Exception {
        MemorySegment bytes = MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1));
        device.write(offsetBytes, bytes);
    }

    @Test
    void whatIsRecognisedIsGivenUpOnlyByForce() throws Exception {
        List<BlockDevice> members = disks(3, MEMBER_BYTES);
        write(members.get(2), 0, "XFSB");
        refused(RAID5, members, null, "disk2: holds an XFS file system");
        create(options(5, 2, 3, 8, MetadataVersion.V1_2, true), members, null);
        assertEquals(List.of(), assemble(members).missingSlots());
    }

    @Test
    void imagesThatWereNeverWrittenAreInSync(@TempDir Path directory) throws Exception {
        List<Path> paths = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Path path = directory.resolve("image" + i);
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                file.setLength(MEMBER_BYTES);
            }
            paths.add(path);
        }
        try (OpenDevices devices = OpenDevices.open(paths, Access.READ_WRITE, false)) {
            assertFalse(create(RAID5, devices.list(), null).resyncNeeded());
            assertEquals(
                    Superblock.IN_SYNC, assemble(devices.list()).reference().resyncOffsetSectors());
        }
        try (RandomAccessFile file = new RandomAccessFile(paths.get(1).toFile(), "rw")) {
            file.seek(MEMBER_BYTES - 4096);
            file.write(1);
        }
        CreateOptions again = options(5, 2, 3, 8, MetadataVersion.V1_2, true);
        try (OpenDevices devices = OpenDevices.open(paths, Access.READ_WRITE, false)) {
            assertTrue(create(again, devices.list(), null).resyncNeeded());
        }
        CreateOptions assumed = new CreateOptions(
                RAID5.shape(), NewIdentity.named(""), new NewConsistency(ConsistencyPolicy.RESYNC, 0, true), true);
        try (OpenDevices devices = OpenDevices.open(paths, Access.READ_WRITE, false)) {
            assertFalse(create(assumed, devices.list(), null).resyncNeeded());
        }
    }

    @Test
    void aDeviceGivenTwiceIsRefusedAndNoneStaysOpen(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("a"), new byte[8192]);
        Path link = Files.createSymbolicLink(directory.resolve("b"), file);
        assertThrows(
                ArrayRefusedException.class,
                () -> OpenDevices.open(List.of(file, link), Access.READ_WRITE, false)
                        .close());
        Path missing = directory.resolve("missing");
        assertThrows(
                java.io.IOException.class,
                () -> OpenDevices.open(List.of(file, missing), Access.READ_WRITE, false)
                        .close());
        OpenDevices.open(List.of(file), Access.READ_WRITE, false).close();
    }
}
