package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * fio writes to the mounted file and verifies what it wrote, again and again, while members are failed, removed and
 * added.
 */
@Execution(ExecutionMode.CONCURRENT)
class FioUnderManagementTest {
    /** Rounds for each array; a full test uses MDFUSE_MANAGEMENT_ROUNDS=20. */
    private static final int ROUNDS = Integer.parseInt(System.getenv().getOrDefault("MDFUSE_MANAGEMENT_ROUNDS", "3"));

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.program("fio", "fio");
    }

    @ParameterizedTest
    @CsvSource({"4, false, write-through", "5, false, write-through", "5, true, write-back", "6, true, write-back"})
    void whatFioWroteIsThere(int level, boolean journal, String mode) throws Exception {
        TestArrayShape shape = new TestArrayShape(level, level == 6 ? 5 : 4, 64, "", "1.2", journal);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = shape.create(scratch.path("images"));
            List<Path> all = new ArrayList<>(images.members());
            List<Path> free = new ArrayList<>();
            for (int spare = 0; spare < (level == 6 ? 2 : 1); spare++) {
                free.add(images.directory().resolve("spare" + spare + ".img"));
                Images.sparse(free.getLast(), TestArrayShape.MEMBER_BYTES);
            }
            all.addAll(free);
            int runs;
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                runs = exchangeUnderFio(array, mode, free);
                array.unmount();
            }
            all.removeAll(free);
            Images members = new Images(images.directory(), all, images.journal());
            try (MountedArray array = MountedArray.mount(members, scratch.path("mnt"))) {
                assertEquals("0", array.attribute("degraded"));
                fio(array.volume(), runs, "--verify_only").orFail();
                assertEquals(
                        "mismatch_cnt: 0 sectors\n",
                        new MemberVerbs(array).run("check").orFail().output());
                array.unmount();
            }
        }
    }

    /** Returns how many runs fio made; the data of the last run has not been overwritten. */
    private static int exchangeUnderFio(MountedArray array, String mode, List<Path> free) throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<Integer> fio = executor.submit(() -> {
                int runs = 0;
                while (!enough.get()) {
                    fio(array.volume(), ++runs, "--do_verify=1").orFail();
                }
                return runs;
            });
            try {
                for (int round = 0; round < ROUNDS && !fio.isDone(); round++) {
                    if (mode.equals("write-back")) {
                        // The failure of a member has ended the rebuild.
                        array.setAttribute("journal_mode", mode);
                    }
                    exchange(new MemberVerbs(array), round, free);
                }
            } finally {
                enough.set(true);
            }
            int runs = fio.get();
            assertTrue(runs > 1, "fio hardly ran");
            return runs;
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    private static void exchange(MemberVerbs verbs, int round, List<Path> free) throws IOException {
        if (free.size() == 2 && round % 2 == 1) {
            List<Path> left = verbs.exchangeTwo(round, List.copyOf(free));
            free.clear();
            free.addAll(left);
        } else {
            free.addLast(verbs.exchange(round, free.removeFirst()));
        }
    }

    private static Command.Result fio(Path volume, int seed, String verify) throws IOException {
        return Command.run(List.of(
                "fio",
                "--name=load",
                "--filename=" + volume,
                "--rw=randwrite",
                "--bsrange=1k-48k",
                "--direct=1",
                "--ioengine=libaio",
                "--iodepth=8",
                "--verify=crc32c",
                "--verify_fatal=1",
                "--verify_state_save=0",
                "--randseed=" + seed,
                verify));
    }
}
