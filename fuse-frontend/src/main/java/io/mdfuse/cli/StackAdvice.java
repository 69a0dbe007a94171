package io.mdfuse.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The commands that put a new file system or LVM on an array so that it knows the array's stripes. A loop device tells
 * nothing of them, so these programs would take it for one disk.
 *
 * <pre>
 *   chunk row   the data chunks at one position: a write of all of it needs no old data for its parity
 *   XFS         su = chunk, sw = data disks
 *   ext4        stride = chunk in blocks of 4 KiB, stripe_width = chunk row in the same blocks
 *   LVM         the first extent begins at a chunk row
 * </pre>
 *
 * @param chunkBytes a power of two of at least 4096
 * @param dataDisks how many chunks of a row hold data; at least 1
 */
record StackAdvice(long chunkBytes, int dataDisks) {
    private static final int BLOCK = 4096;
    private static final int KIB = 1024;

    /** For a mounted array; without stripes (RAID-1, linear) one data disk and one block. */
    static StackAdvice of(ArrayView array) {
        long chunk = array.numberOr("chunk_size", 0);
        int disks = array.slots();
        return switch (array.levelNumber()) {
            case 4, 5 -> new StackAdvice(chunk, disks - 1);
            case 6 -> new StackAdvice(chunk, disks - 2);
            default -> new StackAdvice(BLOCK, 1);
        };
    }

    private boolean hasStripes() {
        return chunkBytes > BLOCK || dataDisks > 1;
    }

    private String kib(long bytes) {
        return bytes / KIB + "k";
    }

    /** The line that makes an XFS; its device is {@code /dev/loopN}, as losetup prints one. */
    String xfs() {
        return "mkfs.xfs"
                + (hasStripes() ? String.format(Locale.ROOT, " -d su=%s,sw=%d", kib(chunkBytes), dataDisks) : "");
    }

    String ext4() {
        long stride = chunkBytes / BLOCK;
        return "mkfs.ext4 -b " + BLOCK
                + (hasStripes()
                        ? String.format(Locale.ROOT, " -E stride=%d,stripe_width=%d", stride, stride * dataDisks)
                        : "");
    }

    String lvm() {
        return "pvcreate" + (hasStripes() ? " --dataalignment " + kib(chunkBytes * dataDisks) : "");
    }

    /** What {@code create} says of an array that is not mounted yet. */
    String sentence() {
        return "for what goes on top: " + xfs() + ", or " + ext4() + ", or " + lvm()
                + " (mdfuse detail --advice MOUNTPOINT prints the lines)";
    }

    /** The lines for a mounted array, to be run in a shell. */
    List<String> lines(Path file) {
        List<String> lines = new ArrayList<>();
        lines.add("# a block device over the volume; it prints its name, here /dev/loopN");
        lines.add("losetup -f --show -b " + BLOCK + " --direct-io=on " + ContentLines.quoted(file));
        lines.add("# a NEW file system or physical volume; each of these overwrites what is there");
        lines.add(xfs() + " /dev/loopN");
        lines.add(ext4() + " /dev/loopN");
        lines.add(lvm() + " /dev/loopN");
        return lines;
    }
}
