package io.mdfuse.fuse.blkid;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import jnr.ffi.LibraryLoader;
import jnr.ffi.mapper.FunctionMapper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names the content of a volume by libblkid, which knows far more kinds of content than mdfuse does. The library is
 * optional: without it there is no name.
 *
 * <p>libblkid reads from a file descriptor only. It is not given the mounted file, since a request that this process
 * makes to itself can hang with the mount; it gets a {@link MemoryImage}.
 */
public final class Blkid {
    private static final Logger LOG = LoggerFactory.getLogger(Blkid.class);
    private static final String SONAME = "libblkid.so.1";

    /** BLKID_SUBLKS_LABEL, _TYPE and _USAGE. */
    private static final int WANTED = 1 << 1 | 1 << 5 | 1 << 7;

    private static final int FOUND = 0;
    private static final int AMBIVALENT = -2;
    private static final long LONGEST_VALUE = 4096;

    private final BlkidFunctions functions;
    private final long probe;

    private Blkid(BlkidFunctions functions, long probe) {
        this.functions = functions;
        this.probe = probe;
    }

    /** What libblkid says of a volume; empty if it is not installed, or if it recognises nothing. */
    public static Optional<ContentName> nameOf(Volume volume) {
        BlkidFunctions functions = load();
        if (functions == null) {
            return Optional.empty();
        }
        try (MemoryImage image = MemoryImage.of(volume)) {
            long probe = functions.newProbe();
            if (probe == 0) {
                return Optional.empty();
            }
            try {
                return new Blkid(functions, probe).name(image, volume.sizeBytes());
            } finally {
                functions.freeProbe(probe);
            }
        } catch (IOException e) {
            LOG.debug("the content of {} could not be named", volume.name(), e);
            return Optional.empty();
        }
    }

    private static @Nullable BlkidFunctions load() {
        try {
            return LibraryLoader.create(BlkidFunctions.class)
                    .mapper((String name, FunctionMapper.Context _) -> BlkidFunctions.SYMBOLS.getOrDefault(name, name))
                    .load(SONAME);
        } catch (UnsatisfiedLinkError missing) {
            LOG.debug("{} can't be used, so contents are not named by it", SONAME, missing);
            return null;
        }
    }

    private Optional<ContentName> name(MemoryImage image, long sizeBytes) {
        functions.setDevice(probe, image.descriptor(), 0, sizeBytes);
        functions.setSuperblocksFlags(probe, WANTED);
        functions.enablePartitions(probe, 1);
        int status = functions.safeProbe(probe);
        if (status == AMBIVALENT) {
            return Optional.of(ContentName.AMBIVALENT);
        }
        if (status != FOUND) {
            return Optional.empty();
        }
        return Optional.of(new ContentName(value("TYPE"), value("LABEL"), value("USAGE"), value("PTTYPE"), false));
    }

    /** A value of the last probe; empty text if there is none. */
    @SuppressWarnings("restricted") // The address and the length are libblkid's.
    private String value(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS);
            MemorySegment length = arena.allocate(JAVA_LONG);
            int status = functions.lookupValue(
                    probe, arena.allocateFrom(name).address(), address.address(), length.address());
            if (status != 0) {
                return "";
            }
            long bytes = Math.clamp(length.get(JAVA_LONG, 0), 0, LONGEST_VALUE);
            byte[] value = address.get(ADDRESS, 0).reinterpret(bytes).toArray(JAVA_BYTE);
            return ContentName.printable(new String(value, StandardCharsets.UTF_8));
        }
    }
}
