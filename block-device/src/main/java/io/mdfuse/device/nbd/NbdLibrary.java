package io.mdfuse.device.nbd;

import io.mdfuse.device.DeviceOpenException;
import jnr.ffi.LibraryLoader;
import jnr.ffi.mapper.FunctionMapper;
import org.jspecify.annotations.Nullable;

/** libnbd as it is installed. It is loaded when a device of a server is opened for the first time. */
final class NbdLibrary {
    private static final String SONAME = "libnbd.so.0";

    private final NbdFunctions functions;
    private final NbdRequests requests;

    /** Loads the library once for all threads; without it there are no other fields. */
    private static final class Holder {
        private static final @Nullable NbdLibrary LIBRARY = loadOrNull();

        private Holder() {}

        private static @Nullable NbdLibrary loadOrNull() {
            try {
                return new NbdLibrary();
            } catch (UnsatisfiedLinkError | IllegalArgumentException missing) {
                return null;
            }
        }
    }

    private NbdLibrary() {
        functions = LibraryLoader.create(NbdFunctions.class)
                .mapper((String name, FunctionMapper.Context _) -> NbdFunctions.SYMBOLS.getOrDefault(name, name))
                .load(SONAME);
        requests = new NbdRequests(SONAME);
    }

    /**
     * The library.
     *
     * @param device the device for which it is needed
     * @throws DeviceOpenException if it is not installed; the message names the package that contains it
     */
    static NbdLibrary load(String device) throws DeviceOpenException {
        NbdLibrary library = Holder.LIBRARY;
        if (library == null) {
            throw new DeviceOpenException(device, SONAME + " cannot be loaded; install it: apt install libnbd0");
        }
        return library;
    }

    NbdFunctions functions() {
        return functions;
    }

    NbdRequests requests() {
        return requests;
    }
}
