package io.mdfuse.raid.geometry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Compares every layout with mdadm's own tables, and with its own inverse. */
class ParityLayoutTest {
    /** The file's rows are "level number name row row …"; in a row the character at a slot is P, Q or a data index. */
    @Test
    void everyLayoutAgreesWithMdadmsTable() throws IOException {
        List<String> lines = tableLines();
        assertEquals(20, lines.size());
        Set<ParityLayout> seen = new HashSet<>();
        for (String line : lines) {
            String[] words = line.trim().split("\\s+", -1);
            int level = Integer.parseInt(words[0]);
            ParityLayout layout =
                    ParityLayout.of(level, Integer.parseInt(words[1])).orElseThrow();
            assertEquals(words[2], layout.mdName());
            assertEquals(layout, LayoutNames.find(level, words[2]).orElseThrow());
            seen.add(layout);
            for (int row = 0; row < words.length - 3; row++) {
                String slots = words[3 + row].replaceAll("\\[.*", "");
                for (int slot = 0; slot < slots.length(); slot++) {
                    assertEquals(
                            slots.charAt(slot),
                            holds(layout, row, slot, slots.length()),
                            layout + " row " + row + " slot " + slot);
                }
            }
        }
        seen.add(ParityLayout.RAID4);
        assertEquals(Set.of(ParityLayout.values()), seen);
    }

    /** A RAID-6 row is followed by "[slot^exponent,…]". */
    @Test
    void everyExponentAgreesWithMdadmsTable() throws IOException {
        int checked = 0;
        for (String line : tableLines()) {
            String[] words = line.trim().split("\\s+", -1);
            ParityLayout layout = ParityLayout.of(Integer.parseInt(words[0]), Integer.parseInt(words[1]))
                    .orElseThrow();
            for (int row = 0; layout.level() == 6 && row < words.length - 3; row++) {
                int disks = words[3 + row].indexOf('[');
                String weights = words[3 + row].substring(disks + 1, words[3 + row].length() - 1);
                for (String weight : weights.split(",", -1)) {
                    int slot = Character.digit(weight.charAt(0), 10);
                    int index = layout.dataIndex(row, slot, disks);
                    assertEquals(
                            Character.digit(weight.charAt(2), 10),
                            layout.exponent(row, index, disks),
                            layout + " row " + row + " slot " + slot);
                    checked++;
                }
            }
        }
        assertEquals(14 * 6 * 3, checked);
    }

    /** md's rule, slot by slot, for arrays with more slots than the table's. */
    @Test
    void exponentsCountFromTheSlotAfterQ() {
        for (ParityLayout layout : ParityLayout.forLevel(6)) {
            for (int disks = 4; disks <= 9; disks++) {
                for (long row = 0; row < 3L * disks; row++) {
                    int q = layout.parityQ(row, disks);
                    int counted = 0;
                    for (int step = 1; step < disks; step++) {
                        int slot = (q + step) % disks;
                        int index = layout.dataIndex(row, slot, disks);
                        if (index >= 0) {
                            int wanted = layout.weighsBySlot() ? slot : counted++;
                            assertEquals(wanted, layout.exponent(row, index, disks), layout + " row " + row);
                        }
                    }
                }
            }
        }
    }

    @Test
    void slotAndDataIndexAreInverse() {
        for (ParityLayout layout : ParityLayout.values()) {
            for (int disks = layout.level() == 6 ? 4 : 2; disks <= 9; disks++) {
                for (long row = 0; row < 3L * disks; row++) {
                    Set<Integer> slots = new HashSet<>();
                    slots.add(layout.parityP(row, disks));
                    if (layout.parityCount() == 2) {
                        slots.add(layout.parityQ(row, disks));
                    }
                    for (int index = 0; index < disks - layout.parityCount(); index++) {
                        int slot = layout.dataSlot(row, index, disks);
                        assertTrue(slots.add(slot), layout + ": slot " + slot + " is taken twice");
                        assertEquals(index, layout.dataIndex(row, slot, disks), layout.toString());
                    }
                    assertEquals(disks, slots.size(), layout.toString());
                }
            }
        }
    }

    private static char holds(ParityLayout layout, long row, int slot, int disks) {
        if (slot == layout.parityP(row, disks)) {
            return 'P';
        }
        if (slot == layout.parityQ(row, disks)) {
            return 'Q';
        }
        return Character.forDigit(layout.dataIndex(row, slot, disks), 10);
    }

    private static List<String> tableLines() throws IOException {
        try (InputStream table = ParityLayoutTest.class.getResourceAsStream("/layout-tables.txt")) {
            return new String(java.util.Objects.requireNonNull(table).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }
}
