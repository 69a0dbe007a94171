package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The complete table, for every cache of up to 24 stripes in every state. */
class WriteOutPolicyTest {
    private interface Row {
        void check(int cached, int full, int most, LogPressure pressure, boolean waiting, WriteOutPolicy policy);
    }

    private static void forEveryRow(Row row) {
        for (int most = 1; most <= 24; most++) {
            for (int cached = 0; cached <= most; cached++) {
                for (int full = 0; full <= cached; full++) {
                    for (LogPressure pressure : LogPressure.values()) {
                        for (boolean waiting : new boolean[] {false, true}) {
                            WriteOutPolicy policy = WriteOutPolicy.of(cached, full, most, pressure, waiting);
                            row.check(cached, full, most, pressure, waiting, policy);
                        }
                    }
                }
            }
        }
    }

    @Test
    void theThresholdsAreExactFractions() {
        forEveryRow((cached, full, most, pressure, waiting, policy) -> {
            boolean high = cached > 0 && (waiting || cached / (double) most > 0.75);
            boolean moderate = cached / (double) most > 0.5 || full / (double) most > 0.25;
            boolean oldestToo = cached > 0 && pressure != LogPressure.RELAXED;
            assertEquals(high || moderate ? full : 0, policy.full(), "full of " + cached + "/" + full + "/" + most);
            boolean partials = high || oldestToo;
            assertEquals(partials ? WriteOutPolicy.GROUP : 0, policy.oldest(), "oldest of " + cached + "/" + most);
        });
    }

    @Test
    void itIsNotIdleWhileARequestWaitsAndAStripeIsCached() {
        forEveryRow((cached, full, most, pressure, waiting, policy) -> {
            if (waiting && cached > 0) {
                assertFalse(policy.isIdle(), cached + " of " + most + " cached");
                assertTrue(policy.oldest() > 0, "all cached stripes may be partial");
            }
        });
    }

    @Test
    void itIsIdleIfNothingIsCached() {
        forEveryRow((cached, full, most, pressure, waiting, policy) -> assertTrue(cached > 0 || policy.isIdle()));
    }

    @Test
    void aTightLogHasItsOldestStripesWrittenOut() {
        forEveryRow((cached, full, most, pressure, waiting, policy) -> {
            if (cached > 0 && pressure != LogPressure.RELAXED) {
                assertTrue(policy.oldest() > 0);
            }
        });
    }

    /** Written out earlier, a partial stripe that may still become full would need reads for its parity. */
    @Test
    void partialStripesAreWrittenOutForCacheSlotsOnlyAfterAllFullOnes() {
        forEveryRow((cached, full, most, pressure, waiting, policy) -> {
            if (policy.oldest() > 0 && pressure == LogPressure.RELAXED) {
                assertEquals(full, policy.full());
            }
        });
    }

    @Test
    void aFullCacheIsAlwaysWrittenOut() {
        forEveryRow((cached, full, most, pressure, waiting, policy) -> {
            if (cached == most) {
                assertFalse(policy.isIdle(), "a cache of " + most);
            }
        });
    }
}
