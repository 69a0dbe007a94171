package io.mdfuse.raid.spec;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The map of a healing: its name, what it keeps of the old map, and when it is taken in place of the old one. */
final class HealedMapTest {
    private static final String HOLES = "0x0 ? 1\n0x0 0x4000 +\n0x4000 0x200 -\n0x4200 0x1000 *\n0x5200 0xae00 +\n";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private Path image = Path.of("");

    @BeforeEach
    void makeImage() throws IOException {
        image = directory.resolve("disk.dd");
        resize(65536);
    }

    private void resize(long bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
        }
    }

    private DeviceSpec spec() {
        return DeviceSpec.of(image);
    }

    private ByteRanges holes() throws IOException {
        try (BlockDevice device = SpecifiedDevice.open(spec(), Access.READ_ONLY, false)) {
            return device.unreadable();
        }
    }

    @Test
    void itTakesThePlaceOfTheOldOneWhichStaysAsItIs() throws IOException {
        Path old = Files.writeString(directory.resolve("disk.map"), HOLES);
        HealedMap map = HealedMap.begin(spec(), 65536);
        assertEquals(directory.resolve("disk.healed.map"), map.file());
        assertEquals(Optional.of(map.file()), MapFiles.of(spec()));
        assertEquals(ByteRanges.of(0x4000, 0x5200), holes());
        map.store(ByteRanges.of(0x4100, 0x4400));
        assertEquals(ByteRanges.of(0x4100, 0x4400), holes());
        List<RescueMap.Block> blocks = RescueMap.blocks(map.file());
        assertEquals(
                List.of(
                        new RescueMap.Block(0, 0x4100, '+'),
                        new RescueMap.Block(0x4100, 0x4200, '-'),
                        new RescueMap.Block(0x4200, 0x4400, '*'),
                        new RescueMap.Block(0x4400, 65536, '+')),
                blocks,
                "what is still a hole keeps its status");
        assertEquals(HOLES, Files.readString(old));
        map.store(ByteRanges.NONE);
        assertEquals(ByteRanges.NONE, holes());
        assertEquals(65536, RescueMap.read(map.file()).sizeBytes());
    }

    @Test
    void aSecondHealingGoesOnWithIt() throws IOException {
        Files.writeString(directory.resolve("disk.map"), HOLES);
        HealedMap.begin(spec(), 65536).store(ByteRanges.of(0x4100, 0x4400));
        HealedMap again = HealedMap.begin(spec(), 65536);
        assertEquals(ByteRanges.of(0x4100, 0x4400), again.unreadable());
        assertEquals(ByteRanges.of(0x4100, 0x4400), holes());
        assertEquals(directory.resolve("disk.healed.map"), again.file());
    }

    /** The image may be a new one, or the rescue may have gone on: which map is right is the user's to say. */
    @Test
    void ifTheOldMapHasChangedNeitherIsTaken() throws IOException {
        Path old = Files.writeString(directory.resolve("disk.map"), HOLES);
        Path healed = HealedMap.begin(spec(), 65536).file();
        Files.writeString(old, "# only a comment more\n" + HOLES);
        assertEquals(Optional.of(healed), MapFiles.of(spec()), "it says the same of every byte");
        Files.writeString(old, HOLES.replace("0x4000 0x200 -", "0x4000 0x200 +"));
        String why = String.valueOf(
                assertThrows(DeviceOpenException.class, this::holes).getMessage());
        assertTrue(why.contains("not made of the map") && why.contains(",map=" + healed), why);
        assertEquals(1, why.lines().count());
        Files.delete(healed);
        assertEquals(ByteRanges.of(0x4200, 0x5200), holes());
    }

    /** Zeros behind the old end of an image must never count as read because a healing was cut short. */
    @Test
    void aShortImageHasAMapBeforeItIsExtended() throws IOException {
        HealedMap map = HealedMap.begin(spec(), 131072);
        assertEquals(ByteRanges.of(65536, 131072), holes(), "a crash before the image grows");
        map.extendImage();
        assertEquals(131072, Files.size(image));
        assertEquals(ByteRanges.of(65536, 131072), holes(), "a crash after it");
        assertEquals(directory.resolve("disk.dd.healed.map"), map.file());
        Files.writeString(directory.resolve("disk.map"), "0 + 1\n0 131072 +\n");
        assertThrows(DeviceOpenException.class, this::holes, "a map that knows nothing of it comes too late");
    }

    @Test
    void namesAreMadeOfTheMapsName() {
        Path file = Path.of("/a/disk.dd");
        assertEquals(Path.of("/a/disk.dd.healed.map"), HealedMapName.of(file, Optional.empty()));
        assertEquals(Path.of("/b/x.healed.map"), HealedMapName.of(file, Optional.of(Path.of("/b/x.mapfile"))));
        assertEquals(Path.of("/b/x.log.1.healed.map"), HealedMapName.of(file, Optional.of(Path.of("/b/x.log.1"))));
        assertEquals(Path.of("/b/x.healed.map"), HealedMapName.of(file, Optional.of(Path.of("/b/x.healed.map"))));
    }

    @Test
    void aMapThatCantBeWrittenIsOneLine() throws IOException {
        Files.writeString(directory.resolve("disk.map"), HOLES);
        HealedMap map = HealedMap.begin(spec(), 65536);
        Path next = directory.resolve("disk.healed.map.new");
        Files.createDirectory(next);
        assertThrows(DeviceException.class, () -> map.store(ByteRanges.NONE));
        assertEquals(ByteRanges.of(0x4000, 0x5200), map.unreadable());
        assertEquals(ByteRanges.of(0x4000, 0x5200), holes());
    }

    /** If one image were healed and on record, the other one's holes would count as read. */
    @Test
    void oneHealedMapForTwoImagesIsNoticed() throws IOException {
        Path map = Files.writeString(directory.resolve("disk.map"), HOLES);
        Path other = Files.copy(image, directory.resolve("disk.img"));
        Path apart = Files.copy(image, directory.resolve("apart.dd"));
        Path dotted = Files.copy(image, directory.resolve("apart"));
        Optional<Path> healed = Optional.of(directory.resolve("disk.healed.map"));
        assertEquals(healed, MapFiles.healedForBoth(spec(), DeviceSpec.of(other)));
        assertEquals(healed, MapFiles.healedForBoth(spec(), DeviceSpec.parse(apart + ",map=" + map)));
        assertEquals(Optional.empty(), MapFiles.healedForBoth(spec(), DeviceSpec.of(apart)));
        assertEquals(
                Optional.of(directory.resolve("apart.healed.map")),
                MapFiles.healedForBoth(DeviceSpec.of(dotted), DeviceSpec.of(apart)));
        assertEquals(Optional.empty(), MapFiles.healedForBoth(DeviceSpec.of(apart), DeviceSpec.of(dotted)));
    }

    /** By each of its names an image has the same holes, before and after a healing, with a map and without one. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anImageNamedByALinkHasTheSameHoles(boolean rescued) throws IOException {
        if (rescued) {
            Files.writeString(directory.resolve("disk.map"), HOLES);
        }
        Path links = Files.createDirectory(directory.resolve("links"));
        DeviceSpec link = DeviceSpec.of(Files.createSymbolicLink(links.resolve("sdb"), image));
        HealedMap map = HealedMap.begin(link, 131072);
        map.extendImage();
        ByteRanges all = holes();
        assertEquals(map.unreadable(), all);
        map.store(all.without(ByteRanges.of(65536, 66048)));
        assertTrue(holes().totalBytes() == all.totalBytes() - 512);
        try (BlockDevice device = SpecifiedDevice.open(link, Access.READ_ONLY, false)) {
            assertEquals(holes(), device.unreadable());
        }
        try (Stream<Path> beside = Files.list(links)) {
            assertEquals(1, beside.count());
        }
    }
}
