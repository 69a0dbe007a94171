package io.mdfuse.raid.array;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.reshape.ReshapePlan;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.Assembly.RebuildingDevice;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Whether the members of an array are enough while a reshape is in progress: each shape that holds a part of the volume
 * must be able to do without the members that it lacks.
 *
 * <p>A device that joined during a reshape, as the Q of a new RAID-6 does, is rebuilt by the reshape itself: it holds
 * the new shape up to the position and nothing of the old one (Linux {@code reshape_request} moves recovery_offset).
 */
record ReshapeMembers(ReshapePlan plan, Assembly assembly) {
    /** Empty if no reshape is in progress. */
    static Optional<ReshapeMembers> of(Assembly assembly) throws ArrayRefusedException {
        return ReshapePlan.of(assembly.reference()).map(plan -> new ReshapeMembers(plan, assembly));
    }

    /** True if every block can be read or solved. */
    boolean areEnough() {
        return usedShapes()
                .allMatch(shape -> missing(shape).size() <= shape.layout().parityCount());
    }

    /** True if the members that a shape lacks hold nothing but parity in it. */
    boolean onlyParityIsMissing() {
        return usedShapes().allMatch(shape -> missing(shape).stream().allMatch(slot -> holdsOnlyParity(shape, slot)));
    }

    private Stream<ArrayGeometry> usedShapes() {
        return Stream.of(true, false).filter(plan::uses).map(after -> after ? plan.after() : plan.before());
    }

    private List<Integer> missing(ArrayGeometry shape) {
        return IntStream.range(0, shape.raidDisks())
                .filter(slot -> assembly.slots().get(slot) == null && !reshapedInto(shape, slot))
                .boxed()
                .toList();
    }

    private boolean reshapedInto(ArrayGeometry shape, int slot) {
        if (!shape.equals(plan.after()) || plan.backwards()) {
            return false;
        }
        long endStripeSector = Math.ceilDiv(plan.positionSectors(), (long) shape.dataDisks());
        return assembly.rebuilding().stream()
                .filter(rebuilding -> rebuilding.slot() == slot && !rebuilding.replacement())
                .map(RebuildingDevice::recovery)
                .anyMatch(recovery -> recovery.hasPassed(endStripeSector));
    }

    private static boolean holdsOnlyParity(ArrayGeometry shape, int slot) {
        for (long row = 0; row < shape.raidDisks(); row++) {
            if (shape.dataIndex(row, slot) >= 0) {
                return false;
            }
        }
        return true;
    }
}
