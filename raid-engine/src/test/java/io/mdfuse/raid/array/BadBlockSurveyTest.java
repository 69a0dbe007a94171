package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.RecoveryPosition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an array loses because of bad-block lists, as distinct from what it loses because of missing members. */
class BadBlockSurveyTest {
    private static final ArrayGeometry GEOMETRY = new ArrayGeometry(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 64);

    private static BadBlockSurvey.Slot member(long heldSectors, long... listed) {
        BadBlocks blocks = new BadBlocks(0, 8);
        for (long sector : listed) {
            blocks.add(100 + sector, 8);
        }
        return new BadBlockSurvey.Slot(blocks, 100, RecoveryPosition.at(heldSectors));
    }

    /**
     * A second member fails during a rebuild: the blocks are lost even without a list, so no list is reported as the
     * cause.
     */
    @Test
    void blocksLostBecauseOfMissingMembersAreNotAttributedToLists() {
        BadBlockSurvey survey = new BadBlockSurvey(
                GEOMETRY,
                List.of(
                        new BadBlockSurvey.Slot(null, 0, RecoveryPosition.none()),
                        member(16),
                        member(Long.MAX_VALUE, 40)));
        assertTrue(survey.allReplaceable());
        assertEquals(Map.of(), survey.lostVolumeRanges(9));
        assertEquals(8, survey.lostSectors(2));
    }

    @Test
    void blocksListedBesideAMissingMemberAreLostWithItsBlocks() {
        BadBlockSurvey survey = new BadBlockSurvey(
                GEOMETRY,
                List.of(
                        new BadBlockSurvey.Slot(null, 0, RecoveryPosition.none()),
                        member(Long.MAX_VALUE, 0),
                        member(Long.MAX_VALUE)));
        assertFalse(survey.allReplaceable());
        assertEquals(8, survey.lostSectors(1));
        // Row 0 of left-symmetric: parity in slot 2, so both data chunks lack their first 4 KiB.
        assertEquals(Map.of(0L, 4096L, 8192L, 4096L), survey.lostVolumeRanges(9));
        assertTrue(survey.replaceable(1).isEmpty());
    }

    @Test
    void listsOfDifferentStripesLoseNothing() {
        BadBlockSurvey survey = new BadBlockSurvey(
                GEOMETRY, List.of(member(Long.MAX_VALUE, 0), member(Long.MAX_VALUE, 8), member(Long.MAX_VALUE, 16)));
        assertTrue(survey.allReplaceable());
        assertEquals(0, survey.lostSectors(1));
    }
}
