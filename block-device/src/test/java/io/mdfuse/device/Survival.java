package io.mdfuse.device;

import java.util.List;

/**
 * Which of the unflushed changes reach the medium when power fails, for each sector of 512 bytes of each change. The
 * result for a sector is always the same, so a state can be made again from what {@code toString} prints.
 */
public sealed interface Survival {
    /**
     * Whether a sector of a change reaches the medium.
     *
     * @param disk the disk's number in the trace
     * @param change the number of the change among the disk's unflushed ones, the oldest being 0
     * @param sector the sector of the disk; a drive writes a sector completely or not at all
     */
    boolean keeps(int disk, int change, long sector);

    /** Nothing is lost: the caches were written to the medium before, or only the process died. */
    record All() implements Survival {
        @Override
        public boolean keeps(int disk, int change, long sector) {
            return true;
        }
    }

    /** Everything that was not flushed is lost. */
    record None() implements Survival {
        @Override
        public boolean keeps(int disk, int change, long sector) {
            return false;
        }
    }

    /** One change is lost, all others reach the medium: later ones were written first. */
    record AllBut(int lostDisk, int lostChange) implements Survival {
        @Override
        public boolean keeps(int disk, int change, long sector) {
            return disk != lostDisk || change != lostChange;
        }
    }

    /** One change reaches the medium and no other: it was written before earlier ones. */
    record Only(int keptDisk, int keptChange) implements Survival {
        @Override
        public boolean keeps(int disk, int change, long sector) {
            return disk == keptDisk && change == keptChange;
        }
    }

    /**
     * Any subset of whole changes.
     *
     * @param firstBits for each disk, the bit of its oldest unflushed change
     * @param bits the changes that are kept
     */
    record Subset(List<Integer> firstBits, long bits) implements Survival {
        @Override
        public boolean keeps(int disk, int change, long sector) {
            return (bits >>> (firstBits.get(disk) + change) & 1) != 0;
        }
    }

    /**
     * A random fate for each change: kept, lost, kept in some of its 4 KiB blocks, or torn anywhere between sectors.
     */
    record Seeded(long seed) implements Survival {
        @Override
        public boolean keeps(int disk, int change, long sector) {
            long ofChange = mix(seed ^ mix(disk * 1_000_003L + change));
            return switch ((int) (ofChange & 3)) {
                case 0 -> true;
                case 1 -> false;
                case 2 -> (mix(ofChange ^ sector / Sectors.PER_BLOCK) & 1) != 0;
                default -> (mix(ofChange ^ sector) & 1) != 0;
            };
        }

        /** The final mixing step of splitmix64: each bit of the input affects every bit of the result. */
        private static long mix(long value) {
            long mixed = value + 0x9e3779b97f4a7c15L;
            mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
            mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
            return mixed ^ (mixed >>> 31);
        }
    }
}
