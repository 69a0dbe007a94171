package io.mdfuse.bench;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.stripe.BigStripeTree;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Nanoseconds of what each request looks up: the place of a sector, and whether a row is cached, in a tree in which
 * nothing is cached and in one with as many rows as the largest cache can have.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookUpBenchmark {
    private static final int ROWS = 32768;

    private final ArrayGeometry geometry = new ArrayGeometry(ParityLayout.LEFT_SYMMETRIC_5, 4, 128, 1L << 31);
    private final BigStripeTree empty = new BigStripeTree();
    private final BigStripeTree full = filled();
    private long random = 1;

    private static BigStripeTree filled() {
        BigStripeTree tree = new BigStripeTree();
        for (long row = 0; row < ROWS; row++) {
            tree.add(2 * row);
        }
        return tree;
    }

    private long next(int bits) {
        random = random * 6364136223846793005L + 1442695040888963407L;
        return random >>> (64 - bits);
    }

    @Benchmark
    public long placeOfSector() {
        long sector = next(32);
        return geometry.slotOf(sector) + geometry.stripeSectorOf(sector);
    }

    @Benchmark
    public boolean rowInEmptyTree() {
        return empty.isCached(next(16));
    }

    @Benchmark
    public boolean rowInFullTree() {
        return full.isCached(next(16));
    }
}
