package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A quota that is used up, and a limit of the process, are a lack of room, as a full file system is; nothing else is.
 */
class HostSpaceTest {
    @ParameterizedTest
    @CsvSource({"28, true", "122, true", "27, true", "5, false", "30, false", "116, false"})
    void aLackOfRoomIsNoFailureOfTheDevice(int errno, boolean lacksRoom) {
        assertEquals(lacksRoom, HostSpace.lacksRoom(errno));
        DeviceException failure = HostSpace.failure("/tmp/a.img", "write", 4096, 512, errno);
        assertEquals(lacksRoom, failure instanceof NoSpaceException);
        assertTrue(failure.toString().contains(LinuxCalls.message(errno)), failure.toString());
    }
}
