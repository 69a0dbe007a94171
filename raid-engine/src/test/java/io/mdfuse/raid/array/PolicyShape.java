package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
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
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * A small array on crash disks that has a write-intent bitmap, with a bit for each stripe, or a partial parity log.
 *
 * <pre>
 *   sectors   8 superblock | 16 bitmap or PPL ... | 160 data
 * </pre>
 */
record PolicyShape(ParityLayout layout, int disks, int chunkSectors, int rows, int feature, long resyncOffset) {
    static final int AREA_SECTOR = 16;
    static final int DATA_OFFSET_SECTORS = 160;
    private static final byte[] UUID = {7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    ArrayGeometry geometry() {
        return new ArrayGeometry(layout, disks, chunkSectors, (long) chunkSectors * rows);
    }

    /** Makes the members, flushed. */
    List<CrashDisk> create(CrashTrace trace) throws IOException {
        List<CrashDisk> made = new ArrayList<>();
        for (int slot = 0; slot < disks; slot++) {
            CrashDisk disk = blank("disk" + slot, trace);
            write(disk, 8, superblock(slot).toBytes(), 512);
            write(disk, AREA_SECTOR, feature == Features.BITMAP ? bitmap() : emptyPpl(), 4096);
            disk.flush();
            made.add(disk);
        }
        return made;
    }

    /** A blank disk as large as the members. */
    CrashDisk blank(String name, CrashTrace trace) {
        return new CrashDisk(
                name, Sectors.toBytes(DATA_OFFSET_SECTORS + geometry().memberSectors()), trace);
    }

    private Superblock superblock(int slot) {
        byte[] deviceUuid = UUID.clone();
        deviceUuid[0] = (byte) (100 + slot);
        SuperblockEditor editor = SuperblockEditor.blank(MetadataVersion.V1_2, 128);
        editor.featureMap(feature).setUuid(UUID).setName("sim");
        editor.level(layout.level()).layout(layout.number()).raidDisks(disks).chunkSectors(chunkSectors);
        editor.usedSectors(geometry().memberSectors()).superOffsetSectors(8);
        if (feature == Features.BITMAP) {
            editor.bitmapOffsetSectors(AREA_SECTOR - 8);
        } else {
            editor.ppl(AREA_SECTOR - 8, DATA_OFFSET_SECTORS - AREA_SECTOR);
        }
        editor.data(DATA_OFFSET_SECTORS, geometry().memberSectors());
        editor.deviceNumber(slot).deviceUuid(deviceUuid).events(1).resyncOffsetSectors(resyncOffset);
        for (int member = 0; member < disks; member++) {
            editor.role(member, member);
        }
        return Superblock.of(editor);
    }

    private byte[] bitmap() {
        byte[] page = new byte[4096];
        ByteBuffer head = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(0, 0x6d746962).putInt(4, 4).put(8, UUID).putLong(24, 1).putLong(32, 1);
        head.putLong(40, geometry().memberSectors()).putInt(52, 4096).putInt(56, 5);
        Arrays.fill(page, 256, 4096, (byte) (resyncOffset == 0 ? 0xff : 0));
        return page;
    }

    private static byte[] emptyPpl() {
        byte[] page = new byte[4096];
        ByteBuffer head = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.fill(page, 0, 512, (byte) 0xff);
        head.putInt(512, crc(UUID)).putLong(520, 1).putInt(532, crc(page));
        return page;
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** The bitmap of one member. */
    BitSet bits(CrashDisk disk) throws IOException {
        byte[] page = read(reopen(disk), AREA_SECTOR, 4096);
        return BitSet.valueOf(Arrays.copyOfRange(page, 256, 4096))
                .get(0, (int) geometry().memberSectors() / 8);
    }

    /** Opens the array with one thread for everything, and with a timer that the test advances. */
    static RaidArray open(List<? extends BlockDevice> devices, ManualTimer timer, AssembleOptions options)
            throws IOException {
        ArrayRuntime runtime = new ArrayRuntime(timer, timer, new DirectExecutor(), new Random(1), 2);
        return ArrayShape.hurrying(ArrayAssembler.assemble(devices, null, options, runtime));
    }

    static RaidArray open(List<? extends BlockDevice> devices, ManualTimer timer) throws IOException {
        return open(devices, timer, AssembleOptions.defaults());
    }

    /** The first member sector at which the parity of a closed array does not match its data; -1 if all parity does. */
    long wrongParity(List<CrashDisk> crashDisks) throws IOException {
        byte[] sum = new byte[(int) Sectors.toBytes(geometry().memberSectors())];
        for (CrashDisk disk : crashDisks) {
            byte[] one = read(reopen(disk), DATA_OFFSET_SECTORS, sum.length);
            for (int i = 0; i < sum.length; i++) {
                sum[i] ^= one[i];
            }
        }
        long wrong = Arrays.mismatch(sum, new byte[sum.length]);
        return wrong < 0 ? -1 : wrong / Sectors.BYTES;
    }

    static CrashDisk reopen(CrashDisk disk) {
        return disk.onTrace(CrashTrace.notRecording());
    }

    static byte[] read(BlockDevice disk, long sector, int lengthBytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(lengthBytes);
            disk.read(Sectors.toBytes(sector), page);
            return page.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    static void write(BlockDevice disk, long sector, byte[] bytes, int lengthBytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(lengthBytes);
            MemorySegment.copy(bytes, 0, page, ValueLayout.JAVA_BYTE, 0, lengthBytes);
            disk.write(Sectors.toBytes(sector), page);
        }
    }
}
