package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A full file system, a used-up quota and a file size limit of the process are a lack of space; other errors are not.
 */
class HostSpaceTest {
    @ParameterizedTest
    @CsvSource({"28, true", "122, true", "27, true", "5, false", "30, false", "116, false"})
    void aLackOfSpaceIsNoFailureOfTheDevice(int errno, boolean isOutOfSpace) {
        assertEquals(isOutOfSpace, HostSpace.isOutOfSpace(errno));
        DeviceException failure = HostSpace.failure("/tmp/a.img", "write", 4096, 512, errno);
        assertEquals(isOutOfSpace, failure instanceof NoSpaceException);
        assertTrue(failure.toString().contains(LinuxCalls.message(errno)), failure.toString());
    }
}
