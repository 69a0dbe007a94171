package io.mdfuse.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs several commands in one process while the distribution is built, so that Java's class cache contains the classes
 * of all of them. The commands are separated by the argument {@code ;}. Ends with the status of the first that fails.
 */
final class Rehearsal {
    private Rehearsal() {}

    public static void main(String[] args) {
        StandardOutput output = StandardOutput.ofThisProcess();
        List<String> rest = new ArrayList<>(Arrays.asList(args));
        int status = 0;
        while (status == 0 && !rest.isEmpty()) {
            int end = rest.contains(";") ? rest.indexOf(";") : rest.size();
            status = Mdfuse.execute(rest.subList(0, end).toArray(String[]::new), output);
            rest.subList(0, Math.min(end + 1, rest.size())).clear();
        }
        System.exit(status);
    }
}
