package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Every device of an array that is written gets the hint that small writes will come, after the last flush of the
 * opening: the host can drop only what is on the medium. An array that is only read keeps the host's read-ahead.
 */
class SmallWritesHintTest {
    private static final ArrayShape JOURNALED =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 40, Superblock.IN_SYNC, true);

    private static final class Hinted extends ForwardingDevice {
        private String calls = "";

        Hinted(BlockDevice device) {
            super(device);
        }

        @Override
        public void flush() throws DeviceException {
            device.flush();
            calls = calls.replace("flush ", "") + "flush ";
        }

        @Override
        public void expectSmallWrites() {
            calls += "hint ";
        }
    }

    private static List<String> callsWhileOpening(AssembleOptions options) throws IOException {
        List<Hinted> devices = new ArrayList<>();
        for (CrashDisk disk : JOURNALED.create(CrashTrace.notRecording())) {
            devices.add(new Hinted(disk));
        }
        ManualTimer timer = new ManualTimer();
        ArrayRuntime runtime = new ArrayRuntime(timer, timer, new DirectExecutor(), new Random(1), 2);
        RaidArray array = ArrayAssembler.assemble(devices, null, options, runtime);
        List<String> calls =
                devices.stream().map(device -> device.calls.strip()).toList();
        array.close();
        return calls;
    }

    @Test
    void membersAndJournalOfAWritableArray() throws IOException {
        assertEquals(
                List.of("flush hint", "flush hint", "flush hint", "flush hint"),
                callsWhileOpening(AssembleOptions.defaults()));
    }

    @Test
    void notOfAReadOnlyArray() throws IOException {
        assertEquals(
                List.of("", "", "", ""),
                callsWhileOpening(AssembleOptions.defaults().withReadOnly(true)));
    }
}
