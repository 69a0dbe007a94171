package io.mdfuse.cli;

import io.mdfuse.fuse.VolumeServer;
import io.mdfuse.raid.array.RaidArray;
import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.content.VolumeContent;
import io.mdfuse.raid.overlay.OverlayVolume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a mount serves: the array, or an overlay above it. It is opened and closed here, and knows what is to be said of
 * both once the file can be used. One thread opens and closes it.
 */
final class ServedArray implements VolumeServer.Source<Volume> {
    private final VolumeServer.Source<RaidArray> source;
    private final OverlayChoice choice;
    private @Nullable RaidArray array;
    private @Nullable OverlayVolume overlay;
    private Optional<VolumeContent> content = Optional.empty();

    ServedArray(VolumeServer.Source<RaidArray> source, OverlayChoice choice) {
        this.source = source;
        this.choice = choice;
    }

    @Override
    public Volume open() throws IOException {
        RaidArray opened = source.open();
        array = opened;
        content = VolumeContent.of(opened);
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

    /** Lines for the user: what the opening of the array has to say, where writes go, how to use what is inside. */
    List<String> startMessages(Path mountPoint) {
        List<String> lines = new ArrayList<>(array().startMessages());
        lines.addAll(new ContentLines(content, array().readOnly(), overlay).lines(mountPoint.resolve(array().name())));
        return lines;
    }
}
