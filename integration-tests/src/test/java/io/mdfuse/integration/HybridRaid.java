package io.mdfuse.integration;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The disks of a NAS with a hybrid RAID, as Synology's SHR makes them of disks of two sizes: an array over a partition
 * of each of three disks, another over what two of them have more, and one volume group over both. In it are {@code
 * volume_1}, linear over both arrays, with an ext4, and {@code fast}, in stripes over both.
 *
 * @param disks images of whole disks, each with a GPT
 * @param content what volume_1 holds
 * @param fast what fast holds
 */
@SuppressWarnings("ArrayRecordComponent") // The records are never compared.
record HybridRaid(List<Path> disks, byte[] content, byte[] fast) {
    static final long MIB = 1L << 20;

    /** Where partition 5 of each disk begins, which is a member of the first array. */
    static final long FIRST = 4 * MIB;

    /** Where partition 6 of the larger disks begins, a member of the second array. */
    static final long SECOND = 30 * MIB;

    private static final long DISK_BYTES = 80 * MIB;

    /** Both arrays are RAID-5. */
    static HybridRaid make(ScratchDirectory scratch) throws IOException {
        Images second = array(scratch.path("second"), "nas:3", 2, 40 * MIB);
        HybridRaid made;
        try (MountedArray other = MountedArray.mount(second, scratch.path("mnt2"))) {
            made = make(scratch, other.volume());
            other.unmount();
        }
        made.addSecond(second);
        return made;
    }

    /** The second array is a RAID-1, as md makes it and as the NAS itself does for two disks. */
    static HybridRaid makeWithMirror(ScratchDirectory scratch) throws IOException {
        Path content = scratch.path("mirrored");
        Images.sparse(content, 39 * MIB);
        Images second = Images.blank(scratch.path("second"), 2, 40 * MIB, 0);
        HybridRaid made = make(scratch, content);
        String job = """
                set -e
                mdadm --create /dev/md0 --run --assume-clean -l1 -n2 --bitmap=none --data-offset=1M --name=nas:3 "$@"
                [ $(blockdev --getsize64 /dev/md0) = SIZE ]
                dd if=CONTENT of=/dev/md0 bs=1M oflag=direct status=none
                mdadm --stop /dev/md0 >&2
                """.replace("SIZE", Long.toString(39 * MIB)).replace("CONTENT", content.toString());
        Oracle.run(job, second.all());
        made.addSecond(second);
        return made;
    }

    /** @param second what becomes the volume of the second array */
    private static HybridRaid make(ScratchDirectory scratch, Path second) throws IOException {
        Images first = array(scratch.path("first"), "nas:2", 3, 24 * MIB);
        byte[] content = fileSystem(scratch.path("ext4"), scratch.path("fill"));
        byte[] fast = new byte[(int) (12 * MIB)];
        new Random(1).nextBytes(fast);
        try (MountedArray one = MountedArray.mount(first, scratch.path("mnt1"))) {
            try (LoopDevice a = LoopDevice.attach(one.volume());
                    LoopDevice b = LoopDevice.attach(second)) {
                Lvm lvm = new Lvm(List.of(a.node(), b.node()));
                lvm.run("pvcreate", "-q", a.node(), b.node());
                lvm.run("vgcreate", "-q", "-s", "1M", "vg1", a.node(), b.node());
                lvm.create("vg1", "volume_1", "-l", "20");
                lvm.run("lvextend", "-q", "-l", "+28", "vg1/volume_1", b.node());
                lvm.create("vg1", "fast", "-i", "2", "-I", "64k", "-l", "12");
                lvm.write("vg1/volume_1", content);
                lvm.write("vg1/fast", fast);
            }
            one.unmount();
        }
        List<Path> disks = new ArrayList<>();
        for (String name : List.of("sda.dd", "sdb.dd", "sdc.dd")) {
            disks.add(disk(scratch.path("disks/" + name), first.members().get(disks.size())));
        }
        return new HybridRaid(List.copyOf(disks), content, fast);
    }

    /** Writes the members of the second array, which is not in use any more, to the larger disks. */
    private void addSecond(Images second) throws IOException {
        for (int number = 0; number < 2; number++) {
            Path disk = disks.get(number + 1);
            Command.run("sgdisk", "-n6:" + SECOND / 512 + ":+40M", "-t6:fd00", disk.toString())
                    .orFail();
            copy(second.members().get(number), disk, SECOND);
        }
    }

    private static Images array(Path directory, String name, int members, long memberBytes) throws IOException {
        Images images = Images.blank(directory, members, memberBytes, 0);
        return images.create(5, "--chunk", "64K", "--name", name);
    }

    /** 48 MiB with files in them. */
    private static byte[] fileSystem(Path image, Path files) throws IOException {
        Files.createDirectories(files);
        for (int number = 0; number < 12; number++) {
            byte[] bytes = new byte[number * 300_000];
            new Random(number).nextBytes(bytes);
            Files.write(files.resolve("file" + number), bytes);
        }
        Images.sparse(image, 48 * MIB);
        Command.run("mkfs.ext4", "-q", "-F", "-L", "nas-data", "-d", files.toString(), image.toString())
                .orFail();
        return Files.readAllBytes(image);
    }

    private static Path disk(Path disk, Path first) throws IOException {
        Files.createDirectories(disk.getParent());
        Images.sparse(disk, DISK_BYTES);
        Command.run("sgdisk", "-n1:2048:+1M", "-n5:" + FIRST / 512 + ":+24M", "-t5:fd00", disk.toString())
                .orFail();
        copy(first, disk, FIRST);
        return disk;
    }

    private static void copy(Path member, Path disk, long offsetBytes) throws IOException {
        Command.run(
                        "dd",
                        "if=" + member,
                        "of=" + disk,
                        "bs=1M",
                        "seek=" + offsetBytes / MIB,
                        "conv=notrunc,sparse",
                        "status=none")
                .orFail();
    }

    /** Makes a range of a disk one that could not be read: zeros, and a line in the map beside the image. */
    static void hole(Path disk, long fromBytes, long lengthBytes) throws IOException {
        try (RandomAccessFile image = new RandomAccessFile(disk.toFile(), "rw")) {
            image.seek(fromBytes);
            image.write(new byte[(int) lengthBytes]);
            long end = fromBytes + lengthBytes;
            String map = String.format(
                    "# Mapfile. Created by GNU ddrescue version 1.26%n0x0 + 1%n0x0 0x%x +%n0x%x 0x%x -%n0x%x 0x%x +%n",
                    fromBytes, fromBytes, lengthBytes, end, image.length() - end);
            Files.writeString(disk.resolveSibling(disk.getFileName() + ".map"), map, StandardCharsets.US_ASCII);
        }
    }
}
