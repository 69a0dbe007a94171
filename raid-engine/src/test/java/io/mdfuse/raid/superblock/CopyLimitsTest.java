package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@link CopyLimits} refuses, of arrays that have a journal unless the test says otherwise. */
class CopyLimitsTest {
    private static void refused(Reason reason, String words, Consumer<SuperblockEditor> change) throws Exception {
        List<FoundDevice> devices = SuperblockDisks.array(CrashTrace.notRecording(), change);
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> AssemblyRules.assemble(devices));
        assertEquals(reason, e.reason(), e.toString());
        assertTrue(e.toString().contains(words), e.toString());
        assertEquals(1, e.toString().lines().count());
    }

    @ParameterizedTest
    @CsvSource({"-1, linear", "0, raid0", "1, raid1", "10, raid10"})
    void noJournalNoReshapeNoImpossibleNumberOfSlots(int level, String name) throws Exception {
        refused(Reason.CORRUPT, "level " + name + " with journal, which needs parity", e -> e.level(level));
        refused(
                Reason.UNSUPPORTED,
                "a reshape of level " + name + " is in progress",
                e -> e.level(level).featureMap(Features.RESHAPE_ACTIVE));
        refused(
                Reason.CORRUPT,
                "level " + name + " with 1073741824 slots",
                e -> e.level(level).featureMap(0).raidDisks(1 << 30));
    }
}
