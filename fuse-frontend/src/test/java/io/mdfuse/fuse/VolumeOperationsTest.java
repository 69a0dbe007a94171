package io.mdfuse.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The rules of the file, without a mount. */
class VolumeOperationsTest {
    private static final int SIZE_BYTES = 64 << 10;
    private static final int WRITE_ONLY = 1;
    private static final int READ_WRITE = 2;
    private static final int TRUNCATE_FLAG = 01000;
    private static final long THREAD = 4711;
    private static final Instant MOUNTED = Instant.parse("2024-02-29T12:00:00.5Z");

    private final MemoryVolume volume = new MemoryVolume("vol", SIZE_BYTES);
    private Instant now = MOUNTED;
    private final VolumeOperations operations = new VolumeOperations(volume, new Owner(7, 8), () -> now);

    /** Some handle: only one that truncated differs from others. */
    private final long handle = 99;

    private static MemorySegment filled(int lengthBytes, int value) {
        byte[] bytes = new byte[lengthBytes];
        Arrays.fill(bytes, (byte) value);
        return MemorySegment.ofArray(bytes);
    }

    private static void assertRefused(FuseErrno expected, Executable operation) {
        assertEquals(expected, assertThrows(OperationRefused.class, operation).errno());
    }

    @Test
    void statusHasOneDirectoryAndOneFile() throws Exception {
        assertEquals(new NodeStatus(0x4000 | 0555, 2, 0, 7, 8, MOUNTED), operations.status("/"));
        NodeStatus file = new NodeStatus(0x8000 | 0600, 1, SIZE_BYTES, 7, 8, MOUNTED);
        assertEquals(file, operations.status("/vol"));
        assertEquals(file, operations.fileStatus());
        assertEquals("vol", operations.fileName());
        assertEquals(SIZE_BYTES / 4096, operations.blockCount());
        assertRefused(FuseErrno.ENOENT, () -> operations.status("/other"));
        assertRefused(FuseErrno.ENOENT, () -> operations.status("/vol/below"));
        operations.requireDirectory("/");
        assertRefused(FuseErrno.ENOTDIR, () -> operations.requireDirectory("/vol"));
        assertRefused(FuseErrno.ENOENT, () -> operations.requireDirectory("/other"));
    }

    @Test
    void readsStopAtTheEnd() throws Exception {
        operations.write(handle, 0, filled(SIZE_BYTES, 5));
        byte[] buffer = new byte[1000];
        assertEquals(1000, operations.read(handle, SIZE_BYTES - 1000, MemorySegment.ofArray(buffer)));
        assertEquals(5, buffer[999]);
        Arrays.fill(buffer, (byte) 9);
        assertEquals(1, operations.read(handle, SIZE_BYTES - 1, MemorySegment.ofArray(buffer)));
        assertEquals(5, buffer[0]);
        assertEquals(9, buffer[1]);
        assertEquals(0, operations.read(handle, SIZE_BYTES, MemorySegment.ofArray(buffer)));
        assertEquals(0, operations.read(handle, Long.MAX_VALUE, MemorySegment.ofArray(buffer)));
        assertEquals(0, operations.read(handle, 0, MemorySegment.ofArray(new byte[0])));
        assertRefused(FuseErrno.EINVAL, () -> operations.read(handle, -1, MemorySegment.ofArray(buffer)));
    }

    @Test
    void writesStopAtTheEndAsOnABlockDevice() throws Exception {
        assertEquals(512, operations.write(handle, SIZE_BYTES - 512, filled(4096, 3)));
        assertEquals(3, volume.bytes()[SIZE_BYTES - 512]);
        assertEquals(0, volume.bytes()[SIZE_BYTES - 513]);
        assertRefused(FuseErrno.ENOSPC, () -> operations.write(handle, SIZE_BYTES, filled(1, 3)));
        assertRefused(FuseErrno.ENOSPC, () -> operations.write(handle, Long.MAX_VALUE, filled(1, 3)));
        assertRefused(FuseErrno.EINVAL, () -> operations.write(handle, -1, filled(1, 3)));
        assertEquals(0, operations.write(handle, SIZE_BYTES, filled(0, 3)));
    }

    @Test
    void truncatingNeverChangesSizeOrContent() throws Exception {
        operations.write(handle, 0, filled(SIZE_BYTES, 6));
        byte[] before = volume.bytes();
        for (long sizeBytes : new long[] {SIZE_BYTES, 4096, 1, 0}) {
            operations.truncate("/vol", sizeBytes, THREAD);
            operations.truncate(handle, sizeBytes);
        }
        assertArrayEquals(before, volume.bytes());
        assertEquals(SIZE_BYTES, operations.fileStatus().sizeBytes());
        assertRefused(FuseErrno.EFBIG, () -> operations.truncate("/vol", SIZE_BYTES + 1L, THREAD));
        assertRefused(FuseErrno.EFBIG, () -> operations.truncate(handle, Long.MAX_VALUE));
        assertRefused(FuseErrno.EINVAL, () -> operations.truncate(handle, -1));
        assertRefused(FuseErrno.ENOENT, () -> operations.truncate("/other", 0, THREAD));
    }

