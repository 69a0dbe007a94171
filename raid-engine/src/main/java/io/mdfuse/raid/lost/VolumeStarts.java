package io.mdfuse.raid.lost;

import static io.mdfuse.raid.lost.BlockBytes.*;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where in the volume file systems can begin: at its start, at 1 MiB, and where a partition table or LVM2's text says.
 * The heads of GPT, LVM2 and LUKS at the start of the volume are clues of their own, few but exact.
 *
 * <p>LVM2 (lib/format_text/layout.h): a label in the second sector, {@code LABELONE}; the head of the metadata area
 * at 4096, whose magic follows a checksum; then text. Only logical volumes of one piece are looked for, by their
 * first one.
 */
final class VolumeStarts {
    private static final int MAX_STARTS = 64;
    private static final long MAX_SECTOR = 1L << 52;
    private static final String LVM_LABEL = "LABELONE";
    private static final String LVM_AREA = " LVM2 x[5A%r0N*>";
    private static final Pattern EXTENT_SIZE = Pattern.compile("extent_size = (\\d{1,9})\\b");
    private static final Pattern PE_START = Pattern.compile("pe_start = (\\d{1,12})\\b");
    private static final Pattern STRIPE =
            Pattern.compile("extent_count = (\\d{1,9})\\b[^{}]{0,200}stripes = \\[\\s*\"pv\\d+\", (\\d{1,9})\\b");

    /** Without a table: a file system at the start of the volume, or in the first partition or logical volume. */
    private static final List<Long> USUAL = List.of(0L, 1L << 20);

    /** The longest piece that begins there, as a table says. */
    private final Map<Long, Long> named = new LinkedHashMap<>();

    private final List<Clue> heads = new ArrayList<>();
    private String name = "";
    /** As LVM2's text said last; 0 or less if not known. */
    private long extentSectors;

    private long firstExtentSector;

    void look(int device, long deviceBytes, MemorySegment block) {
        if (isText(block, 512, "EFI PART")) {
            head("GPT", new Clue(device, deviceBytes, 0));
            partitions(block);
        } else if (isText(block, BLOCK - 512, "EFI PART") && le64(block, BLOCK - 512 + 24) % 8 == 7) {
            head("GPT", new Clue(device, deviceBytes, le64(block, BLOCK - 512 + 24) * 512 - (BLOCK - 512)));
        } else if (le16(block, 510) == 0xaa55) {
            masterBootRecord(block);
        }
        if (isText(block, 512, LVM_LABEL)) {
            head("LVM2", new Clue(device, deviceBytes, 0));
        } else if (isText(block, 4, LVM_AREA) && le64(block, 24) == BLOCK) {
            head("LVM2", new Clue(device, deviceBytes, BLOCK));
        } else if (isText(block, 0, "LUKS\u00ba\u00be")) {
            head("LUKS", new Clue(device, deviceBytes, 0));
        } else if (isText(block, 0, "SKUL\u00ba\u00be") && be64(block, 256) > 0 && be64(block, 256) < 8L << 20) {
            head("LUKS", new Clue(device, deviceBytes, be64(block, 256)));
        }
        logicalVolumes(block);
    }

    private void head(String kind, Clue clue) {
        if (heads.size() < MAX_STARTS && clue.volumeBytes() >= 0) {
            name = name.isEmpty() ? kind : name;
            heads.add(clue);
        }
    }

    private void add(long sector, long sectors) {
        boolean sound = sector > 0 && sector % 8 == 0 && sector < MAX_SECTOR && sectors > 0 && sectors < MAX_SECTOR;
        if (sound && named.size() < MAX_STARTS) {
            named.merge(sector * 512, sectors * 512, Math::max);
        }
    }

    private void partitions(MemorySegment block) {
        int bytes = le32(block, 512 + 84);
        for (int at = 1024; bytes >= 128 && bytes <= 512 && at + 48 <= BLOCK; at += bytes) {
            if (le64(block, at) != 0) {
                add(le64(block, at + 32), le64(block, at + 40) - le64(block, at + 32) + 1);
            }
        }
    }

    private void masterBootRecord(MemorySegment block) {
        for (int at = 446; at < 510; at += 16) {
            if ((unsignedByte(block, at) & 0x7f) != 0) {
                return;
            }
        }
        for (int at = 446; at < 510; at += 16) {
            if (unsignedByte(block, at + 4) != 0) {
                add(unsignedLe32(block, at + 8), unsignedLe32(block, at + 12));
            }
        }
    }

    /** The text begins at any sector and may go on in another block, where the sizes that it began with still hold. */
    private void logicalVolumes(MemorySegment block) {
        if (!isPrintable(block)) {
            return;
        }
        String text = new String(copy(block, 0, BLOCK), StandardCharsets.ISO_8859_1);
        if (text.contains("extent_size = ")) {
            extentSectors = number(EXTENT_SIZE, text);
            firstExtentSector = -1;
        }
        if (text.contains("pe_start = ")) {
            firstExtentSector = number(PE_START, text);
        }
        if (extentSectors > 0 && firstExtentSector > 0 && text.contains("stripes = [")) {
            Matcher stripe = STRIPE.matcher(text);
            while (stripe.find()) {
                add(
                        firstExtentSector + Long.parseLong(stripe.group(2)) * extentSectors,
                        Long.parseLong(stripe.group(1)) * extentSectors);
            }
        }
    }

    /** Text of more than a sector has a character at the start of one. */
    private static boolean isPrintable(MemorySegment block) {
        for (int at = 0; at < BLOCK; at += 512) {
            int first = unsignedByte(block, at);
            int second = unsignedByte(block, at + 1);
            if ((first >= ' ' || first == '\n' || first == '\t') && first <= '~' && second <= '~') {
                return true;
            }
        }
        return false;
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
    }

    /** In bytes from the start of the volume; first what a table says of pieces that are long enough. */
    List<Long> startsFor(long sizeBytes) {
        Set<Long> all = new LinkedHashSet<>();
        named.forEach((start, bytes) -> {
            if (bytes >= sizeBytes) {
                all.add(start);
            }
        });
        all.addAll(named.keySet());
        all.addAll(USUAL);
        return List.copyOf(all);
    }

    /** Heads at known places of the volume, seen from a file system that begins at {@code startBytes}. */
    List<Clue> headsFrom(long startBytes) {
        return heads.stream()
                .map(clue -> new Clue(clue.device(), clue.deviceBytes(), clue.volumeBytes() - startBytes))
                .toList();
    }

    /** What the heads belong to; empty if there are none. */
    String name() {
        return name;
    }
}
