package io.mdfuse.raid.lost;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A shape and order that an array without superblocks may have had.
 *
 * @param order the name of the device in each slot; {@code missing} for a slot without one
 * @param content the file system whose metadata lies where this shape puts it
 * @param clues how many blocks of the file system say where they belong; 0 if no file system is known
 * @param agreeing how many of them lie there
 * @param certainSlots how many slots have such a block; the order of the others is a guess
 * @param fit what else was compared
 * @param twin a better candidate in which the same file system was found, byte for byte; null if there is none
 */
public record LostArrayCandidate(
        LostArrayShape shape,
        List<String> order,
        String content,
        int clues,
        int agreeing,
        int certainSlots,
        Fit fit,
        @Nullable Twin twin) {
    /**
     * What else was compared.
     *
     * @param parity the part of the sampled stripes whose parity fits, from 0 to 1; -1 if it can't be checked
     * @param map how well the file system's map of its blocks fits, from 0 to 1; 1 if that is not known
     * @param presence the part of the parity blocks of stripes that are not empty that hold something, from 0 to 1; 1
     *     if that is not known
     * @param distinct if no file system is known: how much better the content flows in this order than in others,
     *     from 0 to 1; else 1
     */
    public record Fit(double parity, double map, double presence, double distinct) {}

    /**
     * Another candidate with the same file system.
     *
     * @param index its place among the candidates, from 0
     * @param laterBytes how much further from the start of the volume the file system begins here than there
     */
    public record Twin(int index, long laterBytes) {}

    private static final double WITHOUT_CLUES = 0.6;

    /** In {@link #order}: a slot whose device is not there. */
    public static final String MISSING = "missing";

    /** From 0 to 100. */
    public int score() {
        double agreement = clues == 0 ? WITHOUT_CLUES * fit.distinct : (double) agreeing / clues;
        double parity = fit.parity < 0 ? 0.8 : fit.parity;
        double known = order.isEmpty() ? 0 : (double) certainSlots / presentSlots();
        double lies = fit.map * fit.map * fit.presence * fit.presence;
        return (int) Math.round(100 * agreement * parity * lies * (0.5 + 0.5 * Math.min(1, known)));
    }

    /**
     * Whether the other puts every chunk of the volume into the same place of the same device, as RAID-4 and a
     * {@code parity-first} with the order turned do: then no byte tells which of both the array was, and both show the
     * same volume.
     */
    public boolean showsSameVolumeAs(LostArrayCandidate other) {
        LostArrayShape its = other.shape;
        return shape.dataOffsetBytes() == its.dataOffsetBytes()
                && SameVolume.of(LostShape.of(shape), order, LostShape.of(its), other.order);
    }

    /** Whether everything that was compared says the same of the other; the volumes may differ. */
    public boolean fitsAsWellAs(LostArrayCandidate other) {
        return clues == other.clues && agreeing == other.agreeing && fit.equals(other.fit) && score() == other.score();
    }

    /** This candidate with what was found of its twin. */
    LostArrayCandidate withTwin(@Nullable Twin found) {
        return new LostArrayCandidate(shape, order, content, clues, agreeing, certainSlots, fit, found);
    }

    /** As {@link Fit#parity}. */
    public double parityFit() {
        return fit.parity;
    }

    /** How many slots have a device. */
    public int presentSlots() {
        return (int) order.stream().filter(name -> !name.equals(MISSING)).count();
    }
}
