package io.mdfuse.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The memory use of a process: as the kernel counts it, and the Java heap after a collection, if jcmd is available.
 *
 * @param second since the load began
 * @param residentKib all of the process's memory
 * @param heapKib the size of the Java objects in use; -1 if it is not known
 */
record MemoryUse(long second, long residentKib, long heapKib) {
    private static final Pattern HEAP_USED = Pattern.compile("(?:DefNew|Tenured)\\s+total \\d+K, used (\\d+)K");

    static MemoryUse of(long pid, long second) throws IOException {
        long heapKib = collect(pid) ? heapKib(pid) : -1;
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return new MemoryUse(second, Long.parseLong(line.replaceAll("[^0-9]", "")), heapKib);
            }
        }
        throw new IOException("process " + pid + " has no VmRSS");
    }

    private static boolean collect(long pid) throws IOException {
        return !jcmd(pid, "GC.run").isEmpty();
    }

    private static long heapKib(long pid) throws IOException {
        Matcher used = HEAP_USED.matcher(jcmd(pid, "GC.heap_info"));
        long sum = 0;
        while (used.find()) {
            sum += Long.parseLong(used.group(1));
        }
        return sum == 0 ? -1 : sum;
    }

    /** The output of jcmd; empty if there is no jcmd, or it can't reach the process. */
    private static String jcmd(long pid, String command) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(jcmd)) {
            return "";
        }
        Process process = new ProcessBuilder(List.of(jcmd.toString(), Long.toString(pid), command))
                .redirectErrorStream(true)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            boolean ended = process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
            return ended ? answer : "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /**
     * Whether memory use is stable: in the second half of a load, the maximum of the later part is hardly more than the
     * maximum of the earlier part. The first half is warm-up: compiled code, thread stacks, buffers that are allocated
     * at first use.
     */
    static boolean isFlat(List<MemoryUse> uses, java.util.function.ToLongFunction<MemoryUse> part) {
        int half = uses.size() / 2;
        int threeQuarters = (half + uses.size()) / 2;
        long before = most(uses.subList(half, threeQuarters), part);
        long after = most(uses.subList(threeQuarters, uses.size()), part);
        return after <= before + before / 20 + 4096;
    }

    private static long most(List<MemoryUse> uses, java.util.function.ToLongFunction<MemoryUse> part) {
        return uses.stream().mapToLong(part).max().orElse(Long.MAX_VALUE / 4);
    }
}
