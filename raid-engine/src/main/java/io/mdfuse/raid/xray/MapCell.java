package io.mdfuse.raid.xray;

/**
 * What a slot holds in one row of chunks.
 *
 * @param kind data, or which parity
 * @param chunk the number of the volume's chunk, from 0; -1 unless it is data
 */
public record MapCell(Kind kind, long chunk) {
    /** What a chunk of a member can be. */
    public enum Kind {
        DATA("data"),
        P("P"),
        Q("Q"),
        UNUSED("unused");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** The word in JSON. */
        public String word() {
            return word;
        }
    }

    static final MapCell UNUSED = new MapCell(Kind.UNUSED, -1);

    static MapCell data(long chunk) {
        return new MapCell(Kind.DATA, chunk);
    }

    /** What is drawn: the chunk's number, P, Q, or a dot. */
    public String drawn() {
        return switch (kind) {
            case DATA -> Long.toString(chunk);
            case P, Q -> kind.word();
            case UNUSED -> ".";
        };
    }
}
