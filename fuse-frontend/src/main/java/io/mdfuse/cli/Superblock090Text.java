package io.mdfuse.cli;

import io.mdfuse.raid.superblock.Superblock090;
import io.mdfuse.raid.superblock.Superblock090.Disk;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A superblock of metadata 0.90 in the terms and the order of {@code mdadm --examine}. Its fields differ from version
 * 1, for example by a table of devices, so it has a printer of its own.
 */
final class Superblock090Text {
    private final Superblock090 superblock;
    private final String uuid;
    private final PrintWriter out;

    /** The array's identity is given as text, because its form depends on the superblock's byte order. */
    Superblock090Text(Superblock090 superblock, String uuid, PrintWriter out) {
        this.superblock = superblock;
        this.uuid = uuid;
        this.out = out;
    }

    void print() {
        line("Magic", "a92b4efc");
        line("Version", "0." + superblock.minorVersion() + ".00");
        line("UUID", uuid + LocalMark.afterUuid(uuid));
        line("Creation Time", SuperblockText.time(superblock.ctimeSeconds()));
        line("Raid Level", ShapeText.levelName(superblock.level()));
        printSizes();
        line("Raid Devices", Integer.toString(superblock.raidDisks()));
        line("Total Devices", Integer.toString(superblock.totalDisks()));
        line("Preferred Minor", Integer.toString(superblock.preferredMinor()));
        out.println();
        printReshape();
        printState();
        printShape();
        printDisks();
    }

    private void printSizes() {
        if (superblock.level() > 0) {
            line("Used Dev Size", kib(superblock.usedKib()));
            ShapeText.arrayBytes(
                            superblock.level(),
                            superblock.layout(),
                            superblock.raidDisks(),
                            superblock.usedKib() * 1024)
                    .ifPresent(bytes -> line("Array Size", kib(bytes / 1024)));
        }
    }

    /** The reshape that is under way. */
    static Optional<ReshapeText> reshape(Superblock090 superblock) {
        return superblock
                .reshape()
                .map(state -> new ReshapeText(
                        state,
                        superblock.level(),
                        superblock.layout(),
                        superblock.raidDisks(),
                        superblock.chunkBytes()));
    }

    private void printReshape() {
        reshape(superblock).ifPresent(text -> {
            // mdadm shows this one in bytes.
            text.lines(Long.toString(text.reshape().newChunkBytes())).forEach(line -> line(line.word(), line.value()));
            out.println();
        });
    }

    private static String kib(long kib) {
        return kib + HumanSize.of(kib * 1024);
    }

    private void printState() {
        line("Update Time", SuperblockText.time(superblock.utimeSeconds()));
        line("State", superblock.clean() ? "clean" : "active");
        if (superblock.hasBitmap()) {
            line("Internal Bitmap", "present");
        }
        line("Active Devices", Integer.toString(superblock.activeDisks()));
        line("Working Devices", Integer.toString(superblock.workingDisks()));
        line("Failed Devices", Integer.toString(superblock.failedDisks()));
        line("Spare Devices", Integer.toString(superblock.spareDisks()));
        line("Checksum", Integer.toHexString(superblock.checksum()) + checksumVerdict());
        line("Events", Long.toUnsignedString(superblock.events()));
        out.println();
    }

    /** Older kernels computed the sum in another way; md accepts that sum too, and mdadm prints the expected one. */
    private String checksumVerdict() {
        boolean same = superblock.checksum() == superblock.expectedChecksum();
        return same ? " - correct" : " - expected " + Integer.toHexString(superblock.expectedChecksum());
    }

    private void printShape() {
        ShapeText.layoutName(superblock.level(), superblock.layout()).ifPresent(name -> line("Layout", name));
        ShapeText.chunkLabel(superblock.level()).ifPresent(word -> line(word, superblock.chunkBytes() / 1024 + "K"));
        out.println();
    }

    private void printDisks() {
        out.println("      Number   Major   Minor   RaidDevice State");
        printDisk("this", superblock.thisDisk());
        out.println();
        long slots = ReshapeText.slotsShown(superblock.raidDisks(), superblock.reshape());
        int shown = Math.clamp(slots + superblock.spareDisks(), 0, Superblock090.MAX_DISKS);
        for (int number = 0; number < shown; number++) {
            printDisk("%4d".formatted(number), superblock.disk(number));
        }
    }

    private void printDisk(String label, Disk disk) {
        out.println("%4s %5d   %5d    %5d    %5d      %s"
                .formatted(label, disk.number(), disk.major(), disk.minor(), disk.slot(), words(disk)));
    }

    /** The state of a device, in mdadm's terms. */
    static String words(Disk disk) {
        List<String> words = new ArrayList<>();
        addIf(disk.is(Disk.FAULTY), "faulty", words);
        addIf(disk.is(Disk.ACTIVE), "active", words);
        addIf(disk.is(Disk.SYNC), "sync", words);
        addIf(disk.is(Disk.REMOVED), "removed", words);
        addIf(disk.is(Disk.DISK_ERROR), "(Synology's mark: read error)", words);
        boolean spare = (disk.state() & ~(Disk.WRITE_MOSTLY | Disk.FAIL_FAST)) == 0;
        addIf(disk.is(Disk.WRITE_MOSTLY), "write-mostly", words);
        addIf(disk.is(Disk.FAIL_FAST), "failfast", words);
        addIf(spare, "spare", words);
        return String.join(" ", words);
    }

    private static void addIf(boolean holds, String word, List<String> words) {
        if (holds) {
            words.add(word);
        }
    }

    private void line(String word, String value) {
        out.println(" ".repeat(Math.max(0, 15 - word.length())) + word + " : " + value);
    }
}
