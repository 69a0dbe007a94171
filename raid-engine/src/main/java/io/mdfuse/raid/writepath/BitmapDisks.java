package io.mdfuse.raid.writepath;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.BitmapArea;
import io.mdfuse.raid.superblock.BitmapImage;
import io.mdfuse.raid.superblock.BitmapSuperblock;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.store.UpdateHook;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The write-intent bitmap on the members: one image, stored on every member that is written to. It is separate from
 * {@link WriteIntentBitmap}, which decides about bits, and {@link LocklessBitmap}, which decides about states, because
 * this class decides in which order bytes reach the disks.
 *
 * <p>The image is changed and written under one lock, so that no older page can overwrite a newer one. Failures of
 * members are reported without the lock: that writes superblocks, and each superblock update first stores its event
 * count here. Thread-safe.
 */
final class BitmapDisks<I extends BitmapImage> implements UpdateHook {
    private record Failure(Member member, DeviceException cause) {}

    private final MemberSet members;
    private final Map<Integer, BitmapArea> areas;
    private final I image;
    private final RankedLock lock = new RankedLock(LockRank.BITMAP_DISKS);
    /** The event count of the last update whose superblocks were written; before the first one, of the bitmap. */
    private long writtenEvents;

    BitmapDisks(MemberSet members, Map<Integer, BitmapArea> areas, I image) {
        this.members = members;
        this.areas = new TreeMap<>(areas);
        this.image = image;
        this.writtenEvents = image.head().events();
    }

    /** Writes the complete image to every member. */
    void rewriteAll() throws IOException {
        List<Failure> failures = new ArrayList<>();
        lock.lock();
        try {
            forEachArea(area -> area.rewrite(image), failures);
        } finally {
            lock.unlock();
        }
        report(failures);
    }

    /**
     * Changes the image, writes the changed pages to every member, and flushes the members. Bits that were cleared are
     * flushed too: an array at rest has nothing unflushed, so a device whose server restarts loses nothing and stays.
     */
    void change(Consumer<I> change) throws IOException {
        write(change);
        members.flush();
    }

    /** As {@link #change}, but durable only after the members' next flush. */
    private void write(Consumer<I> change) throws IOException {
        List<Failure> failures = new ArrayList<>();
        lock.lock();
        try {
            change.accept(image);
            BitSet pages = image.takeChangedPages();
            if (!pages.isEmpty()) {
                forEachArea(area -> area.write(image, pages), failures);
            }
        } finally {
            lock.unlock();
        }
        report(failures);
    }

    /**
     * Sets events_cleared to the event count of the superblocks: a member that was removed earlier has to be rebuilt
     * completely from here on, because bits that it would need are about to be cleared. Durable after the members' next
     * flush. The bitmap's own count may be that of an update that is only beginning, whose superblocks a member that
     * fails in it never gets.
     *
     * @return that count; if superblocks are written again before the bits are cleared, a member may have left
     */
    long noteClearing() throws IOException {
        long[] noted = new long[1];
        write(changed -> {
            BitmapSuperblock head = changed.head();
            noted[0] = writtenEvents;
            if (head.eventsCleared() < writtenEvents) {
                changed.events(head.events(), writtenEvents);
            }
        });
        return noted[0];
    }

    /** Whether no superblocks were written since {@link #noteClearing} returned this count. */
    boolean isStillAt(long events) {
        lock.lock();
        try {
            return writtenEvents == events;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void afterUpdate(long events) {
        lock.lock();
        try {
            writtenEvents = events;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void beforeUpdate(int deviceNumber, long events) throws IOException {
        lock.lock();
        try {
            BitmapSuperblock head = image.head();
            if (head.events() < events) {
                image.events(events, head.eventsCleared());
                image.takeChangedPages();
            }
            BitmapArea area = areas.get(deviceNumber);
            if (area != null) {
                BitSet first = new BitSet();
                first.set(0);
                area.write(image, first);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Writes the bitmap to a device that is about to take a slot, and keeps it up to date from then on. */
    void attach(FoundDevice device) throws IOException {
        lock.lock();
        try {
            BitmapArea area = BitmapArea.forImage(device, image);
            area.rewrite(image);
            areas.put(device.superblock().deviceNumber(), area);
        } finally {
            lock.unlock();
        }
    }

    BitmapSuperblock head() {
        return ask(BitmapImage::head);
    }

    /** Asks the image, under the lock. */
    <T> T ask(Function<I, T> question) {
        lock.lock();
        try {
            return question.apply(image);
        } finally {
            lock.unlock();
        }
    }

    private interface Step {
        void run(BitmapArea area) throws DeviceException;
    }

    private void forEachArea(Step step, List<Failure> failures) {
        for (Map.Entry<Integer, BitmapArea> entry : areas.entrySet()) {
            Member member = members.byNumber(entry.getKey());
            if (member != null) {
                try {
                    step.run(entry.getValue());
                } catch (DeviceException e) {
                    failures.add(new Failure(member, e));
                }
            }
        }
    }

    private void report(List<Failure> failures) throws IOException {
        for (Failure failure : failures) {
            if (!failure.member().isFaulty()) {
                members.failed(failure.member(), failure.cause());
            }
        }
    }
}
