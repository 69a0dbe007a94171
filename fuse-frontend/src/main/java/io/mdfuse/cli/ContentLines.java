package io.mdfuse.cli;

import io.mdfuse.fuse.blkid.ContentName;
import io.mdfuse.raid.array.content.VolumeContent;
import io.mdfuse.raid.array.content.VolumeContent.Form;
import io.mdfuse.raid.array.content.VolumeContent.Log;
import io.mdfuse.raid.array.overlay.OverlayVolume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a mount prints about the volume's content: where writes go, and the commands that open the content. What kind of
 * content it is and whether a log must be replayed is mdfuse's own finding; libblkid adds the label, and names what
 * mdfuse does not know.
 *
 * <p>{@code -b 4096} is printed only if there is no content yet, or if the content was made for such sectors; {@code
 * norecovery} only if a log must be replayed and can't be. ext4, XFS and btrfs all take that option (Linux 5.10 and
 * later).
 */
record ContentLines(
        Optional<VolumeContent> content,
        boolean blank,
        boolean readOnly,
        @Nullable OverlayVolume overlay,
        Optional<ContentName> name,
        String inside) {
    /**
     * @param name what libblkid says of the content; it serves where mdfuse does not know better
     * @param inside which volumes are in it, in words; empty if none are
     */
    ContentLines {
        content = content.or(() -> name.flatMap(ContentLines::byName));
    }

    private static Optional<VolumeContent> byName(ContentName name) {
        if (name.type().isEmpty()) {
            return Optional.empty();
        }
        Form form = name.isFileSystem() ? Form.FILE_SYSTEM : Form.CONTAINER;
        return Optional.of(new VolumeContent(name.type(), form, false, Log.UNKNOWN, 0));
    }

    List<String> lines(Path file) {
        List<String> lines = new ArrayList<>();
        if (overlay != null) {
            lines.add(overlayLine(overlay));
        }
        if (blank) {
            lines.add("it holds nothing yet; to use it as a block device: losetup -f --show "
                    + (readOnly && overlay == null ? "-r " : "") + "-b 4096 --direct-io=on " + quoted(file));
        }
        content.ifPresent(each -> {
            lines.add(useLine(each, file));
            if (readOnly && overlay == null && (each.log() == Log.TO_BE_REPLAYED || each.form() != Form.FILE_SYSTEM)) {
                lines.add(logLine(each));
            }
        });
        if (!inside.isEmpty()) {
            lines.add("inside of it: " + inside + "; mount it with --volumes to have these as files");
        }
        if (name.filter(ContentName::ambivalent).isPresent()) {
            lines.add("libblkid finds the signatures of several contents in it, and all but one are left from earlier: "
                    + "wipefs --no-act " + quoted(file) + " lists them");
        }
        return lines;
    }

    private String overlayLine(OverlayVolume scratch) {
        Map<String, String> attributes = scratch.attributes();
        String place = attributes.getOrDefault("overlay", "");
        String why = content.filter(each -> each.log() == Log.TO_BE_REPLAYED)
                .map(each ->
                        "the " + each.kind() + " in it was not unmounted, and replays its log when it is mounted: ")
                .orElse("");
        String where = place.equals("memory")
                ? "memory (" + SizeConverter.format(Long.parseLong(attributes.get("overlay_limit_bytes"))) + " at most)"
                : place + ", whose name is gone already";
        return why + "what is written goes to " + where + " and is LOST at the unmount; the devices stay as they are";
    }

    private String useLine(VolumeContent each, Path file) {
        StringBuilder line =
                new StringBuilder("it holds ").append(withLabel(each)).append("; to use it: losetup -f --show");
        line.append(readOnly && overlay == null ? " -r" : "").append(each.form() == Form.PARTITIONS ? " -P" : "");
        line.append(each.fitsBlocks() ? " -b 4096" : "")
                .append(" --direct-io=on ")
                .append(quoted(file));
        if (each.form() == Form.FILE_SYSTEM) {
            line.append("; mount ").append(mountOptions(each)).append("/dev/loopN DIRECTORY");
        } else if (each.form() == Form.PARTITIONS) {
            line.append("; its partitions are /dev/loopNp1 and so on");
        } else if (each.kind().contains("LUKS")) {
            line.append("; cryptsetup open ")
                    .append(readOnly && overlay == null ? "--readonly " : "")
                    .append("/dev/loopN NAME");
        }
        return line.toString();
    }

    private String withLabel(VolumeContent each) {
        return each.kind()
                + name.map(ContentName::label)
                        .filter(label -> !label.isEmpty())
                        .map(label -> ", label \"" + label + "\"")
                        .orElse("");
    }

    /** Quoted for a shell. */
    static String quoted(Path file) {
        String path = file.toString();
        return path.matches("[-A-Za-z0-9_./:@%+]+") ? path : "'" + path.replace("'", "'\\''") + "'";
    }

    private String mountOptions(VolumeContent each) {
        if (!readOnly) {
            return "";
        }
        return overlay == null && each.log() == Log.TO_BE_REPLAYED ? "-o ro,norecovery " : "-o ro ";
    }

    private static String logLine(VolumeContent each) {
        return each.form() == Form.FILE_SYSTEM
                ? "what only the log of its " + each.kind()
                        + " holds is not seen then; --overlay memory lets the log be"
                        + " replayed without a change to the devices"
                : "a file system in it that was not unmounted: mount -o ro,norecovery, or --overlay memory here, which"
                        + " lets its log be replayed without a change to the devices";
    }
}
