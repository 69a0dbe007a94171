package io.mdfuse.fuse;

import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** A library that was loaded and can mount: of the {@link Frontend} that was asked for, or of the first that exists. */
@FunctionalInterface
interface FuseLibrary {
    /** The binding for one mount. */
    FuseBinding bind(ServedDirectory files, GuardedRequests requests);

    /**
     * Loads the library of a front end.
     *
     * @param wanted null for libfuse 3 if it can be loaded, else libfuse 2
     * @throws MountException if the library is missing; the message names the package to install
     */
    static FuseLibrary load(@Nullable Frontend wanted) throws MountException {
        if (wanted != null) {
            return switch (wanted) {
                case JNR_FUSE -> libFuse2();
                case FUSE3 -> libFuse3();
            };
        }
        try {
            return libFuse3();
        } catch (MountException missing) {
            LoggerFactory.getLogger(FuseLibrary.class).debug("libfuse 3 can't be used", missing);
        }
        try {
            return libFuse2();
        } catch (MountException missing) {
            throw new MountException("neither libfuse 3 nor libfuse 2 can be loaded; install one: apt install fuse3");
        }
    }

    private static FuseLibrary libFuse2() throws MountException {
        LibFuse library = LibFuse.load();
        return (files, requests) -> new JnrFuseBinding(library, files, requests);
    }

    private static FuseLibrary libFuse3() throws MountException {
        Fuse3Library library = Fuse3Library.load();
        return (files, requests) -> new Fuse3Binding(library, files, requests);
    }
}
