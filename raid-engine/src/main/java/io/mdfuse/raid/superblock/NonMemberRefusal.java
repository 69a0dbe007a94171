package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceSlice;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.PartitionedDisk.Entry;
import io.mdfuse.raid.superblock.foreign.ContentKind;
import io.mdfuse.raid.superblock.foreign.DeviceContent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Makes the refusal of a device that has no md superblock at any of md's positions: one line that says what the device
 * holds and what the user can do. The first that applies is named: the metadata of another RAID, a disk image or
 * archive that is not raw, a partition table with members in its partitions, an image that is longer than its disk was,
 * a partition table, other content.
 */
final class NonMemberRefusal {
    private NonMemberRefusal() {}

    static ArrayRefusedException refusal(BlockDevice device) {
        try {
            return recognised(device);
        } catch (DeviceException e) {
            // Without these bytes nothing more can be said about the device.
            return plain(device);
        }
    }

    /** The refusal of an image with holes in which no superblock is found, and a position of one can't be read. */
    static ArrayRefusedException inAHole(BlockDevice device, DeviceException failure) {
        return refusal(
                device,
                Reason.MISSING,
                "no superblock is in what was read of it; the array's may lie in a part that was not read ("
                        + failure.getMessage() + ")");
    }

    private static ArrayRefusedException plain(BlockDevice device) {
        return refusal(device, Reason.MISSING, "has no md superblock; it is not a member of an array");
    }

    private static ArrayRefusedException recognised(BlockDevice device) throws DeviceException {
        Optional<DeviceContent> content = DeviceContent.find(device);
        if (content.filter(NonMemberRefusal::isNotForMembers).isPresent()) {
            return refusal(device, Reason.UNSUPPORTED, "holds " + words(content.get(), device));
        }
        boolean fileSystem =
                content.filter(found -> found.kind() == ContentKind.FILE_SYSTEM).isPresent();
        Optional<PartitionedDisk> disk = fileSystem ? Optional.empty() : PartitionedDisk.of(device);
        if (disk.isPresent() && !disk.get().members().isEmpty()) {
            return ofMembers(device, disk.get());
        }
        Optional<DeviceSlice> shorter = OverlongImage.find(device);
        if (shorter.isPresent()) {
            return tooLong(device, shorter.get().sizeBytes());
        }
        if (disk.isPresent()) {
            return refusal(device, Reason.MISSING, withoutMembers(disk.get()));
        }
        if (content.isPresent()) {
            String holds = "has no md superblock; it holds " + words(content.get(), device);
            return refusal(device, Reason.MISSING, holds);
        }
        return plain(device);
    }

    /**
     * A better refusal than the {@code fault} of a device's superblock, if there is one: that the file is not a raw
     * image (it often ends with the bytes of a 1.0 superblock, since that was written last), or that its partitions are
     * members.
     */
    static Optional<ArrayRefusedException> inPlaceOf(ArrayRefusedException fault, BlockDevice device)
            throws DeviceException {
        if (fault.reason() != Reason.CORRUPT) {
            return Optional.empty();
        }
        boolean packed =
                DeviceContent.find(device).filter(NonMemberRefusal::isNotRaw).isPresent();
        return packed ? Optional.of(recognised(device)) : ofPartitions(device);
    }

    private static boolean isNotForMembers(DeviceContent content) {
        return content.kind() == ContentKind.OTHER_RAID || content.kind() == ContentKind.MAP_FILE || isNotRaw(content);
    }

    private static String words(DeviceContent content, BlockDevice device) {
        return content.name() + advice(content, device.name());
    }

    private static boolean isNotRaw(DeviceContent content) {
        return content.kind() == ContentKind.DISK_IMAGE || content.kind() == ContentKind.ARCHIVE;
    }

    /** The refusal of a disk whose partitions are members; empty if none is. */
    static Optional<ArrayRefusedException> ofPartitions(BlockDevice device) throws DeviceException {
        Optional<PartitionedDisk> disk = PartitionedDisk.of(device);
        boolean members = disk.isPresent() && !disk.get().members().isEmpty();
        return members ? Optional.of(ofMembers(device, disk.get())) : Optional.empty();
    }

