package io.mdfuse.raid.array.inside;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.array.Volume;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Logical volumes of a group that lvm2 made: two physical volumes whose extents of 256 KiB begin at 64 KiB. What {@code
 * lvs -o seg_pe_ranges} says of it: home is pv0:0-3 and pv1:6-8, str is pv0:4-7 and pv1:0-3 in stripes of 64 KiB,
 * my-data is pv1:4-5; err and zer have one extent of the types error and zero. In both metadata areas the text goes on
 * behind the header, for it reached the end of the ring.
 */
class InnerVolumesTest {
    private static final int START = 64 << 10;
    private static final int EXTENT = 256 << 10;
    private static final int STRIPE = 64 << 10;

    private static Volume file(InnerVolumes found, String name) {
        return found.inside().stream()
                .filter(each -> each.fileName().equals(name))
                .findFirst()
                .orElseThrow()
                .volume();
    }

    private static List<String> names(InnerVolumes found) {
        return found.inside().stream().map(InnerVolume::fileName).toList();
    }

    private static byte[] extents(BytesVolume volume, int first, int count) {
        return Arrays.copyOfRange(volume.bytes(), START + first * EXTENT, START + (first + count) * EXTENT);
    }

    private static byte[] whole(Volume volume) throws IOException {
        return BytesVolume.read(volume, 0, (int) volume.sizeBytes());
    }

    @Test
    void logicalVolumesAreWhereLvmSays() throws IOException {
        BytesVolume first = BytesVolume.physical("pv0", 47);
        BytesVolume second = BytesVolume.physical("pv1", 39);
        InnerVolumes found = InnerVolumes.of(List.of(second, first));
        assertEquals(List.of("vg--0-home", "vg--0-str", "vg--0-my--data", "vg--0-err", "vg--0-zer"), names(found));
        assertEquals(List.of(), found.lines());
        assertEquals(List.of("vg-0: home, str, my-data, err, zer"), found.groups());

        ByteArrayOutputStream home = new ByteArrayOutputStream();
        home.write(extents(first, 0, 4));
        home.write(extents(second, 6, 3));
        assertArrayEquals(home.toByteArray(), whole(file(found, "vg--0-home")));
        assertArrayEquals(
                Arrays.copyOfRange(home.toByteArray(), 4 * EXTENT - 1000, 4 * EXTENT + 77),
                BytesVolume.read(file(found, "vg--0-home"), 4 * EXTENT - 1000, 1077));
        assertArrayEquals(extents(second, 4, 2), whole(file(found, "vg--0-my--data")));
        assertArrayEquals(striped(extents(first, 4, 4), extents(second, 0, 4)), whole(file(found, "vg--0-str")));
        assertArrayEquals(new byte[EXTENT], whole(file(found, "vg--0-zer")));
        assertThrows(IOException.class, () -> whole(file(found, "vg--0-err")));
    }

    private static byte[] striped(byte[] even, byte[] odd) {
        byte[] both = new byte[even.length + odd.length];
        for (int at = 0; at < even.length; at += STRIPE) {
            System.arraycopy(even, at, both, 2 * at, STRIPE);
            System.arraycopy(odd, at, both, 2 * at + STRIPE, STRIPE);
        }
        return both;
    }

    @Test
    void aMissingPhysicalVolumeCostsItsExtentsOnly() throws IOException {
        BytesVolume first = BytesVolume.physical("pv0", 47);
        InnerVolumes found = InnerVolumes.of(List.of(first));
        assertEquals(
                List.of("volume group vg-0: its physical volume pv1 (last /dev/loop1) is missing; extents on it can't"
                        + " be read, and these have some: home, str, my-data"),
                found.lines());
        Volume home = file(found, "vg--0-home");
        assertArrayEquals(extents(first, 0, 4), BytesVolume.read(home, 0, 4 * EXTENT));
        assertThrows(IOException.class, () -> BytesVolume.read(home, 4 * EXTENT - 1, 2));
        assertArrayEquals(
                Arrays.copyOf(extents(first, 4, 1), STRIPE), BytesVolume.read(file(found, "vg--0-str"), 0, STRIPE));
        assertThrows(IOException.class, () -> BytesVolume.read(file(found, "vg--0-str"), STRIPE, 1));
    }

