package io.mdfuse.cli;

import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock090;
import io.mdfuse.raid.superblock.Superblock090.Disk;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A superblock of metadata 0.90 in the words and the order of {@code mdadm --examine}. It has other fields than version 1,
 * a table of devices among them, and so a printer of its own.
 */
final class Superblock090Text {
    private final Superblock090 superblock;
    private final String uuid;
    private final PrintWriter out;

    /** The array's identity is given as text: its form depends on where it was found. */
    Superblock090Text(Superblock090 superblock, String uuid, PrintWriter out) {
        this.superblock = superblock;
        this.uuid = uuid;
        this.out = out;
    }

    void print() {
        line("Magic", "a92b4efc");
        line("Version", "0." + superblock.minorVersion() + ".00");
        line("UUID", uuid);
        line("Creation Time", SuperblockText.time(superblock.ctimeSeconds()));
        line("Raid Level", SuperblockText.levelName(superblock.level()));
        printSizes();
        line("Raid Devices", Integer.toString(superblock.raidDisks()));
        line("Total Devices", Integer.toString(superblock.totalDisks()));
        line("Preferred Minor", Integer.toString(superblock.preferredMinor()));
        out.println();
        printState();
        printShape();
        printDisks();
    }

    private void printSizes() {
        int level = superblock.level();
        if (level >= 4 && level <= 6) {
            long arrayKib = superblock.usedKib() * (superblock.raidDisks() - (level == 6 ? 2 : 1));
            line("Used Dev Size", kib(superblock.usedKib()));
            line("Array Size", kib(arrayKib));
        }
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
        line("Checksum", Integer.toHexString(superblock.checksum()) + " - correct");
        line("Events", Long.toUnsignedString(superblock.events()));
        out.println();
    }

    private void printShape() {
        if (superblock.level() == 5 || superblock.level() == 6) {
            String layout = ParityLayout.of(superblock.level(), superblock.layout())
                    .map(ParityLayout::mdName)
                    .orElse("-unknown-");
            line("Layout", layout);
        }
        line("Chunk Size", superblock.chunkBytes() / 1024 + "K");
        out.println();
    }

    private void printDisks() {
        out.println("      Number   Major   Minor   RaidDevice State");
        printDisk("this", superblock.thisDisk());
        out.println();
        int shown = Math.clamp(superblock.raidDisks() + (long) superblock.spareDisks(), 0, Superblock090.MOST_DISKS);
        for (int number = 0; number < shown; number++) {
            printDisk("%4d".formatted(number), superblock.disk(number));
        }
    }

    private void printDisk(String label, Disk disk) {
        out.println("%4s %5d   %5d    %5d    %5d      %s"
                .formatted(label, disk.number(), disk.major(), disk.minor(), disk.slot(), words(disk)));
    }

    /** What a device is, in mdadm's words. */
    static String words(Disk disk) {
        List<String> words = new ArrayList<>();
        addIf(disk.is(Disk.FAULTY), "faulty", words);
        addIf(disk.is(Disk.ACTIVE), "active", words);
        addIf(disk.is(Disk.SYNC), "sync", words);
        addIf(disk.is(Disk.REMOVED), "removed", words);
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
