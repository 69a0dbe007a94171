package io.mdfuse.raid.lost;

/**
 * How well the content of devices flows if they are put into an order: over the borders of chunks a volume's blocks
 * look like their neighbours, and a parity block looks unlike the data and is empty only if its stripe is. The sums
 * that do not depend on the order are made once for a chunk and a start of the data; rows that hold parity in the
 * same slots are added up.
 */
final class VolumeFlow {
    private static final double EMPTY_PARITY = -4;
    private static final double UNLIKE_PARITY = 0.7;

    private final BlockTextures textures;
    private final double[][] likelihoods;
    private final double usual;
    private final int devices;
    private final int chunkBlocks;
    private final int period;
    private final int[] rowsOf;
    /** By row of the period, device before and device behind a border within a row, and to the next row. */
    private final double[][][] within;

    private final double[][][] next;
    /** By row of the period and device: within the device's chunk, and for the device as parity. */
    private final double[][] inside;

    private final double[][] parity;

    /** @param firstBlock the start of the data on each device, in blocks */
    VolumeFlow(
            BlockTextures textures, double[][] likelihoods, int devices, int chunkBlocks, int firstBlock, int period) {
        this.textures = textures;
        this.likelihoods = likelihoods;
        this.usual = textures.usual(likelihoods);
        this.devices = devices;
        this.chunkBlocks = chunkBlocks;
        this.period = period;
        rowsOf = new int[period];
        within = new double[period][devices][devices];
        next = new double[period][devices][devices];
        inside = new double[period][devices];
        parity = new double[period][devices];
        int rows = (textures.blocks() - firstBlock) / chunkBlocks;
        for (int row = 0; row < rows; row++) {
            rowsOf[row % period]++;
            add(row % period, firstBlock + row * chunkBlocks);
        }
    }

    private void add(int row, int first) {
        int last = first + chunkBlocks - 1;
        for (int device = 0; device < devices; device++) {
            for (int block = first; block < last; block++) {
                inside[row][device] += likelihoods[textures.tail(device, block)][textures.head(device, block + 1)];
            }
            double[] likely = likelihoods[textures.tail(device, last)];
            for (int other = 0; other < devices; other++) {
                within[row][device][other] += likely[textures.head(other, first)];
                next[row][device][other] += likely[textures.head(other, last + 1)];
            }
        }
        for (int block = first; block <= last; block++) {
            addParity(parity[row], block);
        }
    }

    private void addParity(double[] parityOfRow, int block) {
        int[] counts = new int[BlockTextures.CLASSES];
        for (int device = 0; device < devices; device++) {
            counts[textures.head(device, block)]++;
        }
        if (counts[0] == devices) {
            return;
        }
        for (int device = 0; device < devices; device++) {
            int own = textures.head(device, block);
            if (own == 0) {
                parityOfRow[device] += EMPTY_PARITY;
            } else if (counts[own] == 1 && othersAreAlike(counts, own)) {
                parityOfRow[device] += UNLIKE_PARITY;
            }
        }
    }

    private boolean othersAreAlike(int[] counts, int own) {
        for (int kind = 1; kind < counts.length; kind++) {
            if (kind != own && counts[kind] == devices - 1) {
                return true;
            }
        }
        return false;
    }

    /**
     * The higher, the better the content flows in this order. What a missing device holds counts as usual, so that an
     * order in which it matters less is no better for that.
     */
    double of(LostShape shape, int[] deviceOfSlot) {
        double sum = 0;
        int disks = shape.raidDisks();
        for (int row = 0; row < period; row++) {
            int before = -1;
            for (int index = 0; index < shape.dataDisks(); index++) {
                int device = deviceOfSlot[shape.layout().dataSlot(row, index, disks)];
                sum += device < 0 ? usual * rowsOf[row] * (chunkBlocks - 1) : inside[row][device];
                if (index > 0) {
                    sum += device < 0 || before < 0 ? usual * rowsOf[row] : within[row][before][device];
                }
                before = device;
            }
            int first = deviceOfSlot[shape.layout().dataSlot(row + 1L, 0, disks)];
            sum += first < 0 || before < 0 ? usual * rowsOf[row] : next[row][before][first];
            sum += parity(row, deviceOfSlot[shape.layout().parityP(row, disks)]);
            int slotOfQ = shape.layout().parityQ(row, disks);
            sum += slotOfQ < 0 ? 0 : parity(row, deviceOfSlot[slotOfQ]);
        }
        return sum;
    }

    private double parity(int row, int device) {
        return device < 0 ? 0 : parity[row][device];
    }
}
