package io.mdfuse.device;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which calls to a {@link FaultyDevice} fail. The calls of each verb are counted separately, from 1, since the device
 * was created. May be changed by any thread while the device is in use.
 */
public final class FaultPlan {
    /** The kind of a call. */
    public enum Verb {
        READ,
        WRITE,
        FLUSH,
        TRIM
    }

    private final Random random;
    private final Map<Verb, Integer> calls = new EnumMap<>(Verb.class);
    private final Map<Verb, Set<Integer>> failing = new EnumMap<>(Verb.class);
    private final Map<Verb, Double> probabilities = new EnumMap<>(Verb.class);
    private final BitSet badSectors = new BitSet();
    private int callsUntilDeath = Integer.MAX_VALUE;
    private int failures;
    private Runnable atFirstFailure = () -> {};

    /** A plan without faults; the seed determines random faults that are added. */
    public FaultPlan(long seed) {
        random = new Random(seed);
    }

    /** The nth call of this verb fails, and only that one. */
    public synchronized FaultPlan failNth(Verb verb, int nth) {
        failing.computeIfAbsent(verb, v -> new HashSet<>()).add(nth);
        return this;
    }

    /** Each call of this verb fails with the given probability, 0 to 1. */
    public synchronized FaultPlan failAtRandom(Verb verb, double probability) {
        probabilities.put(verb, probability);
        return this;
    }

    /** Reads of a sector in the range fail until that sector is written again: a drive then replaces the sector. */
    public synchronized FaultPlan badSectors(long offsetBytes, long lengthBytes) {
        badSectors.set(sector(offsetBytes), sector(offsetBytes + lengthBytes + Sectors.BYTES - 1));
        return this;
    }

    /** After this many more calls, of any verb, the device is dead and every call fails. With 0 it is dead now. */
    public synchronized FaultPlan dieAfter(int moreCalls) {
        callsUntilDeath = moreCalls;
        return this;
    }

    /** Runs an action before the first call fails, for example to let another device fail soon after. */
    public synchronized FaultPlan atFirstFailure(Runnable task) {
        atFirstFailure = task;
        return this;
    }

    /** How many calls of this verb there were. */
    public synchronized int calls(Verb verb) {
        return calls.getOrDefault(verb, 0);
    }

    /** How many calls have failed by this plan. */
    public synchronized int failures() {
        return failures;
    }

    /** Counts a call; returns why it fails, or null if it does not. */
    synchronized @Nullable String nextFault(Verb verb, long offsetBytes, long lengthBytes) {
        int call = calls.merge(verb, 1, Integer::sum);
        String fault = null;
        if (callsUntilDeath == 0) {
            fault = "by the plan the device is dead";
        } else if (failing.getOrDefault(verb, Set.of()).contains(call)) {
            fault = "the plan fails " + verb + " number " + call;
        } else if (random.nextDouble() < probabilities.getOrDefault(verb, 0.0)) {
            fault = "the plan's chance fails " + verb + " number " + call;
        } else if (verb == Verb.READ && touchesBadSector(offsetBytes, lengthBytes)) {
            fault = "by the plan there is a bad sector";
        }
        if (callsUntilDeath > 0 && callsUntilDeath < Integer.MAX_VALUE) {
            callsUntilDeath--;
        }
        if (fault != null && failures++ == 0) {
            atFirstFailure.run();
        }
        return fault;
    }

    /** How many bytes of a failed write reach the medium: whole sectors; none if the device is dead. */
    synchronized long bytesBeforeFault(long lengthBytes) {
        if (callsUntilDeath == 0 || lengthBytes < Sectors.BYTES) {
            return 0;
        }
        return random.nextLong(lengthBytes / Sectors.BYTES + 1) * Sectors.BYTES;
    }

    /** Records that the sectors that are completely in the range have been written. */
    synchronized void written(long offsetBytes, long lengthBytes) {
        int from = sector(offsetBytes + Sectors.BYTES - 1);
        badSectors.clear(from, Math.max(from, sector(offsetBytes + lengthBytes)));
    }

    private boolean touchesBadSector(long offsetBytes, long lengthBytes) {
        int bad = badSectors.nextSetBit(sector(offsetBytes));
        return lengthBytes > 0 && bad >= 0 && Sectors.toBytes(bad) < offsetBytes + lengthBytes;
    }

    private static int sector(long offsetBytes) {
        return Math.toIntExact(Sectors.floorFromBytes(offsetBytes));
    }
}
