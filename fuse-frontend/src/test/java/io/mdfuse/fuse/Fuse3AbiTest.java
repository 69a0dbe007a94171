package io.mdfuse.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The layouts, as a C compiler computes them from the headers of each version. */
class Fuse3AbiTest {
    @ParameterizedTest
    @CsvSource({
        "3.14.0, 104, false",
        "3.14.1, 104, false",
        "3.15.1, 104, false",
        "3.16.2, 104, false",
        "3.17.1-rc0, 96, true",
        "3.17.2, 96, true",
        "3.18, 96, true",
        "3.18.2, 96, true",
    })
    void followsTheVersion(String version, long nullPathOk, boolean soname4) throws MountException {
        Fuse3Abi abi = Fuse3Abi.of(version);
        assertEquals(nullPathOk, abi.nullPathOkOffset());
        assertEquals(soname4, abi.takesHeaderVersion());
        assertEquals(soname4, abi.hasExtendedFeatures());
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.13.1", "3.10.5", "3.0.0", "2.9.9", "4.0.0", "", "3", "3.x"})
    void refusesWhatItDoesNotKnow(String version) {
        MountException refusal = assertThrows(MountException.class, () -> Fuse3Abi.of(version));
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.endsWith("apt install fuse3"), message);
    }
}
