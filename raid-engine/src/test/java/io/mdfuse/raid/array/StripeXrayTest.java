package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.xray.StripeBlock;
import io.mdfuse.raid.xray.StripeXray;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One stripe as it is shown: the content of its blocks, and the block that does not fit. */
class StripeXrayTest {
    private static List<FoundDevice> found(ScrubbedArray scrubbed, int leftOut) throws IOException {
        List<FoundDevice> found = new ArrayList<>();
        for (CrashDisk disk : scrubbed.disks()) {
            if (scrubbed.disks().indexOf(disk) != leftOut) {
                found.add(MemberLocator.require(disk));
            }
        }
        return found;
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void everyBlockIsShownAndTheWrongOneIsNamed(ParityLayout layout) throws IOException {
        int disks = 5;
        ArrayShape shape = ScrubRuns.shape(layout, disks, 16, disks, 0);
        ArrayGeometry geometry = shape.geometry();
        ScrubbedArray scrubbed = new ScrubbedArray(shape, CrashTrace.recording());
        for (int row = 0; row < disks; row++) {
            long offset = row * geometry.rowSectors() * 512 + 4096;
            StripeXray sound = StripeXray.of(found(scrubbed, -1), offset);
            assertEquals(layout.parityCount() == 2 ? "P and Q fit the data" : "P fits the data", sound.fit());
            assertEquals(row, sound.row());
            for (StripeBlock block : sound.blocks()) {
                if (block.volumeOffsetBytes() >= 0) {
                    int from = (int) block.volumeOffsetBytes();
                    assertArrayEquals(
                            Arrays.copyOfRange(scrubbed.content(), from, from + 4096),
                            Objects.requireNonNull(block.content()).toArray(ValueLayout.JAVA_BYTE));
                }
            }
            StripeXray lacking = StripeXray.of(found(scrubbed, row), offset);
            assertNull(lacking.blocks().get(row).content());
            String holds = lacking.blocks().get(row).holds();
            assertEquals(
                    layout.parityCount() == 1
                            ? "nothing to compare with: 1 of 5 blocks can't be read; they can be solved from the others"
                            : holds.equals("Q")
                                    ? "P fits the data"
                                    : holds.equals("P")
                                            ? "Q fits the data"
                                            : "Q fits the data, with " + holds + " solved from P",
                    lacking.fit());
        }
        for (int row = 0; row < disks; row++) {
            scrubbed.corrupt(row, row * 8192 + 4096, 100);
            StripeXray wrong = StripeXray.of(found(scrubbed, -1), row * geometry.rowSectors() * 512 + 4096);
            String holds = wrong.blocks().get(row).holds();
            assertEquals(
                    layout.parityCount() == 1
                            ? "P and the data disagree: one parity can't tell which block is wrong"
                            : holds.equals("P")
                                    ? "Q fits the data, P does not"
                                    : holds.equals("Q")
                                            ? "P fits the data, Q does not"
                                            : holds + " in slot " + row + " does not fit all the others",
                    wrong.fit());
        }
    }
}
