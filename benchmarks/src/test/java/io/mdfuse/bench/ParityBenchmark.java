package io.mdfuse.bench;

import io.mdfuse.raid.parity.DualParity;
import io.mdfuse.raid.parity.SyndromeSum;
import io.mdfuse.raid.parity.XorParity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Microseconds for the parity of one stripe with chunks of 64 KiB, beside Intel's ISA-L: P, P and Q, and the rebuild of
 * one and of two data blocks. The set-up checks that both give the same bytes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ParityBenchmark {
    private static final int BLOCK_BYTES = 64 * 1024;

    /** The exponents of the two blocks that are lost. */
    private static final int LOST_A = 2;

    private static final int LOST_B = 0;

    /** How many data blocks a stripe has. */
    @Param({"4", "8"})
    public int data;

    /** How many stripes take turns: one stays in the second-level cache, 64 come from memory. */
    @Param({"1", "64"})
    public int stripes;

    private final Arena arena = Arena.ofShared();
    private final List<Stripe> all = new ArrayList<>();
    private @Nullable IsaL isaL;
    private int turn;

    /** The blocks of one stripe, and the pointers and tables that ISA-L takes. */
    private record Stripe(
            List<MemorySegment> data,
            MemorySegment p,
            MemorySegment q,
            MemorySegment first,
            MemorySegment second,
            MemorySegment xor,
            MemorySegment pq,
            MemorySegment rebuildOne,
            MemorySegment survivors,
            MemorySegment rebuilt) {}

    private @Nullable MemorySegment tables;

    @Setup(Level.Trial)
    public void setUp() throws Throwable {
        Random random = new Random(1);
        for (int i = 0; i < stripes; i++) {
            all.add(stripe(random));
        }
        try {
            isaL = new IsaL();
        } catch (IllegalArgumentException _) {
            System.err.println("ISA-L is not installed (libisal2): its benchmarks do nothing");
            return;
        }
        tables = isaL.tables(arena, data, 2, matrix());
        // With more stripes each call takes another one.
        if (stripes == 1) {
            check();
        }
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        arena.close();
    }

    private Stripe stripe(Random random) {
        List<MemorySegment> blocks = new ArrayList<>();
        for (int i = 0; i < data + 4; i++) {
            byte[] bytes = new byte[BLOCK_BYTES];
            random.nextBytes(bytes);
            blocks.add(arena.allocate(BLOCK_BYTES, 4096).copyFrom(MemorySegment.ofArray(bytes)));
        }
        List<MemorySegment> sources = blocks.subList(0, data);
        MemorySegment p = blocks.get(data);
        MemorySegment q = blocks.get(data + 1);
        MemorySegment first = blocks.get(data + 2);
        MemorySegment second = blocks.get(data + 3);
        DualParity.sum(p, q, sources);
        List<MemorySegment> others = new ArrayList<>(sources);
        others.remove(LOST_A);
        List<MemorySegment> survivors = new ArrayList<>(others);
        survivors.remove(LOST_B);
        survivors.addAll(List.of(p, q));
        others.addAll(List.of(p, first));
        return new Stripe(
                List.copyOf(sources),
                p,
                q,
                first,
                second,
                IsaL.pointers(arena, blocks.subList(0, data + 1)),
                IsaL.pointers(arena, blocks.subList(0, data + 2)),
                IsaL.pointers(arena, others),
                IsaL.pointers(arena, survivors),
                IsaL.pointers(arena, List.of(first, second)));
    }

    /** The rows that solve block a and block b from the other data blocks, P and Q. */
    private byte[] matrix() {
        byte[] matrix = new byte[2 * data];
        MemorySegment[] sums = {MemorySegment.ofArray(new byte[1]), MemorySegment.ofArray(new byte[1])};
        for (int source = 0; source < data; source++) {
            // The column of a source is what solving gives if that source is 1 and all others are 0.
            List<MemorySegment> column = new ArrayList<>();
            int exponentOfSource = source == 0 ? 1 : source + 2;
            for (int exponent = 0; exponent < data; exponent++) {
                byte one = (byte) (source < data - 2 && exponent == exponentOfSource ? 1 : 0);
                column.add(MemorySegment.ofArray(new byte[] {one}));
            }
            DualParity.sum(sums[0], sums[1], column);
            XorParity.add(sums[0], MemorySegment.ofArray(new byte[] {(byte) (source == data - 2 ? 1 : 0)}));
            XorParity.add(sums[1], MemorySegment.ofArray(new byte[] {(byte) (source == data - 1 ? 1 : 0)}));
            DualParity.solveTwo(sums[0], sums[1], LOST_A, LOST_B);
            matrix[source] = sums[0].toArray(ValueLayout.JAVA_BYTE)[0];
            matrix[data + source] = sums[1].toArray(ValueLayout.JAVA_BYTE)[0];
        }
        return matrix;
    }

    private void check() throws Throwable {
        Stripe stripe = all.getFirst();
        byte[] p = stripe.p().toArray(ValueLayout.JAVA_BYTE);
        byte[] q = stripe.q().toArray(ValueLayout.JAVA_BYTE);
        stripe.p().fill((byte) 0);
        isaPq();
        requireSame(MemorySegment.ofArray(p), stripe.p());
        requireSame(MemorySegment.ofArray(q), stripe.q());
        rebuildOne();
        requireSame(stripe.data().get(LOST_A), stripe.first());
        isaRebuildOne();
        requireSame(stripe.data().get(LOST_A), stripe.first());
        rebuildTwo();
        requireSame(stripe.data().get(LOST_A), stripe.first());
        requireSame(stripe.data().get(LOST_B), stripe.second());
        stripe.first().fill((byte) 0);
        isaRebuildTwo();
        requireSame(stripe.data().get(LOST_A), stripe.first());
        requireSame(stripe.data().get(LOST_B), stripe.second());
    }

    private static void requireSame(MemorySegment wanted, MemorySegment found) {
        if (wanted.mismatch(found) >= 0) {
            throw new IllegalStateException("two ways of the same sum differ at " + wanted.mismatch(found));
        }
    }

    private Stripe next() {
        turn = turn + 1 < stripes ? turn + 1 : 0;
        return all.get(turn);
    }

    @Benchmark
    public void sumP() {
        Stripe stripe = next();
        XorParity.sum(stripe.p(), stripe.data());
    }

    @Benchmark
    public void isaP() throws Throwable {
        if (isaL != null) {
            isaL.xor(data + 1, BLOCK_BYTES, next().xor());
        }
    }

    @Benchmark
    public void sumPq() {
        Stripe stripe = next();
        DualParity.sum(stripe.p(), stripe.q(), stripe.data());
    }

    @Benchmark
    public void isaPq() throws Throwable {
        if (isaL != null) {
            isaL.pq(data + 2, BLOCK_BYTES, next().pq());
        }
    }

    @Benchmark
    public void rebuildOne() {
        Stripe stripe = next();
        List<MemorySegment> others = new ArrayList<>(stripe.data());
        others.set(LOST_A, stripe.p());
        XorParity.sum(stripe.first(), others);
    }

    @Benchmark
    public void isaRebuildOne() throws Throwable {
        if (isaL != null) {
            isaL.xor(data + 1, BLOCK_BYTES, next().rebuildOne());
        }
    }

    @Benchmark
    public void rebuildTwo() {
        Stripe stripe = next();
        SyndromeSum sum = new SyndromeSum(stripe.first(), stripe.second());
        for (int exponent = data - 1; exponent >= 0; exponent--) {
            if (exponent != LOST_A && exponent != LOST_B) {
                sum.add(exponent, stripe.data().get(exponent));
            }
        }
        sum.finish();
        XorParity.add(stripe.first(), stripe.p());
        XorParity.add(stripe.second(), stripe.q());
        DualParity.solveTwo(stripe.first(), stripe.second(), LOST_A, LOST_B);
    }

    @Benchmark
    public void isaRebuildTwo() throws Throwable {
        if (isaL != null && tables != null) {
            Stripe stripe = next();
            isaL.multiply(BLOCK_BYTES, data, 2, tables, stripe.survivors(), stripe.rebuilt());
        }
    }
}