    @Test
    void theNewestDescriptionCounts() throws IOException {
        BytesVolume newer = BytesVolume.physical("pv0-newer", 47);
        BytesVolume older = BytesVolume.physical("pv1", 39);
        InnerVolumes found = InnerVolumes.of(List.of(older, newer));
        assertTrue(names(found).contains("vg--0-renamed"));
        assertEquals(
                List.of("volume group vg-0: pv1 missed changes of it: it has change 26, pv0-newer has 27; the"
                        + " description of pv0-newer is used"),
                found.lines());
    }

    @Test
    void aCopyOfAPhysicalVolumeIsNamed() throws IOException {
        BytesVolume first = BytesVolume.physical("pv0", 47);
        BytesVolume second = BytesVolume.physical("pv1", 39);
        InnerVolumes found = InnerVolumes.of(List.of(first, second, new BytesVolume("pv0", first.bytes())));
        assertEquals(
                List.of("pv0", "pv1", "pv0~2"),
                found.arrays().stream().map(InnerVolume::fileName).toList());
        assertTrue(found.lines().getFirst().startsWith("pv0 is the same LVM2 physical volume as pv0, perhaps a copy"));
    }

    /** The older copy lacks what was written since, and the newest description means the newer one's bytes. */
    @Test
    void ofTwoCopiesTheNewerOneIsUsed() throws IOException {
        BytesVolume older = BytesVolume.physical("pv0", 47);
        BytesVolume newer = BytesVolume.physical("pv0-newer", 47);
        byte[] written = newer.bytes().clone();
        Arrays.fill(written, START, START + EXTENT, (byte) 9);
        InnerVolumes found =
                InnerVolumes.of(List.of(older, BytesVolume.physical("pv1", 39), new BytesVolume("pv0-newer", written)));
        assertTrue(
                found.lines()
                        .contains(
                                "pv0 is the same LVM2 physical volume as pv0-newer, perhaps a copy: pv0-newer is used"),
                found.lines().toString());
        assertEquals(9, BytesVolume.read(file(found, "vg--0-home"), 0, 1)[0]);
    }

    @Test
    void aShortPhysicalVolumeIsSaid() throws IOException {
        BytesVolume first = BytesVolume.physical("pv0", 47);
        BytesVolume shortOne = BytesVolume.physical("pv1", 7);
        InnerVolumes found = InnerVolumes.of(List.of(first, shortOne));
        assertEquals(
                List.of("volume group vg-0: pv1 is smaller than it should be; what lies behind its end can't be"
                        + " read"),
                found.lines());
        Volume home = file(found, "vg--0-home");
        assertArrayEquals(extents(shortOne, 6, 1), BytesVolume.read(home, 4 * EXTENT, EXTENT));
        assertThrows(IOException.class, () -> BytesVolume.read(home, 5 * EXTENT, 1));
    }

    @Test
    void aDamagedLabelOrTextIsSaidAndNotBelieved() throws IOException {
        BytesVolume label = BytesVolume.physical("pv0", 47);
        label.bytes()[512 + 40] ^= 1;
        assertEquals(
                List.of("pv0: the LVM2 label in sector 1 is damaged: its checksum is wrong"),
                InnerVolumes.of(List.of(label)).lines().stream()
                        .filter(line -> line.contains("LVM2"))
                        .toList());
        BytesVolume text = BytesVolume.physical("pv0", 47);
        text.bytes()[4096 + 59904 + 100] ^= 1;
        InnerVolumes other = InnerVolumes.of(List.of(text, BytesVolume.physical("pv1", 39)));
        assertEquals(
                List.of("pv0: the LVM2 metadata area at byte 4096 is damaged: the checksum of its text is wrong"),
                other.lines());
        assertEquals(5, other.inside().size());
    }
}
