package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Arrays of every layout that lose members and change between md and mdfuse: md makes an array, loses members and
 * continues to write; mdfuse reads the array and continues to write, md reads that; mdfuse rebuilds the members, and md
 * finds the same content and no mismatch.
 */
@Tag("oracle")
@Execution(ExecutionMode.CONCURRENT)
class DegradedOracleTest {
    private static final int CHUNK_KIB = 16;
    private static final long MEMBER_BYTES = 8 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    /** One array, under its layout's name. */
    private record Case(String layout, Images images, int lost) {}

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6})
    void eachContinuesWhatTheOtherLeft(int level) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Case> cases = new ArrayList<>();
            for (String layout : TestArrayShape.layouts(level)) {
                Path directory = scratch.path("array" + cases.size());
                Images images = Images.blank(directory, level == 6 ? 5 : 4, MEMBER_BYTES, 0);
                // For RAID-6 alternately one or two members; at the end each slot has been lost once.
                cases.add(new Case(layout, images, level == 6 ? 1 + cases.size() % 2 : 1));
            }
            List<String> mdWrote = degradeWithMd(level, cases);
            List<Images> degraded = new ArrayList<>();
            List<String> oursWrote = new ArrayList<>();
            for (int i = 0; i < cases.size(); i++) {
                Case each = cases.get(i);
                try (MountedArray array = MountedArray.mount(each.images(), scratch.path("mnt"))) {
                    assertEquals("" + each.lost(), array.attribute("degraded"), each::toString);
                    assertEquals(mdWrote.get(i), Digests.sha256(array.volume()), each::toString);
                    PatternWriter.fill(array.volume(), new WorkPattern(i));
                    oursWrote.add(Digests.sha256(array.volume()));
                    array.unmount();
                }
                degraded.add(each.images().copyTo(scratch.path("degraded" + i)));
            }
            assertEquals(oursWrote, readWithMd(degraded));
            List<Oracle.Verdict> rebuilt = new ArrayList<>();
            List<Images> whole = new ArrayList<>();
            for (int i = 0; i < cases.size(); i++) {
                Case each = cases.get(i);
                rebuild(each, lostSlots(each, i).toList(), scratch.path("mnt"));
                whole.add(each.images());
                rebuilt.add(new Oracle.Verdict(oursWrote.get(i), 0));
            }
            assertEquals(rebuilt, Oracle.judge(whole));
        }
    }

    private static Stream<Integer> lostSlots(Case each, int index) {
        return IntStream.range(0, each.lost())
                .mapToObj(i -> (index + i) % each.images().members().size());
    }

    /** The content of each array after md has lost members of it and continued to write. */
    private static List<String> degradeWithMd(int level, List<Case> cases) throws IOException {
        List<String> jobs = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            Case each = cases.get(i);
            StringBuilder job = new StringBuilder();
            job.append("mdadm --create /dev/md0 --run --assume-clean --level=%d --raid-devices=%d --chunk=%d"
                    .formatted(level, each.images().members().size(), CHUNK_KIB));
            job.append(each.layout().isEmpty() ? "" : " --layout=" + each.layout())
                    .append(" NODES <<<y >&2\n");
            job.append(
                    "tr '\\0' x </dev/zero | dd of=/dev/md0 bs=1M status=none iflag=fullblock 2>/dev/null || true\n");
            lostSlots(each, i)
                    .forEach(slot -> job.append(
                            "mdadm --fail /dev/md0 $(echo NODES | cut -d' ' -f%d) >&2\n".formatted(slot + 1)));
            job.append("seq 1000000 | dd of=/dev/md0 bs=37K seek=20 count=120 iflag=fullblock status=none\n");
            job.append("sync; sha256sum </dev/md0 | cut -d' ' -f1; mdadm --stop /dev/md0 >&2\n");
            jobs.add(job.toString());
        }
        return Oracle.runEach(jobs, cases.stream().map(Case::images).toList());
    }

    private static List<String> readWithMd(List<Images> arrays) throws IOException {
        String job = """
                mdadm --assemble --run /dev/md0 NODES >&2
                sha256sum </dev/md0 | cut -d' ' -f1
                mdadm --stop /dev/md0 >&2
                """;
        return Oracle.runEach(Collections.nCopies(arrays.size(), job), arrays);
    }

    /** Adds new members, on the same images, for those that were lost; returns when all are rebuilt. */
    private static void rebuild(Case each, List<Integer> lost, Path mountPoint) throws IOException {
        try (MountedArray array = MountedArray.mount(each.images(), mountPoint)) {
            MemberVerbs verbs = new MemberVerbs(array);
            for (int slot : lost) {
                Path member = each.images().members().get(slot);
                verbs.run("remove", member).orFail();
                verbs.run("add", "--force", member).orFail();
            }
            verbs.awaitWhole();
            array.unmount();
        }
    }
}
