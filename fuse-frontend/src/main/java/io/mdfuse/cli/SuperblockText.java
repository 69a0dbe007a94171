package io.mdfuse.cli;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.ReshapeState;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * A superblock in the terms and the order of {@code mdadm --examine}, so that people and scripts that read mdadm's
 * output can read it.
 */
final class SuperblockText {
    // The form of the C library's ctime, whose day is padded with a blank.
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);

    private final Superblock superblock;
    private final long deviceSectors;
    private final Optional<ReshapeState> reshape;
    private final PrintWriter out;

    SuperblockText(Superblock superblock, long deviceSectors, PrintWriter out) {
        this.superblock = superblock;
        this.deviceSectors = deviceSectors;
        this.reshape = ReshapeState.of(superblock);
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
        line("Name", superblock.setName() + LocalMark.afterName(superblock.setName()));
        line("Creation Time", time(superblock.ctimeSeconds()));
        line("Raid Level", ShapeText.levelName(superblock.level()));
        line("Raid Devices", Integer.toString(superblock.raidDisks()));
        out.println();
    }

    private void printSpace() {
        line("Avail Dev Size", sectors(superblock.dataSizeSectors()));
        arrayBytes(superblock).ifPresent(bytes -> line("Array Size", bytes / 1024 + " KiB" + HumanSize.of(bytes)));
        // Only level 0 has no common size; mdadm treats the number of linear, -1, as a positive level.
        if (superblock.level() != 0 && superblock.usedSectors() != superblock.dataSizeSectors()) {
            line("Used Dev Size", sectors(superblock.usedSectors()));
        }
        if (superblock.dataOffsetSectors() != 0) {
            line("Data Offset", superblock.dataOffsetSectors() + " sectors");
        }
        ReshapeText.newOffset(superblock.dataOffsetSectors(), reshape).ifPresent(text -> line("New Offset", text));
        line("Super Offset", superblock.superOffsetSectors() + " sectors");
        if (superblock.hasFeature(Features.RECOVERY_OFFSET)) {
            line("Recovery Offset", superblock.recoveryOffsetSectors() + " sectors");
        }
        UnusedSpace unused = UnusedSpace.of(superblock, deviceSectors);
        if (unused.isShown() && !superblock.hasFeature(Features.NEW_OFFSET)) {
            line(
                    "Unused Space",
                    "before=" + unused.beforeSectors() + " sectors, after=" + unused.afterSectors() + " sectors");
        }
        long missing = superblock.dataSizeSectors() - superblock.roomSectors(deviceSectors);
        if (missing > 0) {
            line("Missing", "the device ends " + missing + " sectors before the superblock says");
        }
    }

    /** The array's size; empty for a level for which mdadm shows none. */
    static Optional<Long> arrayBytes(Superblock superblock) {
        return ShapeText.arrayBytes(
                superblock.level(),
                superblock.layout(),
                superblock.raidDisks(),
                Sectors.toBytes(superblock.usedSectors()));
    }

    /** The reshape that is under way. */
    static Optional<ReshapeText> reshape(Superblock superblock) {
        return ReshapeState.of(superblock)
                .map(state -> new ReshapeText(
                        state,
                        superblock.level(),
                        superblock.layout(),
                        superblock.raidDisks(),
                        Sectors.toBytes(superblock.chunkSectors())));
    }

    private void printReshape() {
        reshape(superblock).ifPresent(text -> {
            text.lines(text.newChunkKib()).forEach(line -> line(line.word(), line.value()));
            out.println();
        });
    }

    private void printDevice() {
        String active = superblock.leftInUse() ? "active (Synology's mark: in use, parity was right before)" : "active";
        line("State", superblock.resyncOffset().isInSync() ? "clean" : active);
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
        printReshape();
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
        boolean sound = superblock.checksum() == superblock.expectedChecksum();
        String verdict = sound ? "correct" : "expected " + Integer.toHexString(superblock.expectedChecksum());
        line("Checksum", Integer.toHexString(superblock.checksum()) + " - " + verdict);
        line("Events", Long.toUnsignedString(superblock.events()));
        out.println();
    }

    private void printShape() {
        layoutName(superblock).ifPresent(name -> line("Layout", name));
        ShapeText.chunkLabel(superblock.level()).ifPresent(word -> line(word, superblock.chunkSectors() / 2 + "K"));
        if (superblock.logicalBlockBytes() != 0) {
            line("Logical Block Size", superblock.logicalBlockBytes() + " bytes");
        }
        out.println();
    }

    private void printRoles() {
        int role = superblock.ownRole();
        String kind = superblock.hasFeature(Features.REPLACEMENT) ? "Replacement device " : "Active device ";
        line(
                14,
                "Device Role",
                role >= Roles.FAULTY ? "spare" : role == Roles.JOURNAL ? "Journal" : kind + role + mark());
        line(14, "Array State", slotLetters(superblock) + " ('A' == active, '.' == missing, 'R' == replacing)");
    }

    private String mark() {
        boolean marked = superblock.hasDiskError(superblock.deviceNumber());
        return marked ? " (Synology's mark: a read error while nothing could replace it)" : "";
    }

    /** One letter for each slot: A if one device has the slot, a dot if none has, R if two have. */
    static String slotLetters(Superblock superblock) {
        StringBuilder letters = new StringBuilder();
        int slots = ReshapeText.slotsShown(superblock.raidDisks(), ReshapeState.of(superblock));
        for (int slot = 0; slot < slots; slot++) {
            int holders = 0;
            for (int number = 0; number < superblock.maxDev(); number++) {
                holders += superblock.role(number) == slot ? 1 : 0;
            }
            // Two devices in one slot are a replacement that is being rebuilt, which level 0 can't have.
            boolean known = holders < 2 || (holders == 2 && superblock.level() != 0);
            letters.append(known ? ".AR".charAt(holders) : '?');
        }
        return letters.toString();
    }

    /** The layout's name; empty for a level, or an array of level 0, that has none. */
    static Optional<String> layoutName(Superblock superblock) {
        if (superblock.level() == 0 && superblock.hasFeature(Features.RAID0_LAYOUT)) {
            return Optional.of(ShapeText.stripedLayout(superblock.layout()));
        }
        return ShapeText.layoutName(superblock.level(), superblock.layout());
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

    /** mdadm prints its last two lines one column further left than the others. */
    private void line(int width, String word, String value) {
        out.println(" ".repeat(Math.max(0, width - word.length())) + word + " : " + value);
    }
}
