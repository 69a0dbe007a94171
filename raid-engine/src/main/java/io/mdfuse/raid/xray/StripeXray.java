package io.mdfuse.raid.xray;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.BlockVisitor;
import io.mdfuse.journal.JournalRecord;
import io.mdfuse.journal.ScannedBlock;
import io.mdfuse.journal.ScannedGap;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.recovery.JournalSurvey;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.AssemblyRules;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One stripe of an array, as the devices hold it: which device holds which block, what the journal has of it, and
 * whether the blocks fit. The devices are sorted by the rules of assembly; a device that those leave out is shown as
 * missing.
 *
 * @param stripeSector the member sector of the stripe
 * @param row its chunk row
 * @param blocks one for each slot, in the order of the slots
 * @param fit whether the blocks fit each other, in one line
 */
public record StripeXray(ArrayGeometry geometry, long stripeSector, long row, List<StripeBlock> blocks, String fit) {
    /**
     * Looks at the stripe that holds a byte of the volume.
     *
     * @param devices the members and the journal, as far as they are there
     * @param volumeOffsetBytes from 0 to the end of the volume
     * @throws ArrayRefusedException if the devices are not of one array with parity, a reshape is in progress, or the
     *     volume ends before
     */
    public static StripeXray of(List<FoundDevice> devices, long volumeOffsetBytes) throws IOException {
        Assembly assembly = AssemblyRules.assemble(devices);
        Superblock reference = assembly.reference();
        ParityLayout layout = ParityLayout.of(reference.level(), reference.layout())
                .orElseThrow(() -> refused("an array of level " + reference.level() + ", layout " + reference.layout()
                        + ", has no stripes with parity that mdfuse knows"));
        if (reference.hasFeature(Features.RESHAPE_ACTIVE)) {
            throw refused("a reshape is in progress, so a stripe has no one place");
        }
        ArrayGeometry geometry =
                new ArrayGeometry(layout, reference.raidDisks(), reference.chunkSectors(), reference.usedSectors());
        if (volumeOffsetBytes < 0 || volumeOffsetBytes >= geometry.arrayBytes()) {
            throw refused("offset " + volumeOffsetBytes + " is not in the volume, which has " + geometry.arrayBytes()
                    + " bytes");
        }
        long sector = Sectors.roundDown(Sectors.floorFromBytes(volumeOffsetBytes), Sectors.PER_BLOCK);
        long stripeSector = geometry.stripeSectorOf(sector);
        long row = geometry.rowOfStripe(stripeSector);
        Map<Integer, List<Long>> logged = logged(assembly.journal(), geometry, stripeSector);
        List<StripeBlock> blocks = new ArrayList<>();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            blocks.add(block(geometry, stripeSector, slot, assembly.slots().get(slot), logged));
        }
        return new StripeXray(geometry, stripeSector, row, List.copyOf(blocks), StripeFit.words(geometry, row, blocks));
    }

    private static ArrayRefusedException refused(String why) {
        return new ArrayRefusedException(Reason.UNSUPPORTED, why);
    }

    private static StripeBlock block(
            ArrayGeometry geometry,
            long stripeSector,
            int slot,
            @Nullable FoundDevice found,
            Map<Integer, List<Long>> logged) {
        long row = geometry.rowOfStripe(stripeSector);
        int index = geometry.dataIndex(row, slot);
        String holds = index >= 0 ? "D" + index : slot == geometry.parityP(row) ? "P" : "Q";
        long offset = index >= 0 ? Sectors.toBytes(geometry.arraySectorOf(stripeSector, index)) : -1;
        List<Long> sequences = logged.getOrDefault(slot, List.of());
        if (found == null) {
            return new StripeBlock(slot, holds, offset, null, -1, null, "no device", sequences);
        }
        long at = Sectors.toBytes(found.superblock().dataOffsetSectors() + stripeSector);
        MemorySegment content = MemorySegment.ofArray(new byte[Sectors.BLOCK_BYTES]);
        try {
            found.device().read(at, content);
            return new StripeBlock(slot, holds, offset, found.name(), at, content, "", sequences);
        } catch (DeviceException e) {
            return new StripeBlock(slot, holds, offset, found.name(), at, null, "can't be read", sequences);
        }
    }

    /** For each slot, the sequence numbers of the journal's blocks that have a page of the stripe. */
    private static Map<Integer, List<Long>> logged(
            @Nullable FoundDevice journal, ArrayGeometry geometry, long stripeSector) throws IOException {
        Map<Integer, List<Long>> bySlot = new TreeMap<>();
        if (journal == null) {
            return bySlot;
        }
        long row = geometry.rowOfStripe(stripeSector);
        new JournalSurvey(journal).walk(new BlockVisitor() {
            @Override
            public void visit(ScannedBlock block) {
                long sequence = block.position().sequence();
                for (JournalRecord each : block.records()) {
                    switch (each) {
                        case JournalRecord.Data data -> {
                            if (geometry.stripeSectorOf(data.arraySector()) == stripeSector) {
                                add(geometry.slotOf(data.arraySector()), sequence);
                            }
                        }
                        case JournalRecord.Parity parity -> {
                            if (parity.stripeSector() == stripeSector) {
                                add(geometry.parityP(row), sequence);
                                if (parity.qPageSector() != JournalRecord.NO_PAGE) {
                                    add(geometry.parityQ(row), sequence);
                                }
                            }
                        }
                        case JournalRecord.Flush flush -> {
                            if (flush.stripeSectors().contains(stripeSector)) {
                                bySlot.clear();
                            }
                        }
                    }
                }
            }

            private void add(int slot, long sequence) {
                bySlot.computeIfAbsent(slot, _ -> new ArrayList<>()).add(sequence);
            }

            @Override
            public void gap(ScannedGap gap) {
                // What was lost there can't be shown; the journal command says where it is.
            }
        });
        return bySlot;
    }
}
