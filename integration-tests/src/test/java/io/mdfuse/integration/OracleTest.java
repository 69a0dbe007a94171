package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests the oracle: md's verdicts are those recorded with its own arrays, and md finds wrong parity. */
@Tag("oracle")
class OracleTest {
    @BeforeEach
    void needs() {
        Needs.oracle();
        Needs.program("xz", "xz-utils");
    }

    @Test
    void mdRecoversItsOwnArrays() throws IOException {
        Fixture first = Fixture.named("r5-wt-power");
        Fixture second = Fixture.named("r4-wt-power");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> arrays = List.of(first.unpack(scratch.path("first")), second.unpack(scratch.path("second")));
            assertEquals(
                    List.of(
                            new Oracle.Verdict(first.recoveredSha256(), 0),
                            new Oracle.Verdict(second.recoveredSha256(), 0)),
                    Oracle.judge(arrays));
        }
    }

    @Test
    void mdSeesWrongParity() throws IOException {
        Fixture fixture = Fixture.named("r5-ra-clean");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = fixture.unpack(scratch.path("images"));
            Images.flip(images.members().getFirst(), (1 << 20) + (5 << 20));
            assertNotEquals(0, Oracle.judge(images).mismatchCount());
        }
    }
}
