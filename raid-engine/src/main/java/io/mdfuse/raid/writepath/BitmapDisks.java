package io.mdfuse.raid.writepath;

import io.mdfuse.device.DeviceException;
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
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The write-intent bitmap on the members: one image, written to all that are written to. It lives apart from
 * {@link WriteIntentBitmap}, which decides about bits, because here is decided in which order bytes reach the disks.
 *
 * <p>The image is changed and written under one lock, so that no older page can overwrite a newer one. No failure is
 * reported under it, since that writes superblocks, and each superblock brings its event count here first.
 */
final class BitmapDisks implements UpdateHook {
    private record Failure(Member member, DeviceException cause) {}

    private final MemberSet members;
    private final Map<Integer, BitmapArea> areas;
    private final BitmapImage image;
    private final ReentrantLock lock = new ReentrantLock();

    BitmapDisks(MemberSet members, Map<Integer, BitmapArea> areas, BitmapImage image) {
        this.members = members;
        this.areas = new TreeMap<>(areas);
        this.image = image;
    }

    /** Makes every member's bitmap the image, whatever it was. */
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

    /** Changes the image and writes what was changed to every member; durable after the members' next flush. */
    void change(Consumer<BitmapImage> change) throws IOException {
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
     * Sees to it that events_cleared is the present count: a member that went away before has to be rebuilt in full
     * from here on, because bits that it would need are about to be cleared. Durable after the members' next flush.
     */
    void noteClearing() throws IOException {
        change(changed -> {
            BitmapSuperblock head = changed.head();
            if (head.eventsCleared() < head.events()) {
                changed.events(head.events(), head.events());
            }
        });
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

    /** Gives a device that is about to take a slot the bitmap of the others, and keeps it from then on. */
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
        lock.lock();
        try {
            return image.head();
        } finally {
            lock.unlock();
        }
    }

    BitSet bits() {
        lock.lock();
        try {
            return image.bits();
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
