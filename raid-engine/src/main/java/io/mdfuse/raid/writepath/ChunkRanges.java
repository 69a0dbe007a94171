package io.mdfuse.raid.writepath;

import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeRange;
import java.util.BitSet;
import java.util.List;

/** Which chunks of a bitmap belong to which stripes. */
record ChunkRanges(long chunkSectors) {
    /** The chunks with any of these stripes. */
    BitSet touched(StripeRange stripes) {
        BitSet chunks = new BitSet();
        chunks.set((int) (stripes.fromSector() / chunkSectors), (int) ((stripes.endSector() - 1) / chunkSectors) + 1);
        return chunks;
    }

    BitSet touched(List<RunWrite> runs) {
        BitSet chunks = new BitSet();
        runs.forEach(run -> chunks.or(touched(run.stripes())));
        return chunks;
    }

    /** The chunks all of whose stripes are among these. */
    BitSet covered(StripeRange stripes) {
        BitSet chunks = new BitSet();
        int from = (int) Math.ceilDiv(stripes.fromSector(), chunkSectors);
        chunks.set(from, Math.max(from, (int) (stripes.endSector() / chunkSectors)));
        return chunks;
    }

    /** The stripes of a chunk. */
    StripeRange stripesOf(int chunk, long memberSectors) {
        long from = chunk * chunkSectors;
        return StripeRange.covering(from, Math.min(memberSectors, from + chunkSectors));
    }
}
