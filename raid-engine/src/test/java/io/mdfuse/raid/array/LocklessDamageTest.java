package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ParityLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The lockless bitmap of one member is damaged, in each way that a disk, an old copy of it or another program can, on
 * an array that was stopped, or lost power, or lacks a member. The bitmap is not believed: all that was written reads
 * back, then and after a rebuild, whichever member is lost later. Bitmaps that are all damaged in the same way and look
 * right can't be told from right ones, by md either.
 */
class LocklessDamageTest {
    private static final LocklessShape SHAPE = new LocklessShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 32, 16, 512);
    private static final int ROW_BYTES = 3 * 8192;
    /** What is written lies before this; the chunks behind were never written. */
    private static final int WRITTEN_BYTES = 20 * ROW_BYTES;

    private final byte[] content = new byte[32 * ROW_BYTES];
    private final Random random = new Random(77);

    private enum Damage {
        STALE {
            @Override
            void apply(ByteBuffer page) {
                page.putLong(24, 1);
            }
        },
        MARKED_STALE {
            @Override
            void apply(ByteBuffer page) {
                page.putInt(48, page.getInt(48) | 2);
            }
        },
        ALL_ZERO {
            @Override
            void apply(ByteBuffer page) {
                fill(page, 0, 4096, 0);
            }
        },
        STATES_ZERO {
            @Override
            void apply(ByteBuffer page) {
                fill(page, LocklessShape.STATES, 4096, 0);
            }
        },
        STATES_CLEAN {
            @Override
            void apply(ByteBuffer page) {
                fill(page, LocklessShape.STATES, 4096, 1);
            }
        },
        UNKNOWN_STATES {
            @Override
            void apply(ByteBuffer page) {
                for (int at = LocklessShape.STATES; at < 4096; at++) {
                    page.put(at, (byte) (8 + at % 248));
                }
            }
        },
        TORN_STATES {
            @Override
            void apply(ByteBuffer page) {
                fill(page, LocklessShape.STATES, LocklessShape.STATES + 20, 0);
            }
        },
        /** By Linux 7.3, if the logical block is 4096 bytes: zeros and ones are marked, some fields stored again. */
        HEAD_MARKED {
            @Override
            void apply(ByteBuffer page) {
                ByteBuffer before = page.duplicate().order(ByteOrder.LITTLE_ENDIAN);
                long events = before.getLong(24);
                long sectors = before.getLong(40);
                long chunk = before.getLong(48);
                int reserved = before.getInt(64);
                for (int at = 0; at < LocklessShape.STATES; at++) {
                    page.put(at, page.get(at) == 0 ? 3 : page.get(at) == 1 ? (byte) 2 : page.get(at));
                }
                page.putLong(24, events).putLong(32, 0).putLong(40, sectors).putLong(48, chunk);
                page.putInt(56, 30).putInt(64, reserved);
            }
        },
        OTHER_UUID {
            @Override
            void apply(ByteBuffer page) {
                page.put(9, (byte) ~page.get(9));
            }
        },
        OTHER_CHUNK {
            @Override
            void apply(ByteBuffer page) {
                page.putInt(52, 32);
            }
        },
        OTHER_SIZE {
            @Override
            void apply(ByteBuffer page) {
                page.putLong(40, page.getLong(40) / 2);
            }
        },
        NO_ROOM {
            @Override
            void apply(ByteBuffer page) {
                page.putInt(64, 0);
            }
        },
        FIRST_USE {
            @Override
            void apply(ByteBuffer page) {
                page.putInt(48, 8);
            }
        };

        abstract void apply(ByteBuffer page);

        private static void fill(ByteBuffer page, int from, int end, int value) {
            for (int at = from; at < end; at++) {
                page.put(at, (byte) value);
            }
        }

        void applyTo(CrashDisk disk) throws IOException {
            byte[] page = PolicyShape.read(disk, LocklessShape.AREA_SECTOR, 4096);
            apply(ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN));
            PolicyShape.write(disk, LocklessShape.AREA_SECTOR, page, 4096);
            disk.flush();
        }
    }

    private void assertContent(RaidArray array, String when) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment read = arena.allocate(WRITTEN_BYTES);
            array.read(0, read);
            MemorySegment right = MemorySegment.ofArray(content).asSlice(0, WRITTEN_BYTES);
            assertEquals(-1, read.mismatch(right), when);
        }
    }

    /** An array with content, in use: the last writes have marks. */
    private RaidArray filled(List<CrashDisk> disks, ManualTimer timer) throws IOException {
        RaidArray array = PolicyShape.open(disks, timer);
        Rebuilds.write(array, content, 0, WRITTEN_BYTES, random);
        for (int pass = 0; pass < 3; pass++) {
            timer.pass(5000);
        }
        Rebuilds.write(array, content, 3 * ROW_BYTES, 4096, random);
        Rebuilds.write(array, content, 17 * ROW_BYTES + 512, 700, random);
        return array;
    }

    private static AssembleOptions run() {
        return AssembleOptions.defaults().withRun(true);
    }

    /** Opens the members, uses them, stops, and reads without the first and then the last one, if none is missing. */
    private void use(List<CrashDisk> disks, Damage damage) throws IOException {
        ManualTimer timer = new ManualTimer();
        RaidArray array = PolicyShape.open(disks, timer, run());
        assertContent(array, damage + ": opened");
        Rebuilds.write(array, content, 10 * ROW_BYTES + 1024, 5000, random);
        for (int pass = 0; pass < 3; pass++) {
            timer.pass(5000);
        }
        assertContent(array, damage + ": used");
        array.close();
        for (int gone = 0; gone < disks.size() && disks.size() == 4; gone += 3) {
            List<CrashDisk> left = new ArrayList<>(Rebuilds.reopened(disks));
            left.remove(gone);
            RaidArray without = PolicyShape.open(left, new ManualTimer(), run().withReadOnly(true));
            assertContent(without, damage + ": without member " + gone);
            without.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void aStoppedArrayLosesNothing(Damage damage) throws IOException {
        List<CrashDisk> disks = SHAPE.create(CrashTrace.notRecording());
        ManualTimer timer = new ManualTimer();
        RaidArray array = filled(disks, timer);
        assertContent(array, "in use");
        array.close();
        List<CrashDisk> stopped = Rebuilds.reopened(disks);
        damage.applyTo(stopped.get(3));
        use(stopped, damage);
    }

    /** md itself does not assemble such an array any more. */
    @ParameterizedTest
    @EnumSource(
            value = Damage.class,
            names = {"MARKED_STALE", "HEAD_MARKED"})
    void aDamageOfAllMembersLosesNothing(Damage damage) throws IOException {
        List<CrashDisk> disks = SHAPE.create(CrashTrace.notRecording());
        filled(disks, new ManualTimer()).close();
        List<CrashDisk> stopped = Rebuilds.reopened(disks);
        for (CrashDisk disk : stopped) {
            damage.applyTo(disk);
        }
        use(stopped, damage);
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void anArrayThatLostPowerLosesNothing(Damage damage) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = SHAPE.create(trace);
        filled(disks, new ManualTimer());
        List<CrashDisk> crashed = trace.crashNow(new Survival.All(), CrashTrace.notRecording());
        damage.applyTo(crashed.getFirst());
        use(crashed, damage);
    }

    /** The damaged member is read, solved from, and copied to the one that takes the empty slot. */
    @ParameterizedTest
    @EnumSource(Damage.class)
    void anArrayWithoutAMemberLosesNothing(Damage damage) throws IOException {
        List<CrashDisk> disks = SHAPE.create(CrashTrace.notRecording());
        ManualTimer timer = new ManualTimer();
        RaidArray array = filled(disks, timer);
        array.close();
        List<CrashDisk> left = new ArrayList<>(Rebuilds.reopened(disks));
        left.remove(2);
        timer = new ManualTimer();
        array = PolicyShape.open(left, timer, run());
        Rebuilds.write(array, content, 12 * ROW_BYTES, 9000, random);
        array.close();
        left = new ArrayList<>(Rebuilds.reopened(left));
        damage.applyTo(left.getFirst());
        use(left, damage);
        CrashTrace trace = CrashTrace.notRecording();
        List<CrashDisk> again = new ArrayList<>(CrashDisk.onTrace(Rebuilds.reopened(left), trace));
        timer = new ManualTimer();
        array = PolicyShape.open(again, timer, run());
        CrashDisk added = SHAPE.junk("new", trace);
        Rebuilds.manager(array).add(added, false);
        timer.pass(1);
        for (int pass = 0; pass < 3; pass++) {
            timer.pass(5000);
        }
        assertEquals(
                "0", array.attributes().get("degraded"), damage + ": " + Rebuilds.attribute(array, "sync_trouble"));
        array.close();
        again.add(2, added);
        use(Rebuilds.reopened(again), damage);
    }
}
