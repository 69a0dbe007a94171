package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What detail, status and examine print is what mdadm and /proc/mdstat print of the same array, field by field. {@code
 * scripts/oracle/compare-mdadm.py} compares; without arguments it takes every fixture and every state.
 */
@Tag("oracle")
class MdadmWordsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "r5-degraded-clean",
                "r5-wt-clean",
                "r5-meta090-clean",
                "r5-reshape-4to5",
                "r5-reshape-to6",
                "s5-rebuilding",
                "s6-replaced",
                "s5-checking"
            })
    void fieldsAreThoseOfMdadm(String array) throws IOException {
        Needs.oracle();
        Needs.program("setfattr", "attr");
        List<String> command = new ArrayList<>();
        command.add(Project.script("oracle/compare-mdadm.py").toString());
        command.add(array);
        Command.Result result = Command.run(command);
        assertEquals(0, result.exitStatus(), result::output);
    }
}
