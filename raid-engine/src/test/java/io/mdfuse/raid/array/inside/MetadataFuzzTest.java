package io.mdfuse.raid.array.inside;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Labels, headers and metadata texts with random changes, most of them with correct checksums, so that they are not
 * refused at the door. Whatever they say, looking into them and reading ends with volumes, lines or an {@link
 * IOException}. {@code -Dmdfuse.fuzz=100000} sets another number of inputs.
 */
class MetadataFuzzTest {
    private static final int INPUTS = Integer.getInteger("mdfuse.fuzz", 2000);
    private static final int LABEL = 512;
    private static final int AREA = 4096;
    private static final int SECTOR = 512;

    /** Pieces of text that a change may put in. */
    private static final String[] WORDS = {
        "{",
        "}",
        "[",
        "]",
        "\"",
        "=",
        "#",
        ",",
        "\\",
        "-1",
        "0",
        "9223372036854775807",
        "4294967296",
        "pv1",
        "home",
        "segment1",
        "\0",
        "\n",
        "striped",
        "stripe_count = 128",
        "pvmove0",
        "\u00e4",
        "id",
        "../x",
        "type = \"zero\""
    };

    @Test
    void changedMetadataEndsInTypedErrorsOnly() throws IOException {
        byte[] made = BytesVolume.physical("pv0-newer", 1).bytes();
        BytesVolume other = BytesVolume.physical("pv1", 1);
        int looked = 0;
        for (int seed = 0; seed < INPUTS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = made.clone();
            change(bytes, random);
            try {
                InnerVolumes found = InnerVolumes.of(
                        random.nextBoolean()
                                ? List.of(new BytesVolume("fuzz", bytes))
                                : List.of(other, new BytesVolume("fuzz", bytes)));
                for (InnerVolume each : found.inside()) {
                    looked++;
                    readSome(each.volume(), random);
                }
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertTrue(looked > INPUTS, "most changed texts still describe volumes, but only " + looked + " were found");
    }

    private static void readSome(Volume volume, Random random) {
        long size = volume.sizeBytes();
        for (long at : new long[] {0, size - Math.min(size, 4096), random.nextLong(Math.max(1, size))}) {
            try {
                BytesVolume.read(volume, at, (int) Math.min(4096, size - at));
            } catch (IOException expected) {
                assertTrue(expected.getMessage() != null);
            }
        }
    }

    private static void change(byte[] bytes, Random random) {
        ByteBuffer volume = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int kind = random.nextInt(10);
        if (kind == 0) {
            bytes[LABEL + random.nextInt(160)] = (byte) random.nextInt();
        } else if (kind == 1) {
            bytes[AREA + 4 + random.nextInt(64)] = (byte) random.nextInt();
        } else {
            changeText(bytes, volume, random);
        }
        if (random.nextInt(20) > 0) {
            volume.putInt(LABEL + 16, checksum(bytes, LABEL + 20, LABEL + SECTOR));
            volume.putInt(AREA, checksum(bytes, AREA + 4, AREA + SECTOR));
        }
    }

    /** Rewrites the text behind the header of the area, with one to four changes. */
    private static void changeText(byte[] bytes, ByteBuffer volume, Random random) {
        int offset = (int) volume.getLong(AREA + 40);
        byte[] old = new byte[(int) volume.getLong(AREA + 48)];
        volume.get(AREA + offset, old);
        StringBuilder text = new StringBuilder(new String(old, java.nio.charset.StandardCharsets.ISO_8859_1));
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, WORDS[random.nextInt(WORDS.length)]);
                case 1 -> text.delete(at, Math.min(text.length() - 1, at + random.nextInt(40)));
                case 2 -> text.setCharAt(at, (char) random.nextInt(256));
                default -> changeNumber(text, at, random);
            }
        }
        byte[] changed = text.toString().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        volume.put(AREA + SECTOR, changed);
        volume.putLong(AREA + 40, SECTOR);
        volume.putLong(AREA + 48, changed.length);
        volume.putInt(AREA + 56, checksum(bytes, AREA + SECTOR, AREA + SECTOR + changed.length));
    }

    private static void changeNumber(StringBuilder text, int from, Random random) {
        for (int at = from; at < text.length(); at++) {
            if (Character.isDigit(text.charAt(at))) {
                text.replace(
                        at,
                        at + 1,
                        random.nextInt(4) == 0 ? Long.toString(random.nextLong()) : "" + random.nextInt(70));
                return;
            }
        }
    }

    /** Bit by bit, since the program has a table. */
    private static int checksum(byte[] bytes, int from, int end) {
        int checksum = 0xf597a6cf;
        for (int at = from; at < end; at++) {
            checksum ^= bytes[at] & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                checksum = checksum >>> 1 ^ ((checksum & 1) != 0 ? 0xedb88320 : 0);
            }
        }
        return checksum;
    }
}
