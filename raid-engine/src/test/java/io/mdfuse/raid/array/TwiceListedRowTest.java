package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A chunk row of which more members list the same blocks than parity makes good: what is lost is an error, and a request that covers all
 * that can't be solved brings the row back.
 */
class TwiceListedRowTest {
    private static final long ROW = 1;

    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.RAID4, 4, 16, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 4, 64, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 4, 96, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 6, 16, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 6, 16, 4, 96, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 6, 16, 4, 128, Superblock.IN_SYNC, true));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void whatCoversAllThatIsLostIsTakenAndClearsTheEntries(ArrayShape shape) throws IOException {
        for (boolean wholeRow : List.of(true, false)) {
            Random random = new Random(9);
            ArrayGeometry geometry = shape.geometry();
            int lostChunks = shape.layout().parityCount() + 1;
            List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
            ListedBlocks.giveLogs(disks.subList(0, shape.disks()), ArrayShape.DATA_OFFSET_SECTORS);
            byte[] content = new byte[(int) geometry.arrayBytes()];
            RaidArray array = shape.open(disks);
            Rebuilds.write(array, content, 0, content.length, random);
            array.close();
            disks = Rebuilds.reopened(disks);
            long firstStripe = ROW * shape.chunkSectors();
            for (int index = 0; index < lostChunks; index++) {
                ListedBlocks.list(disks.get(geometry.dataSlot(ROW, index)), firstStripe, firstStripe + 8);
            }
            array = shape.open(disks);
            int rowStart = (int) Sectors.toBytes(ROW * geometry.rowSectors());
            int chunkBytes = geometry.chunkBytes();
            RaidArray lossy = array;
            assertThrows(IOException.class, () -> Rebuilds.write(lossy, content.clone(), rowStart, chunkBytes, random));
            int covered = wholeRow ? (int) Sectors.toBytes(geometry.rowSectors()) : lostChunks * chunkBytes;
            Rebuilds.write(array, content, rowStart, covered, random);
            Rebuilds.assertReads(array, content, "served");
            array.close();
            disks = Rebuilds.reopened(disks);
            assertEquals(-1, shape.wrongParity(disks));
            assertEquals(0, listed(disks.subList(0, shape.disks())), "sectors are still listed");
            RaidArray again = shape.open(disks);
            Rebuilds.assertReads(again, content, "mounted again");
            again.close();
        }
    }

    private static long listed(List<CrashDisk> members) throws IOException {
        long sectors = 0;
        for (CrashDisk member : members) {
            sectors += ListedBlocks.on(member).stream()
                    .mapToLong(BadRange::sectors)
                    .sum();
        }
        return sectors;
    }
}