    @Test
    void punchAndZeroKeepTheSizeAndClearTheirRangeOnly() throws Exception {
        for (int mode : new int[] {0x03, 0x11, 0x10}) {
            operations.write(handle, 0, filled(SIZE_BYTES, 1));
            operations.allocate(handle, mode, 1000, 5000);
            byte[] expected = filled(SIZE_BYTES, 1).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            Arrays.fill(expected, 1000, 6000, (byte) 0);
            assertArrayEquals(expected, volume.bytes(), "mode " + mode);
        }
        operations.allocate(handle, 0x03, SIZE_BYTES - 10, Long.MAX_VALUE);
        assertEquals(0, volume.bytes()[SIZE_BYTES - 10]);
        assertEquals(1, volume.bytes()[SIZE_BYTES - 11]);
        operations.allocate(handle, 0x11, SIZE_BYTES + 10, 10);
        assertRefused(FuseErrno.ENOSPC, () -> operations.allocate(handle, 0x10, SIZE_BYTES - 10, 11));
        assertRefused(FuseErrno.EINVAL, () -> operations.allocate(handle, 0x03, 0, 0));
        assertRefused(FuseErrno.EINVAL, () -> operations.allocate(handle, 0x03, -1, 10));
    }

    @Test
    void plainAllocationInsideTheVolumeDoesNothing() throws Exception {
        operations.write(handle, 0, filled(SIZE_BYTES, 1));
        byte[] before = volume.bytes();
        for (int mode : new int[] {0, 1}) {
            operations.allocate(handle, mode, 0, SIZE_BYTES);
            assertRefused(FuseErrno.ENOSPC, () -> operations.allocate(handle, mode, 1, SIZE_BYTES));
        }
        // Collapse range, insert range, unshare range, punch hole without keep size.
        for (int mode : new int[] {0x08, 0x20, 0x40, 0x02}) {
            assertRefused(FuseErrno.EOPNOTSUPP, () -> operations.allocate(handle, mode, 0, 4096));
        }
        assertArrayEquals(before, volume.bytes());
    }

    @Test
    void aReadOnlyVolumeIsReadAndNothingElse() throws Exception {
        volume.readOnly = true;
        assertEquals(0x8000 | 0400, operations.fileStatus().mode());
        operations.open("/vol", 0, THREAD);
        assertEquals(10, operations.read(handle, 0, filled(10, 0)));
        operations.flush();
        List<Executable> changes = List.of(
                () -> operations.open("/vol", WRITE_ONLY, THREAD),
                () -> operations.open("/vol", READ_WRITE | TRUNCATE_FLAG, THREAD),
                () -> operations.write(handle, 0, filled(1, 1)),
                () -> operations.truncate("/vol", 0, THREAD),
                () -> operations.truncate(handle, 0),
                () -> operations.allocate(handle, 0x03, 0, 1),
                () -> operations.setModified("/vol", now),
                () -> operations.setAttribute("/vol", "user.md.level"));
        changes.forEach(change -> assertRefused(FuseErrno.EROFS, change));
    }

    /** A page that a reader caches while a direct write is under way would keep the old bytes. */
    @Test
    void pagesOfADirectWriteAreDroppedIfAnotherHandleMayHaveCachedThem() throws Exception {
        List<String> dropped = new ArrayList<>();
        operations.notifyCache((from, end) -> dropped.add(from + "-" + end));
        long direct = operations.open("/vol", READ_WRITE, THREAD);
        operations.openedDirect(direct);
        operations.write(direct, 0, MemorySegment.ofArray(new byte[512]));
        assertEquals(List.of(), dropped);
        long other = operations.open("/vol", 0, THREAD);
        operations.write(direct, 512, MemorySegment.ofArray(new byte[1024]));
        operations.write(other, 0, MemorySegment.ofArray(new byte[1024]));
        assertEquals(List.of("512-1536"), dropped);
        operations.release(other);
        operations.write(direct, 0, MemorySegment.ofArray(new byte[512]));
        assertEquals(List.of("512-1536"), dropped);
        operations.release(direct);
    }

    @Test
    void openKnowsTheFileOnly() throws Exception {
        operations.open("/vol", READ_WRITE, THREAD);
        assertRefused(FuseErrno.ENOENT, () -> operations.open("/other", 0, THREAD));
    }

