package io.mdfuse.raid.lost;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import java.util.ArrayList;
import java.util.List;

/** A shape that an array may have had; its slots are in no order yet. */
record LostShape(ParityLayout layout, int raidDisks, int chunkBytes) {
    private static final int MIN_CHUNK = 4 << 10;
    private static final int MAX_CHUNK = 1 << 20;

    /** The chunks of mdadm's defaults, now and earlier, come first: of equally good candidates the first is taken. */
    private static final List<Integer> USUAL_CHUNKS = List.of(512 << 10, 64 << 10);

    private static final List<ParityLayout> LAYOUTS = layouts();

    /** Every shape that these devices can be of: one device may be missing, two of RAID-6. */
    static List<LostShape> all(int devices) {
        List<Integer> chunks = new ArrayList<>(USUAL_CHUNKS);
        for (int chunk = MIN_CHUNK; chunk <= MAX_CHUNK; chunk *= 2) {
            if (!chunks.contains(chunk)) {
                chunks.add(chunk);
            }
        }
        List<LostShape> shapes = new ArrayList<>();
        for (int missing = 0; missing <= 2; missing++) {
            for (ParityLayout layout : LAYOUTS) {
                int disks = devices + missing;
                boolean enough = disks >= (layout.level() == 6 ? 4 : 3) && missing <= layout.parityCount();
                if (enough) {
                    chunks.forEach(chunk -> shapes.add(new LostShape(layout, disks, chunk)));
                }
            }
        }
        return shapes;
    }

    /** Those that mdadm takes by default come first; parity-last of level 5 is RAID-4. */
    private static List<ParityLayout> layouts() {
        List<ParityLayout> layouts = new ArrayList<>(
                List.of(ParityLayout.LEFT_SYMMETRIC_5, ParityLayout.LEFT_SYMMETRIC_6, ParityLayout.RAID4));
        for (ParityLayout layout : ParityLayout.values()) {
            if (!layouts.contains(layout) && layout != ParityLayout.PARITY_LAST_5) {
                layouts.add(layout);
            }
        }
        return List.copyOf(layouts);
    }

    static LostShape of(LostArrayShape shape) {
        return new LostShape(shape.layout(), shape.raidDisks(), shape.chunkBytes());
    }

    int dataDisks() {
        return raidDisks - layout.parityCount();
    }

    /** The place on its member, from the start of the data, of a byte of the volume. */
    long memberBytes(long volumeBytes) {
        return rowOf(volumeBytes) * chunkBytes + volumeBytes % chunkBytes;
    }

    int slotOf(long volumeBytes) {
        int index = (int) (volumeBytes / chunkBytes % dataDisks());
        return layout.dataSlot(rowOf(volumeBytes), index, raidDisks);
    }

    /** The slot that holds P of the row in which a byte of the volume lies. */
    int slotOfP(long volumeBytes) {
        return layout.parityP(rowOf(volumeBytes), raidDisks);
    }

    /** The slot that holds Q of that row; -1 if there is no Q. */
    int slotOfQ(long volumeBytes) {
        return layout.parityQ(rowOf(volumeBytes), raidDisks);
    }

    private long rowOf(long volumeBytes) {
        return volumeBytes / chunkBytes / dataDisks();
    }

    ArrayGeometry geometry(long memberBytes) {
        return new ArrayGeometry(layout, raidDisks, chunkBytes / 512, memberBytes / 512);
    }
}
