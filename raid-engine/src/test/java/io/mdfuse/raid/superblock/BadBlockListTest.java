package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The bytes of a bad-block log, and what a crash during a change leaves of them. */
class BadBlockListTest {
    private static final int LOG_BYTES = 4096;
    private static final int CAPACITY = 512;

    @Test
    void anEntryHasItsLengthInTheLowTenBits() {
        List<Long> entries = BadBlockList.encode(List.of(new BadRange(0x1234, 0x56)), 0);
        assertEquals(List.of(entry(0x1234, 0x56)), entries);
        byte[] bytes = BadBlockList.bytes(entries, 512);
        assertArrayEquals(new byte[] {0x56, (byte) 0xd0, 0x48, 0, 0, 0, 0, 0}, Arrays.copyOf(bytes, 8));
        for (int at = 8; at < 512; at++) {
            assertEquals((byte) 0xff, bytes[at]);
        }
        assertEquals(entries, BadBlockList.entries(bytes));
        assertEquals(0x1234, BadBlockList.firstUnit(entries.getFirst()));
        assertEquals(0x56, BadBlockList.units(entries.getFirst()));
    }

    @Test
    void aLongRangeTakesSeveralEntries() {
        assertEquals(
                List.of(entry(100, 512), entry(612, 512), entry(1124, 1)),
                BadBlockList.encode(List.of(new BadRange(100, 1025)), 0));
    }

    @Test
    void entriesCountUnitsOfTheShift() {
        assertEquals(List.of(entry(5, 3)), BadBlockList.encode(List.of(new BadRange(40, 24)), 3));
    }

    @Test
    void aFullLogHasNoEnd() {
        List<Long> full = entries(CAPACITY, 0);
        assertEquals(full, BadBlockList.entries(BadBlockList.bytes(full, LOG_BYTES)));
        assertEquals(List.of(), BadBlockList.entries(BadBlockList.bytes(List.of(), LOG_BYTES)));
    }

    private static long entry(long unit, int units) {
        return (unit << 10) | units;
    }

    private static List<Long> entries(int count, int from) {
        List<Long> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(entry((from + i) * 16L, 8));
        }
        return entries;
    }

    /** Random lists, and all 256 mixtures of old and new sectors in each step. */
    @Test
    void keptEntriesAreListedAfterEveryCrash() {
        Random random = new Random(11);
        for (int round = 0; round < 300; round++) {
            List<Long> pool = entries(400, 0);
            Collections.shuffle(pool, random);
            List<Long> now = new ArrayList<>(pool.subList(0, random.nextInt(200)));
            List<Long> next = new ArrayList<>();
            for (Long entry : now) {
                if (random.nextInt(4) != 0) {
                    next.add(entry);
                }
            }
            next.addAll(pool.subList(200, 200 + random.nextInt(1 + round % 100)));
            Collections.sort(next);
            Set<Long> stay = new HashSet<>(now);
            stay.retainAll(next);
            Set<Long> either = new HashSet<>(now);
            either.addAll(next);
            byte[] old = BadBlockList.bytes(now, LOG_BYTES);
            for (List<Long> step : BadBlockList.steps(now, next, CAPACITY)) {
                byte[] changed = BadBlockList.bytes(step, LOG_BYTES);
                for (int mixture = 0; mixture < 256; mixture++) {
                    byte[] found = old.clone();
                    for (int sector = 0; sector < 8; sector++) {
                        if ((mixture >> sector & 1) != 0) {
                            System.arraycopy(changed, sector * 512, found, sector * 512, 512);
                        }
                    }
                    Set<Long> left = new HashSet<>(BadBlockList.entries(found));
                    assertTrue(left.containsAll(stay), "seed 11, round " + round + ", mixture " + mixture);
                    assertTrue(either.containsAll(left), "made up, seed 11, round " + round);
                }
                old = changed;
            }
            assertEquals(new HashSet<>(next), new HashSet<>(BadBlockList.entries(old)), "round " + round);
            assertEquals(next.size(), BadBlockList.entries(old).size(), "round " + round);
        }
    }

    /**
     * Entries of length 0 among others: kept entries are listed after each crash, and no entry of length 0 is left at
     * the end.
     */
    @Test
    void emptyEntriesAreRemoved() {
        Random random = new Random(12);
        for (int round = 0; round < 100; round++) {
            List<Long> real = entries(1 + random.nextInt(120), 0);
            List<Long> now = new ArrayList<>(real);
            for (int empty = 1 + random.nextInt(300); empty > 0; empty--) {
                now.add(random.nextInt(now.size() + 1), 0L);
            }
            List<Long> next = new ArrayList<>(real.subList(0, random.nextInt(1 + real.size())));
            Set<Long> stay = new HashSet<>(next);
            next.addAll(entries(random.nextInt(40), 1000));
            byte[] old = BadBlockList.bytes(now, LOG_BYTES);
            for (List<Long> step : BadBlockList.steps(now, next, CAPACITY)) {
                byte[] changed = BadBlockList.bytes(step, LOG_BYTES);
                for (int mixture = 0; mixture < 256; mixture++) {
                    byte[] found = old.clone();
                    for (int sector = 0; sector < 8; sector++) {
                        if ((mixture >> sector & 1) != 0) {
                            System.arraycopy(changed, sector * 512, found, sector * 512, 512);
                        }
                    }
                    List<Long> left = BadBlockList.entries(found);
                    assertTrue(left.containsAll(stay), "seed 12, round " + round + ", mixture " + mixture);
                }
                old = changed;
            }
            assertEquals(new HashSet<>(next), new HashSet<>(BadBlockList.entries(old)), "round " + round);
        }
    }

    @Test
    void aFullLogIsNotChangedInAWayThatCouldLoseEntries() {
        List<Long> full = entries(CAPACITY, 0);
        List<Long> others = entries(CAPACITY, 1);
        assertThrows(IllegalArgumentException.class, () -> BadBlockList.steps(full, others, CAPACITY));
        List<List<Long>> cut = BadBlockList.steps(full, full.subList(0, 100), CAPACITY);
        assertEquals(List.of(full.subList(0, 100)), cut);
    }
}
