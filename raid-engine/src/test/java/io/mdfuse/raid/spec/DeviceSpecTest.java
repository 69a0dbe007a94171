package io.mdfuse.raid.spec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceOpenException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a specification means, and that one that can't be meant is refused in one line. */
final class DeviceSpecTest {
    private static final int DISK_BYTES = 1 << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private Path disk = Path.of("");

    /** A disk with a DOS table: partition 1 has 512 bytes of each number; 2 ends 64 KiB behind the image. */
    @BeforeEach
    void makeDisk() throws IOException {
        disk = directory.resolve("disk.dd");
        byte[] bytes = new byte[DISK_BYTES];
        for (int at = 0; at < DISK_BYTES; at++) {
            bytes[at] = (byte) (at / 512);
        }
        ByteBuffer table = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        table.position(440).put(new byte[70]).putShort(510, (short) 0xaa55);
        table.put(450, (byte) 0xfd).putInt(454, 100).putInt(458, 200);
        table.put(466, (byte) 0xfd).putInt(470, 1024).putInt(474, 1024 + 128);
        table.put(482, (byte) 0x05).putInt(486, 400).putInt(490, 100);
        table.put(498, (byte) 0xfd).putInt(502, 5000).putInt(506, 100);
        Files.write(disk, bytes);
    }

    private DeviceSpec parsed(String suffix) throws IOException {
        return DeviceSpec.parse(disk + suffix);
    }

    private BlockDevice open(String suffix, Access access) throws IOException {
        return SpecifiedDevice.open(parsed(suffix), access, false);
    }

    private static int read(BlockDevice device, long at) throws DeviceException {
        byte[] one = new byte[1];
        device.read(at, MemorySegment.ofArray(one));
        return one[0];
    }

    private String refusal(String suffix) {
        String why = String.valueOf(assertThrows(DeviceOpenException.class, () -> open(suffix, Access.READ_ONLY))
                .getMessage());
        assertTrue(why.startsWith(disk + suffix + ": "), why);
        assertEquals(1, why.lines().count(), why);
        return why;
    }

