package io.mdfuse.cli;

/**
 * The ring of a journal as a line of characters, each of which stands for an equal part of the ring:
 *
 * <pre>
 *   ·····T====C########H·······
 * </pre>
 *
 * <p>T is the tail, C the checkpoint, H the head, where the next append goes. {@code =} can be freed at the next
 * reclaim, {@code #} is still needed, and {@code ·} is free. Where several fall into one character, H stands for all,
 * and T for T and C.
 */
final class JournalRingLine {
    private final WatchFigures.Ring ring;
    private final int width;

    /** @param width how many characters, at least 1 */
    JournalRingLine(WatchFigures.Ring ring, int width) {
        this.ring = ring;
        this.width = width;
    }

    String text() {
        StringBuilder line = new StringBuilder();
        int tail = column(ring.tail());
        int checkpoint = column(ring.checkpoint());
        int head = column(ring.head());
        for (int column = 0; column < width; column++) {
            if (column == head) {
                line.append('H');
            } else if (column == tail) {
                line.append('T');
            } else if (column == checkpoint) {
                line.append('C');
            } else {
                line.append(between(column));
            }
        }
        return line.toString();
    }

    private int column(long position) {
        return (int) Math.min(width - 1, position * width / ring.size());
    }

    /** A character is judged by the middle of its part. */
    private char between(int column) {
        long middle = (long) ((column + 0.5) * ring.size() / width);
        long fromTail = distance(ring.tail(), middle);
        if (fromTail >= ring.used()) {
            return '·';
        }
        return fromTail < distance(ring.tail(), ring.checkpoint()) ? '=' : '#';
    }

    private long distance(long from, long to) {
        return to >= from ? to - from : to + ring.size() - from;
    }
}
