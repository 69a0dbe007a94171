package io.mdfuse.cli;

import io.mdfuse.fuse.ServedFile;
import io.mdfuse.fuse.blkid.Blkid;
import io.mdfuse.fuse.blkid.ContentName;
import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.array.content.ContentRecognition;
import io.mdfuse.raid.array.content.VolumeContent;
import io.mdfuse.raid.array.content.VolumeContent.Form;
import io.mdfuse.raid.array.inside.InnerVolume;
import io.mdfuse.raid.array.overlay.OverlayVolume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One file of a mount with {@code --volumes}.
 *
 * @param inner what the file shows
 * @param content what it holds, as far as mdfuse itself knows
 * @param overlay where writes to it go; null if it can't be written
 */
record ServedInnerVolume(
        InnerVolume inner,
        Optional<VolumeContent> content,
        @Nullable OverlayVolume overlay) {
    /** Of a mount with more files, libblkid is asked only about these, since it needs 5 MiB of each. */
    static final int MOST_NAMED = 16;

    static ServedInnerVolume open(InnerVolume inner, OverlayChoice choice) throws IOException {
        Optional<VolumeContent> content = ContentRecognition.of(inner.volume());
        return new ServedInnerVolume(
                inner, content, choice.over(inner.volume(), content).orElse(null));
    }

    ServedFile file() {
        Volume served = overlay == null ? inner.volume() : overlay;
        return new ServedFile(inner.fileName(), served);
    }

    /** What the file is, and how it is used. */
    List<String> lines(Path mountPoint, boolean named) {
        Optional<ContentName> name = named ? Blkid.nameOf(inner.volume()) : Optional.empty();
        String begin = inner.fileName() + " (" + inner.kind() + ", "
                + HumanSize.brief(inner.volume().sizeBytes()) + ")";
        if (content.filter(each ->
                                each.form() == Form.FILE_SYSTEM || each.kind().contains("LUKS"))
                        .isEmpty()
                && content.isPresent()) {
            return List.of(begin + ": it holds " + content.get().kind());
        }
        List<String> use =
                new ContentLines(content, false, true, overlay, name, "").lines(mountPoint.resolve(inner.fileName()));
        List<String> lines = new ArrayList<>();
        lines.add(begin + (use.isEmpty() ? ": nothing is recognised in it" : ""));
        use.forEach(line -> lines.add("  " + line));
        return lines;
    }

    void close() throws IOException {
        if (overlay != null) {
            overlay.close();
        }
    }
}
