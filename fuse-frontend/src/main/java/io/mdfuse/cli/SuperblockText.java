package io.mdfuse.cli;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * A superblock in the words and the order of {@code mdadm --examine}, so that people and their scripts can read it as
 * they are used to.
 */
final class SuperblockText {
    // The form of the C library's ctime, whose day is padded with a blank.
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);

    private final Superblock superblock;
    private final long deviceSectors;
    private final PrintWriter out;

    SuperblockText(Superblock superblock, long deviceSectors, PrintWriter out) {
        this.superblock = superblock;
        this.deviceSectors = deviceSectors;
        this.out = out;
    }

    void print() {
        printArray();
        printSpace();
        printDevice();
        printShape();
        printRoles();
    }

    private void printArray() {
        line("Magic", "a92b4efc");
        line("Version", superblock.metadataVersion().text());
        line("Feature Map", "0x" + Integer.toHexString(superblock.featureMap()));
        line("Array UUID", superblock.setUuidText());
        String host = SetName.hostName();
        boolean local = !host.isEmpty() && superblock.setName().startsWith(host + ":");
        line("Name", superblock.setName() + (local ? "  (local to host " + host + ")" : ""));
        line("Creation Time", time(superblock.ctimeSeconds()));
        line("Raid Level", levelName(superblock.level()));
        line("Raid Devices", Integer.toString(superblock.raidDisks()));
        out.println();
    }

    private void printSpace() {
        line("Avail Dev Size", sectors(superblock.dataSizeSectors()));
        long parity = superblock.level() == 6 ? 2 : 1;
        if (superblock.level() >= 4 && superblock.level() <= 6) {
            long bytes = Sectors.toBytes(superblock.usedSectors()) * (superblock.raidDisks() - parity);
            line("Array Size", bytes / 1024 + " KiB" + HumanSize.of(bytes));
        }
        if (superblock.usedSectors() != superblock.dataSizeSectors()) {
            line("Used Dev Size", sectors(superblock.usedSectors()));
        }
        if (superblock.dataOffsetSectors() != 0) {
            line("Data Offset", superblock.dataOffsetSectors() + " sectors");
        }
        line("Super Offset", superblock.superOffsetSectors() + " sectors");
        if (superblock.hasFeature(Features.RECOVERY_OFFSET)) {
            line("Recovery Offset", superblock.recoveryOffsetSectors() + " sectors");
        }
        UnusedSpace unused = UnusedSpace.of(superblock, deviceSectors);
        line(
                "Unused Space",
                "before=" + unused.beforeSectors() + " sectors, after=" + unused.afterSectors() + " sectors");
    }

    private void printDevice() {
        line("State", superblock.resyncOffsetSectors() == Superblock.IN_SYNC ? "clean" : "active");
        line("Device UUID", superblock.deviceUuidText());
        out.println();
        if (superblock.hasFeature(Features.BITMAP)) {
            line("Internal Bitmap", superblock.bitmapOffsetSectors() + " sectors from superblock");
        } else if (superblock.hasFeature(Features.ANY_PPL)) {
            line(
                    "PPL",
                    superblock.pplSizeSectors() + " sectors at offset " + superblock.pplOffsetSectors()
                            + " sectors from superblock");
        }
        if (superblock.deviceFlags() != 0) {
            boolean writeMostly = (superblock.deviceFlags() & 1) != 0;
            boolean failFast = (superblock.deviceFlags() & 2) != 0;
            line("Flags", ((writeMostly ? "write-mostly" : "") + (failFast ? " failfast" : "")).strip());
        }
        line("Update Time", time(superblock.utimeSeconds()));
        if (superblock.badBlockLogSectors() != 0 && superblock.badBlockLogOffsetSectors() != 0) {
            line(
                    "Bad Block Log",
                    superblock.badBlockLogSectors() * Sectors.BYTES / 8 + " entries available at offset "
                            + superblock.badBlockLogOffsetSectors() + " sectors"
                            + (superblock.hasFeature(Features.BAD_BLOCKS) ? " - bad blocks present." : ""));
        }
        line("Checksum", Integer.toHexString(superblock.checksum()) + " - correct");
        line("Events", Long.toUnsignedString(superblock.events()));
        out.println();
    }

    private void printShape() {
        if (superblock.level() == 5 || superblock.level() == 6) {
            line("Layout", layoutName(superblock));
        }
        line("Chunk Size", superblock.chunkSectors() / 2 + "K");
        out.println();
    }

    private void printRoles() {
        int role = superblock.ownRole();
        String kind = superblock.hasFeature(Features.REPLACEMENT) ? "Replacement device " : "Active device ";
        line(14, "Device Role", role >= Roles.FAULTY ? "spare" : role == Roles.JOURNAL ? "Journal" : kind + role);
        line(14, "Array State", slotLetters(superblock) + " ('A' == active, '.' == missing, 'R' == replacing)");
    }

    /** One letter for each slot: A where one device has it, a dot where none has, R where two have. */
    static String slotLetters(Superblock superblock) {
        StringBuilder letters = new StringBuilder();
        for (int slot = 0; slot < superblock.raidDisks(); slot++) {
            int holders = 0;
            for (int number = 0; number < superblock.maxDev(); number++) {
                holders += superblock.role(number) == slot ? 1 : 0;
            }
            letters.append(holders < 3 ? ".AR".charAt(holders) : '?');
        }
        return letters.toString();
    }

    static String levelName(int level) {
        return switch (level) {
            case 0, 1, 4, 5, 6, 10 -> "raid" + level;
            case -1 -> "linear";
            default -> "-unknown-";
        };
    }

    static String layoutName(Superblock superblock) {
        return ParityLayout.of(superblock.level(), superblock.layout())
                .map(ParityLayout::mdName)
                .orElse("-unknown-");
    }

    private static String sectors(long sectors) {
        return sectors + " sectors" + HumanSize.of(Sectors.toBytes(sectors));
    }

    static String time(long seconds) {
        return TIME.format(Instant.ofEpochSecond(seconds).atZone(ZoneId.systemDefault()));
    }

    private void line(String word, String value) {
        line(15, word, value);
    }

    /** mdadm sets its last two lines one column further left than the others. */
    private void line(int width, String word, String value) {
        out.println(" ".repeat(Math.max(0, width - word.length())) + word + " : " + value);
    }
}
