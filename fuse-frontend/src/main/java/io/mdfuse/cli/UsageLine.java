package io.mdfuse.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The message about a wrong command line: what is wrong, and what was probably meant. */
final class UsageLine {
    private static final Pattern UNKNOWN_VERB = Pattern.compile("^Unknown subcommand '(.*)'");

    /** What the parser writes before the reason that a converter gave. */
    private static final Pattern WRONG_VALUE = Pattern.compile(
            "Invalid value for (?:option '(?<option>[^']+)'|positional parameter)"
                    + "(?: at index \\S+)?(?: \\([^)]*\\))?: (?<why>.*)",
            Pattern.DOTALL);

    private static final Pattern NO_NUMBER =
            Pattern.compile("'(?<word>.*)' is not an? (?<type>int|long|double)", Pattern.DOTALL);
    private static final Pattern DIGITS = Pattern.compile("\\+?[0-9]+");

    private UsageLine() {}

    static String of(ParameterException e, String[] args) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        boolean atRoot = command.parent() == null;
        if (atRoot) {
            Optional<String> mdadm = MdadmModes.answer(List.of(args));
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
        String message = String.valueOf(e.getMessage());
        Matcher unknown = UNKNOWN_VERB.matcher(message);
        if (unknown.find()) {
            // The error is about the argument of help, so its parent's subcommands are the candidates.
            CommandLine root = command.root().commandLine();
            return "there is no command " + unknown.group(1) + didYouMean(unknown.group(1), verbs(root));
        }
        Matcher value = WRONG_VALUE.matcher(message);
        if (value.matches()) {
            return wrongValue(value.group("option"), value.group("why"));
        }
        return unknownOption(command, args)
                .filter(option -> e instanceof MissingParameterException)
                .map(option -> "there is no option " + option + didYouMean(option, options(command)))
                .orElse(message);
    }

    /**
     * A long option that the command does not have. It is reported before a missing parameter, which it may have
     * caused.
     */
    private static Optional<String> unknownOption(CommandSpec command, String[] args) {
        return Arrays.stream(args)
                .takeWhile(word -> !word.equals("--"))
                .filter(word -> word.startsWith("--"))
                .map(word -> word.replaceAll("=.*", ""))
                .filter(word -> command.findOption(word) == null)
                .findFirst();
    }

    /**
     * A value that its option does not take.
     *
     * @param option null if the value belongs to no option: the reason names the value
     * @param why the converter's words, or the parser's own for a number
     */
    private static String wrongValue(@Nullable String option, String why) {
        Matcher number = NO_NUMBER.matcher(why);
        if (option == null) {
            return why;
        }
        if (!number.matches()) {
            return option + (why.startsWith("is ") ? " " : ": ") + why;
        }
        String word = number.group("word");
        String kind = number.group("type").equals("double")
                ? "a number"
                : DIGITS.matcher(word).matches() ? "a whole number of at most " + Integer.MAX_VALUE : "a whole number";
        return option + " is " + kind + ", not " + word;
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
