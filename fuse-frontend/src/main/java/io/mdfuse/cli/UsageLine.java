package io.mdfuse.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said of words that make no command: what is wrong, and what was probably meant. */
final class UsageLine {
    private UsageLine() {}

    static String of(ParameterException e, String[] args) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        boolean atRoot = command.parent() == null;
        if (atRoot) {
            Optional<String> mdadm = MdadmWords.answer(List.of(args));
            if (mdadm.isPresent()) {
                return mdadm.get();
            }
        }
        if (e instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().getFirst();
            if (first.startsWith("-")) {
                return "there is no option " + first + didYouMean(first, options(command));
            }
            if (atRoot) {
                return "there is no command " + first + didYouMean(first, verbs(command.commandLine()));
            }
        }
        return String.valueOf(e.getMessage());
    }

    private static String didYouMean(String typed, List<String> words) {
        String name = typed.replaceAll("=.*", "");
        return NearestWord.to(name, words)
                .map(word -> "; did you mean " + word + "?")
                .orElse("");
    }

    private static List<String> verbs(CommandLine root) {
        return new ArrayList<>(root.getSubcommands().keySet());
    }

    private static List<String> options(CommandSpec command) {
        List<String> names = new ArrayList<>();
        for (OptionSpec option : command.options()) {
            if (!option.hidden()) {
                names.addAll(List.of(option.names()));
            }
        }
        return names;
    }
}
