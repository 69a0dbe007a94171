package io.mdfuse.fuse;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.array.overlay.OverlayFullException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a failure becomes an error number.
 *
 * <ol>
 *   <li>{@link OperationRefused}: the number it names; not logged, since nothing is wrong.
 *   <li>A lack of room on the host, or what it caused: {@code ENOSPC}; not logged, for the device has said which file
 *       system is full.
 *   <li>{@link OverlayFullException}: {@code ENOSPC}, as a device that is full.
 *   <li>An {@link IOException}: {@code EIO}, and a line in the log, which says what failed where and why.
 *   <li>Anything else, errors of the virtual machine included: {@code EIO}. It is a fault of this program, and logged
 *       with its cause and stack the first time that its kind is met in an operation, and as a line after that.
 * </ol>
 *
 * <p>Nothing passes the ladder upwards: an exception that left a callback would end in native code.
 */
final class ErrnoLadder {
    private static final Logger LOG = LoggerFactory.getLogger(ErrnoLadder.class);

    private final Set<String> kindsSeen = ConcurrentHashMap.newKeySet();

    /** What the callback of {@code operation} answers after {@code failure}: a negative error number. */
    int answer(String operation, Throwable failure) {
        if (failure instanceof OperationRefused refused) {
            return refused.errno().answer();
        }
        if (failure instanceof OverlayFullException || DeviceException.saysHostLackedRoom(failure)) {
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
            // There is nowhere left to say it: the caller learns of the failure by EIO all the same.
            return FuseErrno.EIO.answer();
        }
        return FuseErrno.EIO.answer();
    }
}