    @Test
    void aPartitionAndARangeAreDevices() throws IOException {
        try (BlockDevice partition = open("@1", Access.READ_WRITE);
                BlockDevice range = open("@50K,100K", Access.READ_ONLY)) {
            throw new AssertionError("two locks on one file: " + partition.name() + " " + range.name());
        } catch (DeviceOpenException locked) {
            assertTrue(String.valueOf(locked.getMessage()).contains("is locked by"), locked.getMessage());
        }
        try (BlockDevice partition = open("@1", Access.READ_WRITE)) {
            assertEquals(200 * 512, partition.sizeBytes());
            assertEquals(100, read(partition, 0));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> partition.write(200 * 512 - 1, MemorySegment.ofArray(new byte[2])));
            partition.write(512, MemorySegment.ofArray(new byte[] {77}));
            partition.flush();
        }
        try (BlockDevice range = open("@50K,100K", Access.READ_ONLY)) {
            assertEquals(100 << 10, range.sizeBytes());
            assertEquals(77, read(range, 512));
            assertEquals(disk + "@50K,100K", range.name());
            assertEquals(DeviceSpec.parse(range.name()), parsed("@51200,102400"));
        }
    }

    /** An image that is cut short: the partition has its size, and what is missing can't be read. */
    @Test
    void aPartitionBehindTheEndIsUnreadableThere() throws IOException {
        try (BlockDevice partition = open("@2", Access.READ_ONLY)) {
            assertEquals((1024 + 128) * 512, partition.sizeBytes());
            assertEquals(ByteRanges.of(1024 * 512, (1024 + 128) * 512), partition.unreadable());
            read(partition, 1024 * 512 - 1);
            assertThrows(DeviceException.class, () -> read(partition, 1024 * 512));
        }
    }

    @Test
    void aFileWithAnAtInItsNameIsThatFile() throws IOException {
        Path named = directory.resolve("disk.dd@1");
        Files.write(named, new byte[] {1, 2, 3});
        try (BlockDevice device = open("@1", Access.READ_ONLY)) {
            byte[] bytes = new byte[3];
            device.read(0, MemorySegment.ofArray(bytes));
            assertArrayEquals(new byte[] {1, 2, 3}, bytes);
        }
        assertEquals(
                DeviceSpec.of(named).partition(2), DeviceSpec.parse(named + "@2"), "the last @ separates the part");
        for (String text : new String[] {"@", "@3", "x@home", "absent@5", "@home/d.img", directory + "/absent@1,2"}) {
            assertEquals(DeviceSpec.of(Path.of(text)), DeviceSpec.parse(text));
        }
    }

    @Test
    void whatCantBeMeantIsRefused() {
        assertTrue(refusal("@3").contains("a DOS partition table (MBR) with the partitions 1, 2, 4"), refusal("@3"));
        assertTrue(refusal("@4").contains("begins at byte 2560000"), refusal("@4"));
        assertTrue(refusal("@9999").contains("no such partition"), refusal("@9999"));
        assertTrue(refusal("@2M,1M").contains("ends at byte 1048576"), refusal("@2M,1M"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@",
                "@0",
                "@-1",
                "@x",
                "@5x",
                "@12345",
                "@1,",
                "@,1",
                "@1,2,3",
                "@1X,2",
                "@0,0",
                "@1,512",
                "@512,100",
                "@8000000000000000000,8000000000000000000",
                "@1P,999999999999999999P"
            })
    void oneLineSaysWhatIsWrong(String suffix) {
        refusal(suffix);
    }

    @Test
    void aDiskWithoutATableHasNoPartitions() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.seek(510);
            file.write(0);
        }
        assertTrue(refusal("@1").contains("has no partition table"), refusal("@1"));
    }

    /** No text raises another error than the typed one; what is parsed reads the same again. */
    @Test
    void noiseIsParsedOrRefused() throws IOException {
        Random random = new Random(3);
        String letters = "@@,,0123456789KMGTPmapno=./ \u00e4\0";
        for (int round = 0; round < 100_000; round++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? disk.toString() : "");
            for (int length = random.nextInt(14); length > 0; length--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            try {
                DeviceSpec spec = DeviceSpec.parse(text.toString());
                assertEquals(spec, DeviceSpec.parse(spec.toString()));
            } catch (DeviceOpenException refused) {
                assertTrue(String.valueOf(refused.getMessage()).indexOf('\0') < 0);
            }
        }
    }

    @Test
    void anExportOfAServerIsNamedByItsUri() throws Exception {
        String socket = "nbd+unix:///disk?socket=/run/a%40b";
        for (String uri :
                new String[] {"nbd://nas:10810/disk", "nbds://nas/", "nbd://[::1]/", socket, "nbds://me@nas/x"}) {
            DeviceSpec whole = DeviceSpec.parse(uri);
            assertEquals(new DeviceSource.OfServer(uri), whole.source());
            assertTrue(whole.isWhole() && whole.file().isEmpty());
            assertEquals(uri, whole.toString());
            assertEquals(whole.partition(5), DeviceSpec.parse(uri + "@5"));
            DeviceSpec range = DeviceSpec.parse(uri + "@4K,1M,map=none");
            assertEquals(new DevicePart.Extent(4096, 1 << 20), range.part());
            assertEquals(range, DeviceSpec.parse(range.toString()));
        }
    }

    @Test
    void thePasswordOfAServerIsShownNowhere() throws Exception {
        String uri = "nbds://me:secret@nas:10810/disk";
        DeviceSpec spec = DeviceSpec.parse(uri + "@5");
        assertEquals(new DeviceSource.OfServer(uri), spec.source());
        assertEquals(uri + "@5", spec.text());
        assertEquals("nbds://me:***@nas:10810/disk@5", spec.toString());
        assertEquals("nbds://me:***@nas:10810/disk@5", spec.shortName());
        assertEquals("nbds://me:***@nas/x", DeviceSpec.shown("nbds://me:secret@nas/x"));
        for (String text : new String[] {
            "nbd://me:secret@nas:0/x",
            "nbd://me:sec@secret@nas/x",
            "nbd://me:secret@nas/%",
            "nbd://me:sec/ret@nas/%",
            "nbd://me:secret@nas/x,map=",
            "nbd://me:secret@nas/x@1,1",
            "nbd+ssh://me:secret@nas/x",
            "nbd://me:sec ret@/secret",
            "NBD://me:secret@nas:0/x",
            "http://me:secret@nas/x"
        }) {
            String line = assertThrows(DeviceOpenException.class, () -> DeviceSpec.parse(text))
                    .getMessage();
            assertTrue(line != null && !line.contains("ret@"), line);
        }
    }

    @Test
    void aSchemeMayBeInCapitals() throws Exception {
        assertEquals(DeviceSpec.parse("nbd://Nas/Disk@5"), DeviceSpec.parse("NBD://Nas/Disk@5"));
        assertEquals("nbd+unix:///D?socket=/R", DeviceSpec.shown("Nbd+Unix:///D?socket=/R"));
    }

    /** A path is never meant by these: the message says how such an image is served instead. */
    @Test
    void anAddressThatIsNoExportIsNoPath() throws Exception {
        String[][] addresses = {
            {"http://nas/a.img", "nbdkit -r curl url=http://nas/a.img"},
            {"HTTPS://nas/a.img", "nbdkit -r curl url=HTTPS://nas/a.img"},
            {"ssh://nas/a.img", "nbd://HOST/EXPORT"},
            {"file:///tmp/a.img", "the path alone"},
        };
        for (String[] address : addresses) {
            String line = String.valueOf(assertThrows(DeviceOpenException.class, () -> DeviceSpec.parse(address[0]))
                    .getMessage());
            assertTrue(line.startsWith(address[0] + ": ") && line.contains(address[1]), line);
        }
        Path odd = Path.of(directory + "/x:");
        Files.createDirectory(odd);
        Files.createFile(odd.resolve("a"));
        assertEquals(DeviceSpec.of(odd.resolve("a")), DeviceSpec.parse(directory + "/x://a"));
    }

    @Test
    void whatIsNoUriOfAServerIsRefusedInOneLine() {
        for (String text : new String[] {
            "nbd://",
            "nbd:///disk",
            "nbd://nas:0/disk",
            "nbd://nas:65536/disk",
            "nbd://nas/disk#1",
            "nbd+ssh://nas/disk",
            "nbd+unix:///disk",
            "nbd+unix:///?socket=here",
            "nbd://a b/",
            "nbd+unix://nas/?socket=/run/x",
            "nbds+vsock://1/",
            "nbd://nas/%"
        }) {
            String line = assertThrows(DeviceOpenException.class, () -> DeviceSpec.parse(text))
                    .getMessage();
            assertTrue(line != null && line.startsWith(text + ": ") && line.indexOf('\n') < 0, line);
        }
    }
}
