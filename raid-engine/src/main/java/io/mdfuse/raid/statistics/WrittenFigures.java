package io.mdfuse.raid.statistics;

import java.util.OptionalDouble;

/**
 * How many bytes were written where since the array was opened.
 *
 * @param volumeBytes by requests, to the volume
 * @param memberBytes to the data areas of all members for these requests: data, parity, and what was trimmed by zeros
 * @param journalBytes to the journal: data, parity and meta blocks; 0 if the array has none
 * @param passBytes to the members by resyncs and rebuilds, which are not part of the amplification
 */
public record WrittenFigures(long volumeBytes, long memberBytes, long journalBytes, long passBytes) {
    /** Bytes written to members and journal for each byte written to the volume; empty before the first write. */
    public OptionalDouble amplification() {
        return volumeBytes == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) (memberBytes + journalBytes) / volumeBytes);
    }
}
