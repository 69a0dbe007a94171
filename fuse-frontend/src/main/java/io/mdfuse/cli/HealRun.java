package io.mdfuse.cli;

import io.mdfuse.raid.array.AssembleOptions;
import io.mdfuse.raid.array.HoleHealing;
import io.mdfuse.raid.spec.DeviceSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/** Heals the images of an array before it is mounted, and shows the progress on standard error. */
final class HealRun {
    private HealRun() {}

    /** Returns when all that can be healed is durable; the lines of the report are printed. */
    static void heal(ArrayChoice choice, AssembleOptions options, PrintWriter out, PrintWriter err) throws IOException {
        List<DeviceSpec> devices =
                choice.devices().devices().stream().map(DevicePath::absolute).toList();
        HoleHealing.Report report = HoleHealing.heal(devices, options, holeBytes -> {
            ExportProgress progress = new ExportProgress(err, holeBytes);
            return progress::at;
        });
        report.lines().forEach(out::println);
        out.flush();
    }
}
