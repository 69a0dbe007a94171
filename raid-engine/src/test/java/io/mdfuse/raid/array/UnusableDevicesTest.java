package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.HoledDevice;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * If a device can't be used, the array is refused; if the other devices are enough, the message says how to open the
 * array without it.
 */
final class UnusableDevicesTest {
    private static final AssembleOptions PLAIN = AssembleOptions.defaults();
    private static final ArrayShape RAID6 =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 4, 0, Superblock.IN_SYNC, false);

    private static List<CrashDisk> disks() throws IOException {
        return RAID6.create(CrashTrace.notRecording());
    }

    /** Changes one byte of the superblock. */
    private static void damage(CrashDisk disk) throws IOException {
        disk.write(4096, MemorySegment.ofArray(new byte[512]));
        disk.flush();
    }

    private static void damageChecksum(CrashDisk disk) throws IOException {
        MemorySegment page = MemorySegment.ofArray(new byte[512]);
        disk.read(4096, page);
        page.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 40, (byte) 'x');
        disk.write(4096, page);
        disk.flush();
    }

    private static String refused(List<CrashDisk> disks, AssembleOptions options) {
        ArrayRefusedException e = assertThrows(
                ArrayRefusedException.class, () -> ArrayShape.open(Rebuilds.reopened(disks), null, options));
        String message = String.valueOf(e.getMessage());
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    @Test
    void theMessageSaysToLeaveItOutWithRun() throws IOException {
        for (AssembleOptions options : List.of(PLAIN, PLAIN.withRun(true), PLAIN.withReadOnly(true))) {
            String end = "; the other devices are enough: leave disk1 out and mount again";
            List<CrashDisk> disks = disks();
            damageChecksum(disks.get(1));
            String message = refused(disks, options);
            assertTrue(message.startsWith("disk1: ") && message.contains("has checksum"), message);
            assertTrue(message.endsWith(options.run() ? end : end + " with --run"), message);
            damage(disks.get(1));
            message = refused(disks, options);
            assertTrue(message.startsWith("disk1: ") && message.contains("has no md superblock"), message);
            assertTrue(message.endsWith(options.run() ? end : end + " with --run"), message);
            disks.remove(1);
            ArrayShape.open(Rebuilds.reopened(disks), null, options.withRun(true))
                    .close();
        }
    }

    @Test
    void allUnusableDevicesAreNamed() throws IOException {
        List<CrashDisk> disks = disks();
        damage(disks.get(1));
        damageChecksum(disks.get(3));
        String message = refused(disks, PLAIN);
        assertTrue(message.endsWith("leave disk1 and disk3 out and mount again with --run"), message);
    }

    /** A device that is not a member causes the refusal of an array that has all its members. */
    @Test
    void aCompleteArrayNeedsNoRun() throws IOException {
        List<CrashDisk> disks = new ArrayList<>(disks());
        disks.add(new CrashDisk("stranger", 1 << 20));
        String message = refused(disks, PLAIN);
        assertTrue(message.endsWith("leave stranger out and mount again"), message);
    }

    @Test
    void thereIsNoAdviceIfTheOtherDevicesAreNotEnough() throws IOException {
        List<CrashDisk> disks = disks();
        for (int i = 0; i < 3; i++) {
            damage(disks.get(i));
        }
        assertFalse(refused(disks, PLAIN).contains("enough"));
        List<CrashDisk> dirty = disks();
        for (CrashDisk disk : dirty) {
            Superblocks.dirty(disk);
        }
        damage(dirty.get(0));
        assertFalse(refused(dirty, PLAIN).contains("enough"));
    }

    @Test
    void anImageWithAHoleAtItsSuperblockIsLeftOut() throws IOException {
        List<BlockDevice> images = new ArrayList<>(Rebuilds.reopened(disks()));
        BlockDevice image = images.get(1);
        images.set(1, new HoledDevice(image, image.sizeBytes(), ByteRanges.of(4096, 8192)));
        ArrayRefusedException e = assertThrows(
                ArrayRefusedException.class, () -> ArrayShape.open(images, null, PLAIN.withReadOnly(true)));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("disk1: read of "), message);
        assertTrue(message.endsWith("leave disk1 out and mount again with --run"), message);
    }
}
