package io.mdfuse.raid.array.content;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Asks every probe what a volume contains. */
public final class ContentRecognition {
    private static final List<VolumeProbe> PROBES =
            List.of(new XfsProbe(), new BtrfsProbe(), new ExtProbe(), new SignatureProbe());

    private ContentRecognition() {}

    /** The content of a volume; empty if no probe recognises it, or if the sectors to look at can't be read. */
    public static Optional<VolumeContent> of(Volume volume) {
        VolumeBytes bytes = new VolumeBytes(volume);
        return PROBES.stream().flatMap(probe -> look(probe, bytes).stream()).findFirst();
    }

    /** If a sector can't be read, this probe recognises nothing; a mount must not fail because of that. */
    private static Optional<VolumeContent> look(VolumeProbe probe, VolumeBytes bytes) {
        try {
            return probe.look(bytes);
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
