package io.mdfuse.fuse;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.array.overlay.OverlayFullException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maps each failure of a callback to an error number. The first matching rule applies:
 *
 * <ol>
 *   <li>{@link OperationRefused}: the number in the exception; not logged, since nothing is wrong.
 *   <li>The host's file system is full, or a failure that this caused: {@code ENOSPC}; not logged, since the device has
 *       logged which file system is full.
 *   <li>{@link OverlayFullException}: {@code ENOSPC}, as for a full device.
 *   <li>An {@link IOException}: {@code EIO}, and a line in the log that names the operation and the reason.
 *   <li>Anything else, errors of the virtual machine included: {@code EIO}. This is a fault of the program. The first
 *       of its kind in an operation is logged with its stack trace, later ones with one line.
 * </ol>
 *
 * <p>No exception passes this class: an exception that left a callback would reach native code.
 */
final class ErrnoLadder {
    private static final Logger LOG = LoggerFactory.getLogger(ErrnoLadder.class);

    private final Set<String> kindsSeen = ConcurrentHashMap.newKeySet();

    /** The result of the callback of {@code operation} after {@code failure}: a negative error number. */
    int answer(String operation, Throwable failure) {
        if (failure instanceof OperationRefused refused) {
            return refused.errno().answer();
        }
        if (failure instanceof OverlayFullException || DeviceException.isHostOutOfSpace(failure)) {
            return FuseErrno.ENOSPC.answer();
        }
        try {
            boolean ofTheWorld = failure instanceof IOException && failure.getMessage() != null;
            if (!ofTheWorld && kindsSeen.add(operation + failure.getClass().getName())) {
                LOG.error("{} failed", operation, failure);
            } else {
                LOG.error("{} failed: {}", operation, failure.getMessage());
            }
        } catch (Throwable loggingFailed) {
            // The log can't be written either: the caller still gets EIO.
            return FuseErrno.EIO.answer();
        }
        return FuseErrno.EIO.answer();
    }
}