    @Test
    void attributesHaveMdsNamesAndCannotBeSet() throws Exception {
        assertEquals("raid5", text(operations.attribute("/vol", "user.md.level", 0)));
        assertEquals("raid5", text(operations.attribute("/vol", "user.md.level", 5)));
        assertRefused(FuseErrno.ERANGE, () -> operations.attribute("/vol", "user.md.level", 4));
        assertRefused(FuseErrno.ENODATA, () -> operations.attribute("/vol", "user.md.nonsense", 100));
        assertRefused(FuseErrno.ENODATA, () -> operations.attribute("/vol", "level", 100));
        assertRefused(FuseErrno.ENODATA, () -> operations.attribute("/", "user.md.level", 100));
        assertEquals(
                "user.md.array_state\0user.md.level\0user.mdfuse.pid\0user.mdfuse.trouble\0user.mdfuse.refusal\0",
                text(operations.attributeNames("/vol", 100)));
        assertRefused(FuseErrno.ERANGE, () -> operations.attributeNames("/vol", 10));
        assertEquals(0, operations.attributeNames("/", 0).length);
        assertEquals(
                Long.toString(ProcessHandle.current().pid()), text(operations.attribute("/vol", "user.mdfuse.pid", 0)));
        assertRefused(FuseErrno.EPERM, () -> operations.setAttribute("/vol", "user.md.level"));
        assertRefused(FuseErrno.EOPNOTSUPP, () -> operations.setAttribute("/vol", "user.other"));
        assertRefused(FuseErrno.EOPNOTSUPP, () -> operations.setAttribute("/", "user.md.level"));
        assertRefused(FuseErrno.ENOENT, () -> operations.setAttribute("/other", "user.md.level"));
    }

    /** The reason that is kept is that of the newest refusal, also if there is no such attribute. */
    @Test
    void everyRefusedChangeHasAReason() throws Exception {
        String[][] changes = {
            {"user.md.level", "6", "level=6\nlevel can't be set"},
            {"user.md.dev99_state", "faulty", "dev99_state=faulty\nthere is no attribute dev99_state"},
            {"user.mdfuse.pid", "1", "user.mdfuse.pid=1\nuser.mdfuse.pid can't be set"},
            {"user.other", "a\nb", "user.other=a b\nthere is no attribute user.other"},
        };
        for (String[] change : changes) {
            byte[] value = change[1].getBytes(java.nio.charset.StandardCharsets.UTF_8);
            assertThrows(OperationRefused.class, () -> operations.setAttribute("/vol", change[0], value));
            String refusal = text(operations.attribute("/vol", "user.mdfuse.refusal", 0));
            assertTrue(refusal.startsWith(change[2]), refusal);
        }
        assertRefused(FuseErrno.EPERM, () -> operations.setAttribute("/vol", "user.md.level"));
        assertEquals("level=\nlevel can't be removed", text(operations.attribute("/vol", "user.mdfuse.refusal", 0)));
    }

    /** Without its last blank the name in a command would be that of another device. */
    @Test
    void theNameInACommandKeepsItsBlanks() throws Exception {
        List<String> set = new ArrayList<>();
        MemoryVolume recording = new MemoryVolume("vol", SIZE_BYTES) {
            @Override
            public void setAttribute(String name, String value) {
                set.add(name + "=" + value);
            }
        };
        recording.alsoShow(() -> Map.of("member_command", "none"));
        VolumeOperations commands = new VolumeOperations(recording, new Owner(7, 8), () -> now);
        commands.setAttribute("/vol", "user.md.member_command", "add\n/a ".getBytes(StandardCharsets.UTF_8));
        commands.setAttribute("/vol", "user.md.member_command", "add\n/a \n".getBytes(StandardCharsets.UTF_8));
        commands.setAttribute("/vol", "user.md.level", " 5 \n".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("member_command=add\n/a ", "member_command=add\n/a ", "level=5"), set);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void theTimeIsThatOfTheLastWrite() throws Exception {
        now = MOUNTED.plusSeconds(10);
        operations.read(handle, 0, filled(1, 0));
        operations.flush();
        operations.truncate(handle, 0);
        assertEquals(MOUNTED, operations.fileStatus().modified());
        operations.write(handle, 0, filled(1, 0));
        assertEquals(now, operations.fileStatus().modified());
        Instant touched = Instant.parse("2001-01-01T00:00:00Z");
        operations.setModified("/vol", touched);
        assertEquals(touched, operations.fileStatus().modified());
        operations.allocate(handle, 0x03, 0, 1);
        assertEquals(now, operations.fileStatus().modified());
        assertEquals(MOUNTED, operations.status("/").modified());
    }

    @Test
    void theVolumesFailuresPassAndBecomeEio() {
        volume.failure = new IOException("two members are gone");
        ErrnoLadder ladder = new ErrnoLadder();
        List<Executable> requests = List.of(
                () -> operations.read(handle, 0, filled(1, 0)),
                () -> operations.write(handle, 0, filled(1, 0)),
                () -> operations.flush(),
                () -> operations.allocate(handle, 0x03, 0, 1));
        for (Executable request : requests) {
            IOException failure = assertThrows(IOException.class, request);
            assertTrue(failure == volume.failure);
            assertEquals(-5, ladder.answer("test", failure));
        }
        assertEquals(-30, ladder.answer("test", new OperationRefused(FuseErrno.EROFS)));
        assertEquals(-5, ladder.answer("test", new IllegalStateException("a fault")));
        assertEquals(-5, ladder.answer("test", new StackOverflowError()));
        assertEquals(MOUNTED, operations.fileStatus().modified());
    }
}
