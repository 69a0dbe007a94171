package io.mdfuse.device;

import java.util.ArrayList;
import java.util.List;

/**
 * Visits the states that a crash can leave, at every position of a trace.
 *
 * <p>At each position, with k changes not flushed, these states are visited: all changes kept, none kept, one lost, one
 * kept, and a number of random states with torn changes. If k is small, every subset of the changes is visited.
 *
 * @param trace the events
 * @param exhaustiveChanges the largest k for which all 2^k subsets are visited, 0 to 16
 * @param randomStates the number of random states at each position
 * @param seed determines the random states
 */
public record CrashStates(CrashTrace trace, int exhaustiveChanges, int randomStates, long seed) {
    public CrashStates {
        if (exhaustiveChanges < 0 || exhaustiveChanges > 16) {
            throw new IllegalArgumentException("exhaustiveChanges is " + exhaustiveChanges);
        }
    }

    /** The check that a test makes of one state. */
    public interface Check {
        void check(CrashState state) throws Exception;
    }

    /** Checks every state at each position of the trace, its end included. Returns the number of states. */
    public long forEach(Check check) {
        return forEach(0, new Thinning(1), check);
    }

    /** As {@link #forEach(Check)}, but only the states that are selected. */
    public long forEach(Thinning thinning, Check check) {
        return forEach(0, thinning, check);
    }

    /** As {@link #forEach(Check)}, from a position on. */
    public long forEach(int fromPrefix, Check check) {
        return forEach(fromPrefix, new Thinning(1), check);
    }

    /**
     * Checks the selected states from a position on. Returns the number of states that were checked.
     *
     * @throws AssertionError if a check has thrown anything: the message names the state, the cause is what was thrown
     */
    private long forEach(int fromPrefix, Thinning thinning, Check check) {
        CrashCursor cursor = trace.cursor();
        long count = 0;
        for (int prefix = fromPrefix; prefix <= cursor.length(); prefix++) {
            cursor.advanceTo(prefix);
            for (Survival survival : survivals(prefix, cursor.pendingCounts())) {
                if (thinning.takesNext()) {
                    visit(cursor.state(survival), check);
                    count++;
                }
            }
        }
        return count;
    }

    private static void visit(CrashState state, Check check) {
        try {
            check.check(state);
        } catch (Exception | AssertionError e) {
            throw new AssertionError(state + ": " + e.getMessage(), e);
        }
    }

    private List<Survival> survivals(int prefix, List<Integer> pendingCounts) {
        int changes = pendingCounts.stream().mapToInt(Integer::intValue).sum();
        List<Survival> survivals = new ArrayList<>();
        if (changes <= exhaustiveChanges) {
            addSubsets(survivals, pendingCounts, changes);
        } else {
            addSingles(survivals, pendingCounts, changes);
        }
        if (changes > 0) {
            for (int i = 0; i < randomStates; i++) {
                survivals.add(new Survival.Seeded(seed + (long) prefix * randomStates + i));
            }
        }
        return survivals;
    }

    private static void addSubsets(List<Survival> survivals, List<Integer> pendingCounts, int changes) {
        List<Integer> firstBits = new ArrayList<>();
        int bit = 0;
        for (int count : pendingCounts) {
            firstBits.add(bit);
            bit += count;
        }
        for (long bits = 0; bits < 1L << changes; bits++) {
            survivals.add(new Survival.Subset(List.copyOf(firstBits), bits));
        }
    }

    private static void addSingles(List<Survival> survivals, List<Integer> pendingCounts, int changes) {
        survivals.add(new Survival.All());
        survivals.add(new Survival.None());
        if (changes < 2) {
            return;
        }
        for (int disk = 0; disk < pendingCounts.size(); disk++) {
            for (int change = 0; change < pendingCounts.get(disk); change++) {
                survivals.add(new Survival.AllBut(disk, change));
                survivals.add(new Survival.Only(disk, change));
            }
        }
    }
}
