package io.mdfuse.bench;

import io.mdfuse.raid.array.ArrayAssembler;
import io.mdfuse.raid.array.ArrayRuntime;
import io.mdfuse.raid.array.AssembleOptions;
import io.mdfuse.raid.array.RaidArray;
import io.mdfuse.raid.spec.DeviceSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Prints how many microseconds it takes to open an array, which includes the replay of its journal, but not the start
 * of Java.
 *
 * <p>Usage: {@code OpenTime DEVICE...}
 */
public final class OpenTime {
    private OpenTime() {}

    public static void main(String[] arguments) throws IOException {
        var devices = Arrays.stream(arguments).map(Path::of).map(DeviceSpec::of).toList();
        ArrayRuntime runtime = ArrayRuntime.real(1);
        long begun = System.nanoTime();
        RaidArray array = ArrayAssembler.open(devices, AssembleOptions.defaults(), runtime);
        long micros = (System.nanoTime() - begun) / 1000;
        array.close();
        System.out.println(micros);
    }
}
