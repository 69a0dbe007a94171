package io.mdfuse.raid.spec;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.ByteRanges.Range;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.HoleRecord;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The map of an image whose holes are being filled, in ddrescue's form: what was read or healed is {@code +}, and what
 * is still a hole keeps the status that it had. The rescue program's map is never changed. Order of a healing:
 *
 * <pre>
 *   1 this map is written with all holes, durably        {@link #begin}
 *   2 an image that is shorter than its disk is extended {@link #extendImage}
 *   3 holes are written, the image flushed               {@link io.mdfuse.device.HealingDevice}
 *   4 this map is replaced, durably; then 3 again        {@link #store}
 * </pre>
 *
 * One thread uses it.
 */
public final class HealedMap implements HoleRecord {
    private final Path image;
    private final Path file;
    private final String comments;
    private final List<RescueMap.Block> blocks;
    private ByteRanges unreadable;

    private HealedMap(Path image, Path file, String comments, List<RescueMap.Block> blocks, ByteRanges unreadable) {
        this.image = image;
        this.file = file;
        this.comments = comments;
        this.blocks = blocks;
        this.unreadable = unreadable;
    }

    /**
     * Writes the map of an image as the image is now.
     *
     * @param spec names an image file
     * @param sizeBytes the size that the image is to have; what lies behind its end now is a hole
     * @throws IOException if the image's present map can't be read, or this one can't be written; then nothing has
     *     changed
     */
    public static HealedMap begin(DeviceSpec spec, long sizeBytes) throws IOException {
        Path image = ImageNames.target(spec.file().orElseThrow());
        Optional<Path> used = MapFiles.of(spec);
        Path file = HealedMapName.of(image, used);
        List<RescueMap.Block> blocks = new ArrayList<>();
        String comments = "# Mapfile. Created by mdfuse mount --heal\n";
        if (used.isPresent()) {
            blocks.addAll(RescueMap.blocks(used.get()));
            Optional<String> source = file.equals(used.get())
                    ? HealedMapName.source(file)
                    : Optional.of(HealedMapName.madeOf(RescueMap.read(used.get())));
            comments += source.map(HealedMapName::comment).orElse("# made of a map that does not say more") + "\n";
        } else {
            blocks.add(new RescueMap.Block(0, Files.size(image), RescueMap.READ));
            comments += HealedMapName.comment(HealedMapName.NO_MAP) + "\n";
        }
        long start = blocks.getFirst().startBytes();
        if (start > 0) {
            blocks.addFirst(new RescueMap.Block(0, start, '?'));
        }
        long end = blocks.getLast().endBytes();
        if (end < sizeBytes) {
            blocks.add(new RescueMap.Block(end, sizeBytes, '?'));
        }
        List<Range> holes = new ArrayList<>();
        for (RescueMap.Block block : blocks) {
            if (block.status() != RescueMap.READ) {
                holes.add(new Range(block.startBytes(), block.endBytes()));
            }
        }
        HealedMap map = new HealedMap(image, file, comments, blocks, ByteRanges.of(holes));
        map.store(map.unreadable);
        return map;
    }

    /** Gives the image the size of its map, durably. What is added is a hole in the map. */
    public void extendImage() throws IOException {
        long sizeBytes = blocks.getLast().endBytes();
        if (Files.isRegularFile(image) && Files.size(image) < sizeBytes) {
            try (RandomAccessFile end = new RandomAccessFile(image.toFile(), "rw")) {
                end.setLength(sizeBytes);
                end.getChannel().force(true);
            }
        }
    }

    @Override
    public void store(ByteRanges left) throws DeviceException {
        try {
            DurableText.replace(file, text(left));
        } catch (IOException | UncheckedIOException e) {
            throw new DeviceException(file.toString(), "write", 0, 0, String.valueOf(e.getMessage()));
        }
        unreadable = left;
    }

    private String text(ByteRanges left) {
        StringBuilder text = new StringBuilder(comments);
        boolean complete = left.isEmpty();
        long position = complete ? 0 : left.list().getFirst().startBytes();
        text.append("# current_pos  current_status  current_pass\n");
        text.append(String.format(Locale.ROOT, "0x%08X     %s               1%n", position, complete ? "+" : "?"));
        text.append("#      pos        size  status\n");
        long readFrom = 0;
        for (RescueMap.Block block : blocks) {
            if (block.status() == RescueMap.READ) {
                continue;
            }
            long start = block.startBytes();
            for (Range hole : left.within(start, block.endBytes() - start).list()) {
                line(text, readFrom, start + hole.startBytes(), RescueMap.READ);
                line(text, start + hole.startBytes(), start + hole.endBytes(), block.status());
                readFrom = start + hole.endBytes();
            }
        }
        line(text, readFrom, blocks.getLast().endBytes(), RescueMap.READ);
        return text.toString();
    }

    private static void line(StringBuilder text, long start, long end, char status) {
        if (start < end) {
            text.append(String.format(Locale.ROOT, "0x%08X  0x%08X  %c%n", start, end - start, status));
        }
    }

    /** The file that contains the map. */
    public Path file() {
        return file;
    }

    /** What is still a hole. */
    public ByteRanges unreadable() {
        return unreadable;
    }
}
