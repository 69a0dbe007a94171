package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.lost.LostArrayCandidate;
import io.mdfuse.raid.lost.LostArrayShape;
import io.mdfuse.raid.spec.DeviceSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of candidates that can't be told apart. */
class RecoverReportTest {
    private static LostArrayCandidate candidate(ParityLayout layout, double map, String... order) {
        return new LostArrayCandidate(
                new LostArrayShape(layout, order.length, 64 << 10, 1 << 20),
                List.of(order),
                "XFS",
                100,
                100,
                order.length,
                new LostArrayCandidate.Fit(-1, map, 1, 1),
                null);
    }

    private static RecoverReport report(LostArrayCandidate... candidates) throws IOException {
        return new RecoverReport(List.of(candidates), SuperblockClaims.of(List.of()));
    }

    private static long doubts(RecoverReport report, String words) {
        return report.lines().stream().filter(line -> line.contains(words)).count();
    }

    /** RAID-4 is parity-first with the order turned: every data chunk is at the same place of the same device. */
    @Test
    void twoShapesOfOneVolumeAreSaidToBeOne() throws IOException {
        RecoverReport report = report(
                candidate(ParityLayout.RAID4, 1, "a", "missing", "c", "d"),
                candidate(ParityLayout.PARITY_FIRST_5, 1, "d", "a", "missing", "c"),
                candidate(ParityLayout.PARITY_FIRST_5, 0.5, "a", "d", "missing", "c"));
        assertEquals(1, doubts(report, "the same volume as candidate 1: no byte"), report.lines()::toString);
        assertEquals(0, doubts(report, "equally well"), report.lines()::toString);
        assertTrue(report.toJson().contains("\"doubt\" : \"the same volume as candidate 1"));
    }

    /** A file system has superblocks too. */
    @Test
    void theSuperblocksAreCalledThoseOfMd() throws IOException {
        Path directory = Files.createTempDirectory("recover");
        try {
            String image = directory.resolve("a").toString();
            CommandRun.of("create", "-l5", "-n2", "-z16M", "-c64K", image, "missing");
            try (BlockDevice device = PeekDevice.open(DeviceSpec.parse(image))) {
                SuperblockClaims claims = SuperblockClaims.of(List.of(device));
                LostArrayCandidate same = candidate(ParityLayout.LEFT_SYMMETRIC_5, 1, image, "missing");
                assertEquals(List.of("The md superblocks of " + image + " say the same."), claims.lines(same));
                String wrong = claims.lines(candidate(ParityLayout.RAID4, 1, image, "missing"))
                        .getFirst();
                assertTrue(wrong.startsWith("The md superblocks are wrong: created "), wrong);
            }
        } finally {
            Files.deleteIfExists(directory.resolve("a"));
            Files.delete(directory);
        }
    }

    @Test
    void twoVolumesThatFitEquallyWellAreSaidToDoSo() throws IOException {
        RecoverReport report = report(
                candidate(ParityLayout.LEFT_SYMMETRIC_5, 1, "a", "b", "c", "missing"),
                candidate(ParityLayout.LEFT_ASYMMETRIC_5, 1, "a", "b", "c", "missing"));
        assertEquals(1, doubts(report, "another volume than candidate 1"), report.lines()::toString);
        assertEquals(0, doubts(report, "the same volume"), report.lines()::toString);
    }

    @Test
    void twoOrdersThatShowTheSameFileSystemAreNotCalledAnotherVolume() throws IOException {
        LostArrayCandidate second = candidate(ParityLayout.LEFT_SYMMETRIC_5, 1, "c", "b", "a");
        RecoverReport report = report(
                candidate(ParityLayout.LEFT_SYMMETRIC_5, 1, "a", "b", "c"),
                new LostArrayCandidate(
                        second.shape(),
                        second.order(),
                        second.content(),
                        second.clues(),
                        second.agreeing(),
                        second.certainSlots(),
                        second.fit(),
                        new LostArrayCandidate.Twin(0, 1 << 20)));
        assertEquals(0, doubts(report, "another volume"), report.lines()::toString);
        assertEquals(1, doubts(report, "the same XFS as in candidate 1"), report.lines()::toString);
        assertEquals(1, doubts(report, "1M later in the volume"), report.lines()::toString);
    }
}
