package io.mdfuse.cli;

import io.mdfuse.fuse.VolumeServer;
import io.mdfuse.fuse.blkid.Blkid;
import io.mdfuse.fuse.blkid.ContentName;
import io.mdfuse.raid.array.RaidArray;
import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.array.content.ContentRecognition;
import io.mdfuse.raid.array.content.VolumeContent;
import io.mdfuse.raid.array.inside.InnerVolumes;
import io.mdfuse.raid.array.overlay.OverlayVolume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a mount serves: the array, or an overlay above it. This class opens and closes both, and makes the messages
 * about them for when the file can be used. One thread opens and closes.
 */
final class ServedArray implements VolumeServer.Source<Volume> {
    private static final long BLANK_BYTES = 1 << 20;
    private static final long PAGE = 4096;

    private final VolumeServer.Source<RaidArray> source;
    private final Supplier<List<String>> notes;
    private final OverlayChoice choice;
    private @Nullable RaidArray array;
    private @Nullable OverlayVolume overlay;
    private Optional<VolumeContent> content = Optional.empty();
    private boolean blank;

    /** @param notes lines about how the devices were found, for after the opening */
    ServedArray(VolumeServer.Source<RaidArray> source, Supplier<List<String>> notes, OverlayChoice choice) {
        this.source = source;
        this.notes = notes;
        this.choice = choice;
    }

    @Override
    public Volume open() throws IOException {
        RaidArray opened = source.open();
        array = opened;
        content = ContentRecognition.of(opened);
        blank = content.isEmpty() && isBlank(opened);
        if (opened.readOnly()) {
            try {
                overlay = choice.over(opened, content).orElse(null);
            } catch (IOException | RuntimeException e) {
                source.close(opened);
                throw e;
            }
        }
        return overlay == null ? opened : overlay;
    }

    /** True if the volume begins with zeros only, as a new array does. A volume that can't be read is not blank. */
    private static boolean isBlank(Volume volume) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment start = arena.allocate(Math.min(BLANK_BYTES, volume.sizeBytes()), PAGE);
            volume.read(0, start);
            return start.mismatch(arena.allocate(start.byteSize(), PAGE)) < 0;
        } catch (IOException unreadable) {
            return false;
        }
    }

    @Override
    public void close(Volume served) throws IOException {
        try {
            if (overlay != null) {
                overlay.close();
            }
        } finally {
            source.close(array());
        }
    }

    RaidArray array() {
        return Objects.requireNonNull(array);
    }

    /** Lines for the user: messages from the opening of the array, where writes go, how to use the content. */
    List<String> startMessages(Path mountPoint) {
        List<String> lines = new ArrayList<>(notes.get());
        lines.addAll(array().startMessages());
        array().nameNote().ifPresent(lines::add);
        Optional<ContentName> name = blank ? Optional.empty() : Blkid.nameOf(array());
        lines.addAll(new ContentLines(content, blank, array().readOnly(), overlay, name, inside())
                .lines(mountPoint.resolve(array().name())));
        return lines;
    }

    /** The volumes inside of the array, in words; empty if there are none. */
    private String inside() {
        if (content.filter(each -> each.form() != VolumeContent.Form.FILE_SYSTEM)
                .isEmpty()) {
            return "";
        }
        InnerVolumes found = InnerVolumes.of(List.of(array()));
        List<String> words = new ArrayList<>();
        long partitions = found.inside().stream()
                .filter(each -> each.kind().startsWith("partition"))
                .count();
        if (partitions > 0) {
            words.add(partitions + (partitions == 1 ? " partition" : " partitions"));
        }
        found.groups().forEach(group -> words.add("volume group " + group));
        return String.join("; ", words);
    }
}
