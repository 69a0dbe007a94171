package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.create.ArrayCreator;
import io.mdfuse.raid.create.CreateOptions;
import io.mdfuse.raid.create.NewConsistency;
import io.mdfuse.raid.create.NewIdentity;
import io.mdfuse.raid.create.NewShape;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.MetadataVersion;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Arrays that create makes, of every layout with each version of the superblock and each consistency policy: what is
 * written at the beginning, at the end and in between is there after a stop, with all members and without as many as
 * parity can replace.
 */
@Execution(ExecutionMode.CONCURRENT)
class CreatedArrayTest {
    private static final int MEMBER_BYTES = 4 << 20;
    private static final int PIECE_BYTES = 70_000;

    /** The arrays have 2 to 6 members and chunks of 4 to 128 KiB in turn. */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void whatIsWrittenIsThereAfterAStop(ParityLayout layout) throws IOException {
        int least = layout.level() == 6 ? 4 : 2;
        int turn = layout.level() + layout.number();
        for (MetadataVersion version : MetadataVersion.VERSION_1) {
            for (ConsistencyPolicy policy : ConsistencyPolicy.values()) {
                boolean possible = (policy != ConsistencyPolicy.PPL || layout.level() == 5)
                        && (policy != ConsistencyPolicy.JOURNAL || version != MetadataVersion.V1_0);
                if (possible) {
                    int disks = least + turn % (7 - least);
                    int chunkSectors = 8 << turn % 6;
                    turn++;
                    NewShape shape = new NewShape(layout.level(), layout.number(), disks, chunkSectors, version, 0);
                    check(shape, policy, turn % disks);
                }
            }
        }
    }

    private static void check(NewShape shape, ConsistencyPolicy policy, int firstGone) throws IOException {
        String words = shape + ", " + policy;
        List<CrashDisk> disks = create(shape, policy);
        byte[][] written = new byte[3][PIECE_BYTES];
        long[] offsets;
        try (RaidArray array = open(disks)) {
            long last = array.sizeBytes() - PIECE_BYTES;
            offsets = new long[] {0, last / 2 + 77, last};
            for (int piece = 0; piece < offsets.length; piece++) {
                new Random(piece).nextBytes(written[piece]);
                array.write(offsets[piece], MemorySegment.ofArray(written[piece]));
            }
        }
        for (int gone = 0; gone <= shape.parityDisks(); gone++) {
            List<CrashDisk> left = Rebuilds.reopened(disks);
            for (int missing = 0; missing < gone; missing++) {
                String name = "disk" + (firstGone + missing) % shape.raidDisks();
                left.removeIf(disk -> disk.name().equals(name));
            }
            try (RaidArray array = open(left);
                    Arena arena = Arena.ofConfined()) {
                for (int piece = 0; piece < offsets.length; piece++) {
                    MemorySegment found = arena.allocate(PIECE_BYTES);
                    array.read(offsets[piece], found);
                    assertEquals(
                            -1,
                            found.mismatch(MemorySegment.ofArray(written[piece])),
                            words + ", without " + gone + " from " + firstGone);
                }
            }
        }
    }

    private static List<CrashDisk> create(NewShape shape, ConsistencyPolicy policy) throws IOException {
        boolean journal = policy == ConsistencyPolicy.JOURNAL;
        List<CrashDisk> disks = new ArrayList<>();
        for (int number = 0; number < shape.raidDisks() + (journal ? 1 : 0); number++) {
            disks.add(new CrashDisk("disk" + number, MEMBER_BYTES, CrashTrace.notRecording()));
        }
        CreateOptions options =
                new CreateOptions(shape, NewIdentity.named("made"), new NewConsistency(policy, 0, true), false);
        List<BlockDevice> members = new ArrayList<>(disks.subList(0, shape.raidDisks()));
        new ArrayCreator(options, InstantSource.system(), new Random(1))
                .create(members, journal ? disks.getLast() : null);
        return Rebuilds.reopened(disks);
    }

    private static RaidArray open(List<CrashDisk> disks) throws IOException {
        return ArrayShape.open(disks, null, AssembleOptions.defaults().withRun(true));
    }
}
