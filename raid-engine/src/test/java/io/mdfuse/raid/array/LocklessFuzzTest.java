package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberBitmap;
import io.mdfuse.raid.superblock.MemberLocator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Lockless bitmaps with wrong bytes are read or refused in words, and cost no more memory than the device has.
 * {@code -Dmdfuse.fuzz=100000} tries as many.
 */
class LocklessFuzzTest {
    private static final LocklessShape SHAPE = new LocklessShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 64, 16, 512);
    private static final int INPUTS = Integer.getInteger("mdfuse.fuzz", 4000);
    private static final int BYTES = 2048;
    /** Numbers at which sums and products overflow, and small ones. */
    private static final long[] NUMBERS = {
        0, 1, 2, 3, 8, 16, 127, 128, 256, 1 << 30, Integer.MIN_VALUE, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40
    };

    private static void change(ByteBuffer bitmap, Random random) {
        if (random.nextInt(4) == 0) {
            // As mdadm leaves it: the size of the chunks follows from other fields.
            bitmap.putInt(48, 8);
        }
        for (int change = random.nextInt(5); change >= 0; change--) {
            long number = random.nextInt(3) == 0 ? random.nextLong() : NUMBERS[random.nextInt(NUMBERS.length)];
            switch (random.nextInt(4)) {
                case 0 -> bitmap.put(random.nextInt(BYTES), (byte) number);
                case 1 -> bitmap.putLong(24 + 8 * random.nextInt(3), number);
                default -> bitmap.putInt(40 + 4 * random.nextInt(8), (int) number);
            }
        }
    }

    @Test
    void anyBytesAreReadOrRefusedInWords() throws IOException {
        CrashDisk disk = SHAPE.create(CrashTrace.notRecording()).getFirst();
        FoundDevice member = MemberLocator.requireForReading(disk);
        byte[] good = PolicyShape.read(disk, LocklessShape.AREA_SECTOR, BYTES);
        Random random = new Random(91);
        int read = 0;
        for (int input = 0; input < INPUTS; input++) {
            byte[] bytes = good.clone();
            change(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), random);
            disk.write(LocklessShape.AREA_SECTOR * 512L, MemorySegment.ofArray(bytes));
            try {
                MemberBitmap found =
                        MemberBitmap.read(member, member.superblock().usedSectors());
                assertTrue(found.states() == null || found.states().chunks() <= disk.sizeBytes());
                read++;
            } catch (ArrayRefusedException refused) {
                assertTrue(refused.toString().contains("disk0: "), refused::toString);
            } catch (RuntimeException e) {
                throw new AssertionError(
                        "input " + input + ": " + ByteBuffer.wrap(bytes, 24, 48).slice(), e);
            }
        }
        assertTrue(read > INPUTS / 20 && read < INPUTS, "read " + read);
    }
}