    private static ArrayRefusedException ofMembers(BlockDevice device, PartitionedDisk disk) {
        List<Entry> members = disk.members();
        Entry best =
                members.stream().filter(NonMemberRefusal::isServed).findFirst().orElse(members.getFirst());
        String list = members.stream()
                .map(entry -> entry.partition().number() + " (" + entry.words() + ")")
                .collect(Collectors.joining(", "));
        return refusal(
                device,
                Reason.MISSING,
                "is a whole disk with " + disk.table().kind().words() + "; members of arrays are its partitions " + list
                        + ": give " + partition(device.name(), best));
    }

    private static boolean isServed(Entry entry) {
        return entry.superblock()
                .filter(md -> md.level() >= 4 && md.level() <= 6)
                .isPresent();
    }

    /** How to name a partition: its device node if there is one, otherwise a part of the disk. */
    private static String partition(String name, Entry entry) {
        int number = entry.partition().number();
        for (String node : List.of(name + number, name + "p" + number)) {
            if (name.startsWith("/dev/") && Files.exists(Path.of(node))) {
                return "the partition, " + node;
            }
        }
        return "the partition, " + name + "@" + number;
    }

    private static String withoutMembers(PartitionedDisk disk) {
        String has = "is a whole disk with " + disk.table().kind().words();
        if (disk.entries().isEmpty()) {
            return has + " that names no partition, and has no md superblock: if it was a member of an array on whole"
                    + " disks, the table was written over its superblock (some firmware does that); leave it out, and"
                    + " mount the others with --run if enough of them are left";
        }
        String list = disk.entries().stream()
                .map(entry -> entry.partition().number() + (entry.holds().isEmpty() ? "" : " (" + entry.holds() + ")"))
                .collect(Collectors.joining(", "));
        return has + " and has no md superblock, nor has any of its partitions: " + list;
    }

    private static ArrayRefusedException tooLong(BlockDevice device, long diskBytes) {
        return refusal(
                device,
                Reason.UNSAFE,
                OverlongImage.words(device, diskBytes) + "; mount --read-only takes it as it is, and to write "
                        + cut(device.name(), diskBytes));
    }

    private static String cut(String name, long diskBytes) {
        return name.startsWith("/dev/")
                ? "give its first " + diskBytes + " bytes: losetup --find --show --sizelimit " + diskBytes + " " + name
                : "cut it first, or better a copy of it: truncate --size=" + diskBytes + " " + name;
    }

    /** mdadm accepts Intel's metadata only on a device with the serial number that the metadata records. */
    private static String assembler(DeviceContent content) {
        if (content.name().startsWith("Intel")) {
            return "IMSM_NO_PLATFORM=1 mdadm --assemble --scan assembles the disks themselves (not their images, which"
                    + " have no serial numbers)";
        }
        return content.name().startsWith("DDF") ? "mdadm --assemble --scan assembles it" : "dmraid -ay assembles it";
    }

    private static String advice(DeviceContent content, String name) {
        return switch (content.kind()) {
            case OTHER_RAID -> ", which is not served here: on a machine with the md driver " + assembler(content);
            case MAP_FILE -> ", not an image: give the image that was made with it";
            case DISK_IMAGE -> ", not a raw one: qemu-img convert -O raw " + name + " " + name + ".raw makes it raw";
            case ARCHIVE -> ": unpack it first; the disk's content is wanted byte by byte";
            case VOLUME ->
                ", which lies on an array or on a disk of its own, not in a member: open it with its own tools";
            case FILE_SYSTEM ->
                ", which is what an array has in it, not what a member has: mount it itself" + " (mount -o ro,loop)";
            case PARTITION_TABLE ->
                ", but no partition can be read from it: if it is damaged, give the member's place, as " + name
                        + "@1M,2T (offset, length)";
        };
    }

    private static ArrayRefusedException refusal(BlockDevice device, Reason reason, String words) {
        return new ArrayRefusedException(reason, device.name() + ": " + words);
    }
}
