package io.mdfuse.cli;

import io.mdfuse.raid.array.DeviceState;
import io.mdfuse.raid.geometry.LayoutNames;
import io.mdfuse.raid.geometry.ParityLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * One array in the form of Linux's /proc/mdstat, so that programs which read that can read this:
 *
 * <pre>
 * md_tank : active raid6 f.img[4](R) d.img[3] c.img[2] b.img[1] a.img[0]
 *       38912 blocks super 1.2 level 6, 64k chunk, algorithm 2 [4/4] [UUUU]
 *       [=====&gt;...............]  recovery = 28.2% (6016/19456) finish=0.1min speed=1504K/sec
 *       mounted on /mnt/array
 * </pre>
 *
 * <p>The name is the one that mdadm gives an array's node in /dev if it names nodes ({@code CREATE names=yes}). The
 * last line is not in /proc/mdstat; a reader takes it for one of the lines that not every array has, such as the
 * bitmap's.
 */
record StatusReport(Path file, long sizeBytes, ArrayView array) {
    private static final String INDENT = "      ";
    private static final int BAR_LENGTH = 20;
    private static final int PER_MILLE_OF_A_SIGN = 50;
    private static final int KIB = 1024;

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(deviceLine());
        lines.add(INDENT + sizeBytes / KIB + " blocks" + metadata() + shape());
        SyncStatus sync = array.sync();
        lines.add(sync.isIdle() || sync.allSectors() == 0 ? INDENT : INDENT + progress(sync));
        lines.add(INDENT + "mounted on " + word(String.valueOf(file.getParent())));
        lines.add("");
        return lines;
    }

    /** A name of letters, digits and signs that no reader of /proc/mdstat stumbles over. */
    static String name(Path file) {
        return "md_" + String.valueOf(file.getFileName()).replaceAll("[^A-Za-z0-9_.-]", "_");
    }

    /** md lists the devices in the reverse order of their numbers. */
    private String deviceLine() {
        StringBuilder line = new StringBuilder(name(file)).append(" : active ");
        line.append(array.readOnly() ? "(read-only) " : "").append(array.text("level"));
        array.devices().stream()
                .sorted(Comparator.comparingInt(ArrayDevice::number).reversed())
                .forEach(device -> line.append(' ').append(device(device)));
        return line.toString();
    }

    private static String device(ArrayDevice device) {
        String last = device.name().substring(device.name().lastIndexOf('/') + 1);
        return word(last) + "[" + device.number() + "]" + mark(device.state());
    }

    private static String mark(DeviceState state) {
        return switch (state) {
            case JOURNAL -> "(J)";
            case FAULTY -> "(F)";
            case SPARE -> "(S)";
            case REPLACEMENT -> "(R)";
            default -> "";
        };
    }

    /** The fields of a line are separated by blanks, so a name has none here. */
    private static String word(String text) {
        return text.replaceAll("[\\s\\p{Cntrl}]", "_");
    }

    private String shape() {
        StringBuilder shape = new StringBuilder();
        int level = array.levelNumber();
        long chunkKib = array.numberOr("chunk_size", 0) / KIB;
        switch (level) {
            case 4, 5, 6 ->
                shape.append(
                        String.format(Locale.ROOT, " level %d, %dk chunk, algorithm %d", level, chunkKib, algorithm()));
            case 0 -> shape.append(String.format(Locale.ROOT, " %dk chunks", chunkKib));
            case 10 ->
                shape.append(String.format(Locale.ROOT, " %dK chunks ", chunkKib))
                        .append(copies());
            case 1 -> {}
            default -> shape.append(String.format(Locale.ROOT, " %dk rounding", chunkKib));
        }
        if (level > 0) {
            shape.append(String.format(
                    Locale.ROOT, " [%d/%d] [%s]", array.slots(), array.slots() - array.degraded(), letters()));
        }
        return shape.toString();
    }

    /** Of metadata 0.90 md shows nothing. */
    private String metadata() {
        return array.isOld() ? "" : " super " + array.text("metadata_version");
    }

    /**
     * md's number of the layout; that before a reshape in progress, while the chunk is that after it. The layout of
     * RAID-4 is not stored: md shows the 0 of the superblock.
     */
    private int algorithm() {
        return array.levelNumber() == 4
                ? 0
                : LayoutNames.find(array.levelNumber(), array.text(array.before("layout")))
                        .map(ParityLayout::number)
                        .orElse(0);
    }

    /** {@code near=2, far=1} as raid10 shows it: {@code 2 near-copies}; far and offset copies in the same way. */
    private String copies() {
        List<String> words = new ArrayList<>();
        for (String each : array.text("layout").split(", ", -1)) {
            String[] kind = each.split("=", 2);
            if (kind.length == 2) {
                words.add(kind[1] + " " + kind[0] + "-copies");
            }
        }
        array.number("devices_per_set").ifPresent(devices -> words.add(devices + " devices per set"));
        return String.join(" ", words);
    }

    /** For each slot U if its member is up and complete, else _. */
    private String letters() {
        StringBuilder letters = new StringBuilder("_".repeat(array.slots()));
        for (ArrayDevice device : array.devices()) {
            if (device.state() == DeviceState.IN_SYNC && device.slot() >= 0 && device.slot() < array.slots()) {
                letters.setCharAt(device.slot(), 'U');
            }
        }
        return letters.toString();
    }

    /** A bar of 20 signs, thousandths, KiB of each device, and the rest of the time in tenths of a minute. */
    private static String progress(SyncStatus sync) {
        int done = sync.perMille() / PER_MILLE_OF_A_SIGN;
        long seconds = sync.kibPerSecond() > 0 ? sync.secondsLeft() : 0;
        return String.format(
                Locale.ROOT,
                "[%s>%s]  %s =%3d.%d%% (%d/%d) finish=%d.%dmin speed=%dK/sec",
                "=".repeat(done),
                ".".repeat(BAR_LENGTH - done),
                sync.mdWord(),
                sync.perMille() / 10,
                sync.perMille() % 10,
                sync.passedSectors() / 2,
                sync.allSectors() / 2,
                seconds / 60,
                seconds % 60 / 6,
                sync.kibPerSecond());
    }
}
