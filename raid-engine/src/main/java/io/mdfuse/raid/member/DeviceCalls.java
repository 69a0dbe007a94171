package io.mdfuse.raid.member;

import io.mdfuse.device.DeviceException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The calls in progress on one device, and their end: when a faulty member is removed, no call may reach its device any
 * more, and the device is closed once the last one has returned. May be used by several threads.
 */
final class DeviceCalls {
    private final String deviceName;
    private final AtomicInteger inProgress = new AtomicInteger();
    private volatile boolean ended;

    /** A call on the device. */
    @FunctionalInterface
    interface Call {
        void run() throws DeviceException;
    }

    DeviceCalls(String deviceName) {
        this.deviceName = deviceName;
    }

    /**
     * Makes a call.
     *
     * @throws DeviceException also if {@link #end} was called before
     */
    void run(Call call) throws DeviceException {
        inProgress.incrementAndGet();
        try {
            if (ended) {
                throw new DeviceException(deviceName, "any call", 0, 0, "the device is not part of the array any more");
            }
            call.run();
        } finally {
            inProgress.decrementAndGet();
        }
    }

    /** Whether {@link #end} was called. */
    boolean hasEnded() {
        return ended;
    }

    /**
     * Refuses every later call, and waits for those in progress.
     *
     * @param waitMillis how long to wait at most
     * @return whether no call is in progress any more
     */
    boolean end(long waitMillis) throws InterruptedException {
        ended = true;
        for (long waited = 0; inProgress.get() > 0 && waited < waitMillis; waited += 10) {
            Thread.sleep(10);
        }
        return inProgress.get() == 0;
    }
}
