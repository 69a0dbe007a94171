package io.mdfuse.cli;

import io.mdfuse.device.Access;
import io.mdfuse.raid.array.OpenDevices;
import io.mdfuse.raid.create.ArrayCreator;
import io.mdfuse.raid.create.CreateOptions;
import io.mdfuse.raid.create.CreatedArray;
import io.mdfuse.raid.create.NewConsistency;
import io.mdfuse.raid.create.NewIdentity;
import io.mdfuse.raid.create.NewShape;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.MdUuid;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.SuperblockCodec;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mdfuse create}: makes an array of image files or devices. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Makes an array that mdfuse and Linux md can both assemble.",
        description = {
            "Nothing is written before every device has passed every check.",
            DeviceSpecConverter.HELP,
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mdfuse create --level 5 --raid-devices 3 --size 1G a.img b.img c.img",
            "  mdfuse create -l raid5 -n 3 -x 1 --size 1G a.img b.img c.img spare.img",
            "  mdfuse create -l raid6 -n 4 --size 1G a.img b.img missing c.img",
            "  mdfuse create -l raid5 -n 3 -c 64K --write-journal /dev/nvme0n1p4 \\",
            "                /dev/sda1 /dev/sdb1 /dev/sdc1",
        })
final class CreateCommand implements Callable<Integer>, Outcome {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-l", "--level"},
            required = true,
            paramLabel = "LEVEL",
            description = "raid4, raid5 or raid6, or the number alone")
    private String levelWord = "";

    @Option(
            names = {"-n", "--raid-devices"},
            required = true,
            paramLabel = "N",
            description = "how many members; as many devices are given, or the word missing for one that comes later:"
                    + " RAID-6 can do without two, the others without one")
    private int raidDevices;

    @Option(
            names = {"-x", "--spare-devices"},
            paramLabel = "N",
            description = "how many spares, which are given behind the members (default 0)")
    private int spareDevices;

    @Option(
            names = {"-c", "--chunk"},
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            defaultValue = "512K",
            description = "bytes of one member before the next one's turn: a power of two from 4K on (default 512K)")
    private long chunkBytes;

    @Option(
            names = {"-p", "--layout"},
            paramLabel = "NAME",
            defaultValue = "default",
            description = "where parity goes, by mdadm's names, their short forms or md's numbers (default"
                    + " left-symmetric)")
    private String layout = "default";

    @Option(
            names = {"-e", "--metadata"},
            paramLabel = "VERSION",
            defaultValue = "1.2",
            description = "1.0 (superblock at the end), 1.1 (at the start) or 1.2 (4K from the start; 1 and default"
                    + " mean this)")
    private String metadata = "1.2";

    @Option(
            names = "--write-journal",
            paramLabel = "DEV",
            description = "the device of the write journal, which closes the write hole")
    private @Nullable DeviceSpec journal;

    @Option(
            names = {"-b", "--bitmap"},
            paramLabel = "KIND",
            description = "internal: a write-intent bitmap, after a crash only what was written to is resynced;"
                    + " lockless: the bitmap of Linux 6.18, which also knows what was never written: no first resync,"
                    + " and a new member gets only what was written; refused with logical blocks over 1024 bytes"
                    + " (default none)")
    private String bitmap = "none";

    @Option(
            names = "--bitmap-chunk",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "bytes of each member for one bit of the bitmap (default at least 64M)")
    private long bitmapChunkBytes;

    @Option(
            names = "--logical-block-size",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description =
                    "the sector size that the array shows, 512 to 4096: recorded in the superblocks, which Linux md"
                            + " takes from 6.19 on only (default 0: not recorded, every Linux takes the array)")
    private long logicalBlockBytes;

    @Option(
            names = {"-k", "--consistency-policy"},
            paramLabel = "POLICY",
            description =
                    "resync, bitmap, ppl or journal: how parity is made right after a crash (default what the other"
                            + " options say)")
    private @Nullable String policy;

    @Option(
            names = {"-N", "--name"},
            paramLabel = "NAME",
            description = "the array's name; this host's name is put before it unless it has a colon (default md0)")
    private String name = "md0";

    @Option(names = "--uuid", paramLabel = "UUID", description = "the array's identity: 32 hex digits (default random)")
    private @Nullable String uuid;

    @Option(
            names = {"-z", "--size"},
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "make the image files that are not there yet, each of this size (a journal a 16th of it,"
                    + " but 8M to 1G); they are sparse, and take space as the array is written")
    private @Nullable Long sizeBytes;

    @Option(
            names = "--preallocate",
            description = "reserve all of the image files' space now, and refuse if it is not there")
    private boolean preallocate;

    @Option(
            names = "--assume-clean",
            description = "believe that parity is right already, so that no first resync is needed")
    private boolean assumeClean;

    @Option(
            names = {"-f", "--force"},
            description = "overwrite arrays, file systems and partition tables that are found on the devices")
    private boolean force;

    @Option(
            names = {"-R", "--run"},
            description = "go on although one device is much smaller than the others, and limits what is used of each")
    private boolean run;

    @Parameters(
            paramLabel = "DEV",
            arity = "1..*",
            description = "the members in slot order, then the spares: image files or devices")
    private List<String> words = List.of();

    private String made = "";

    @Override
    public String outcome() {
        return made;
    }

    @Override
    public Integer call() throws IOException {
        CreateOptions options;
        CreateDevices given;
        try {
            options = options();
            given = CreateDevices.of(words, raidDevices, spareDevices, journal);
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
        try (ImageFiles images = new ImageFiles()) {
            if (sizeBytes == null) {
                ImageFiles.requireExisting(files(given.all()));
            } else {
                images.make(files(given.dataDevices()), sizeBytes);
                images.make(journal == null ? List.of() : files(List.of(journal)), ImageFiles.journalBytes(sizeBytes));
            }
            try (OpenDevices devices = OpenDevices.open(given.all(), Access.READ_WRITE, false)) {
                provideSpace(new ImageSpace(devices.list()));
                CreatedArray array = new ArrayCreator(options, InstantSource.system(), new SecureRandom())
                        .create(given.opened(devices.list()), run);
                made = CreatedLine.of(array, options);
            }
            images.keep();
            PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
            out.println(made);
            int dataDisks = options.shape().raidDisks() - options.shape().parityDisks();
            out.println(new StackAdvice(chunkBytes, dataDisks).sentence());
        }
        return 0;
    }

    /** The files of this host among the devices. A server's exports are there, or opening them fails. */
    private static List<Path> files(List<DeviceSpec> devices) {
        return devices.stream().flatMap(device -> device.file().stream()).toList();
    }

    /** Sparse images on a file system that is too small for them are allowed: the user is told. */
    private void provideSpace(ImageSpace space) throws IOException {
        if (preallocate) {
            space.preallocate();
            return;
        }
        for (ImageSpace.Need need : space.needs()) {
            if (!need.fits()) {
                Objects.requireNonNull(spec)
                        .commandLine()
                        .getErr()
                        .println(
                                "warning: " + need + "; if it fills up, writes are answered \"No space left on device\""
                                        + " until there is room (--preallocate reserves it now)");
            }
        }
    }

    private CreateOptions options() {
        int level = ShapeNames.level(levelWord);
        ParityLayout parityLayout = ShapeNames.layout(level, layout);
        MetadataVersion version = ShapeNames.metadata(metadata);
        if (raidDevices < 1) {
            throw usage("--raid-devices is at least 1, not " + raidDevices);
        }
        if (spareDevices < 0) {
            throw usage("--spare-devices is at least 0, not " + spareDevices);
        }
        if (sizeBytes != null && sizeBytes == 0) {
            throw usage("--size is more than 0: it is the size of each image file");
        }
        if (chunkBytes < 4096 || chunkBytes > 1 << 30 || Long.bitCount(chunkBytes) != 1) {
            String meant = chunkBytes < 4096 ? "; a number alone is bytes, so write for example 64K" : "";
            throw usage("--chunk is a power of two from 4K to 1G, not " + SizeConverter.format(chunkBytes) + meant);
        }
        if (!SuperblockCodec.isLogicalBlock(logicalBlockBytes)) {
            throw usage("--logical-block-size is 0 or a power of two from 512 to 4096, not " + logicalBlockBytes);
        }
        NewShape shape = new NewShape(
                level, parityLayout.number(), raidDevices, (int) (chunkBytes / 512), version, (int) logicalBlockBytes);
        return new CreateOptions(
                shape,
                new NewIdentity(SetName.of(name), parseUuid()),
                new NewConsistency(consistencyPolicy(), bitmapChunkBytes, bitmap.equals("lockless"), assumeClean),
                force);
    }

    private ConsistencyPolicy consistencyPolicy() {
        if (!List.of("none", "internal", "lockless").contains(bitmap)) {
            throw usage("--bitmap is internal, lockless or none, not " + bitmap);
        }
        boolean withBitmap = !bitmap.equals("none");
        if (withBitmap && journal != null) {
            throw usage("--bitmap and --write-journal exclude each other: an array has one consistency policy");
        }
        ConsistencyPolicy implied = withBitmap
                ? ConsistencyPolicy.BITMAP
                : journal != null ? ConsistencyPolicy.JOURNAL : ConsistencyPolicy.RESYNC;
        if (policy == null) {
            return implied;
        }
        ConsistencyPolicy asked = Arrays.stream(ConsistencyPolicy.values())
                .filter(each -> each.mdName().equals(policy))
                .findFirst()
                .orElseThrow(() -> usage("--consistency-policy is resync, bitmap, ppl or journal, not " + policy));
        if (asked == ConsistencyPolicy.JOURNAL && journal == null) {
            throw usage("--consistency-policy=journal needs --write-journal");
        }
        if (implied != ConsistencyPolicy.RESYNC && asked != implied) {
            throw usage("--consistency-policy=" + policy + " and "
                    + (withBitmap ? "--bitmap=" + bitmap : "--write-journal") + " exclude each other");
        }
        return asked;
    }

    private byte @Nullable [] parseUuid() {
        try {
            byte[] parsed = uuid == null ? null : MdUuid.parse(uuid);
            if (parsed != null && Arrays.equals(parsed, new byte[parsed.length])) {
                throw usage("--uuid: zeros alone identify no array; leave --uuid out for a random one");
            }
            return parsed;
        } catch (IllegalArgumentException e) {
            throw usage("--uuid: " + e.getMessage());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
