package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.raid.lost.LostArrayCandidate;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What {@code recover} prints: the candidates, best first, why, and the command that mounts each of them. */
record RecoverReport(List<LostArrayCandidate> candidates, SuperblockClaims claims) {
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int index = 0; index < candidates.size(); index++) {
            LostArrayCandidate candidate = candidates.get(index);
            lines.add((index + 1) + ". score " + candidate.score() + ": " + shape(candidate));
            lines.add("   " + why(candidate));
            String doubt = doubt(index);
            if (!doubt.isEmpty()) {
                lines.add("   " + doubt);
            }
            lines.add("   " + command(candidate));
        }
        if (!candidates.isEmpty() && !claims.isEmpty()) {
            lines.addAll(claims.lines(candidates.getFirst()));
        }
        return lines;
    }

    private static String shape(LostArrayCandidate candidate) {
        return "RAID-" + candidate.shape().level() + " of " + candidate.shape().raidDisks() + ", chunk "
                + SizeConverter.format(candidate.shape().chunkBytes()) + ", layout "
                + candidate.shape().layout().mdName() + ", data offset "
                + SizeConverter.format(candidate.shape().dataOffsetBytes());
    }

    private static String why(LostArrayCandidate candidate) {
        int guessed = candidate.presentSlots() - Math.min(candidate.presentSlots(), candidate.certainSlots());
        return evidence(candidate)
                + (candidate.parityFit() < 0
                        ? "parity can't be checked without the missing device"
                        : String.format(
                                Locale.ROOT, "parity fits in %.0f %% of the stripes", candidate.parityFit() * 100))
                + (guessed > 1 ? "; the order of " + guessed + " devices is a guess" : "");
    }

    /** What can't be told between a candidate and one before it; empty if there is nothing of that kind. */
    private String doubt(int index) {
        LostArrayCandidate candidate = candidates.get(index);
        for (int before = 0; before < index; before++) {
            if (candidates.get(before).showsSameVolumeAs(candidate)) {
                return "the same volume as candidate " + (before + 1)
                        + ": no byte tells which of the two shapes the array had";
            }
        }
        LostArrayCandidate.Twin twin = candidate.twin();
        if (twin != null) {
            return sameFiles(twin, candidate.content());
        }
        for (int before = 0; before < index; before++) {
            if (candidates.get(before).fitsAsWellAs(candidate)) {
                return "another volume than candidate " + (before + 1)
                        + ", and all that was compared fits equally well: nothing found tells which is right;"
                        + " mount both and look";
            }
        }
        return "";
    }

    private static String sameFiles(LostArrayCandidate.Twin twin, String content) {
        long later = twin.laterBytes();
        String where = later == 0
                ? ""
                : ", here " + SizeConverter.format(Math.abs(later)) + (later > 0 ? " later" : " earlier")
                        + " in the volume";
        return "the same " + content + " as in candidate " + (twin.index() + 1) + ", every block compared" + where
                + ": too little is written to tell the two apart, and both give the same files";
    }

    private static String evidence(LostArrayCandidate candidate) {
        if (candidate.clues() > 0) {
            return candidate.agreeing() + " of " + candidate.clues() + " blocks of " + candidate.content()
                    + " lie where they say; ";
        }
        return candidate.content() + ": the order in which the content flows best from chunk to chunk"
                + (candidate.fit().distinct() < 0.6 ? ", and others flow nearly as well" : "") + "; ";
    }

    static String command(LostArrayCandidate candidate) {
        return "mdfuse mount --read-only --assume " + AssumeWord.of(candidate.shape()) + " "
                + candidate.order().stream().map(RecoverReport::quoted).collect(Collectors.joining(" "))
                + " MOUNTPOINT";
    }

    /** As a shell takes it; a file that is called missing needs its directory. */
    private static String quoted(String name) {
        return name.matches("[A-Za-z0-9_./@,:+=-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
    }

    String toJson() throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
            out.writeStartObject();
            out.writeArrayFieldStart("candidates");
            for (int index = 0; index < candidates.size(); index++) {
                write(candidates.get(index), doubt(index), out);
            }
            out.writeEndArray();
            out.writeArrayFieldStart("superblocks");
            if (!candidates.isEmpty()) {
                for (String line : claims.lines(candidates.getFirst())) {
                    out.writeString(line.strip());
                }
            }
            out.writeEndArray();
            out.writeEndObject();
        }
        return text.toString();
    }

    private static void write(LostArrayCandidate candidate, String doubt, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeNumberField("score", candidate.score());
        out.writeNumberField("level", candidate.shape().level());
        out.writeNumberField("raid_devices", candidate.shape().raidDisks());
        out.writeNumberField("chunk_bytes", candidate.shape().chunkBytes());
        out.writeStringField("layout", candidate.shape().layout().mdName());
        out.writeNumberField("data_offset_bytes", candidate.shape().dataOffsetBytes());
        out.writeArrayFieldStart("order");
        for (String name : candidate.order()) {
            out.writeString(name);
        }
        out.writeEndArray();
        out.writeStringField("content", candidate.content());
        out.writeNumberField("clues", candidate.clues());
        out.writeNumberField("clues_that_agree", candidate.agreeing());
        if (candidate.parityFit() >= 0) {
            out.writeNumberField("parity_fit", candidate.parityFit());
        }
        out.writeStringField("why", why(candidate));
        if (!doubt.isEmpty()) {
            out.writeStringField("doubt", doubt);
        }
        out.writeStringField("mount", command(candidate));
        out.writeEndObject();
    }

    /** One line for the case that there is no candidate. */
    String nothingFound() {
        return "nothing on these devices says where it belongs: no metadata of an ext4, XFS or btrfs was found that"
                + " fits together, and without it many orders fit equally well; give more of the array's devices, or"
                + " mount a shape that you know with --assume"
                + (claims.isEmpty()
                        ? ""
                        : "; the md superblocks that are there may be right:"
                                + " mdfuse mount --read-only --run DEVICE... MOUNTPOINT");
    }
}
