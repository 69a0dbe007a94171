import io.mdfuse.cli.Mdfuse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IllegalFormatException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Makes the manual pages, and the completion for bash, of the same description that {@code --help} shows, so that no
 * option can be missing in them. picocli's own generator makes AsciiDoc, whose translation changes texts such as ours:
 * two hyphens become a dash, brackets a reference. Here a text stays as it is.
 *
 * <p>Usage: java -cp 'lib/*' ManPages.java DIRECTORY VERSION DATE
 */
final class ManPages {
    private final String version;
    private final String date;
    private final CommandLine root = Mdfuse.commandLine();

    private ManPages(String version, String date) {
        this.version = version;
        this.date = date;
    }

    public static void main(String[] args) throws IOException {
        Path directory = Files.createDirectories(Path.of(args[0]));
        ManPages pages = new ManPages(args[1], args[2]);
        Set<CommandLine> verbs = new LinkedHashSet<>(pages.root.getSubcommands().values());
        Files.writeString(directory.resolve("mdfuse.1"), pages.page(pages.root, verbs));
        for (CommandLine verb : verbs) {
            CommandSpec spec = verb.getCommandSpec();
            Files.writeString(directory.resolve(pageName(verb) + ".1"), pages.page(verb, verbs));
            for (String alias : spec.aliases()) {
                Files.writeString(
                        directory.resolve("mdfuse-" + alias + ".1"), ".so man1/" + pageName(verb) + ".1\n");
            }
        }
        Files.writeString(directory.resolve("mdfuse.bash"), AutoComplete.bash("mdfuse", pages.root));
    }

    private static String pageName(CommandLine verb) {
        return verb.getCommandSpec().qualifiedName("-");
    }

    private String page(CommandLine command, Set<CommandLine> verbs) {
        CommandSpec spec = command.getCommandSpec();
        UsageMessageSpec usage = spec.usageMessage();
        Roff page = new Roff();
        page.title(pageName(command).toUpperCase(Locale.ROOT), date, "mdfuse " + version);
        page.control("SH", "NAME");
        page.line(Roff.plain(pageName(command)) + " \\- " + Roff.plain(summary(command)));
        page.control("SH", "SYNOPSIS");
        synopsis(page, command);
        page.control("SH", "DESCRIPTION");
        page.text(Stream.of(usage.description()).map(ManPages::formatted).toList());
        if (usage.description().length == 0) {
            page.text(List.of(usage.header()));
        }
        if (command == root) {
            page.control("SH", "COMMANDS");
            verbs.forEach(verb -> page.item(
                    Roff.bold(verb.getCommandName()),
                    List.of(summary(verb) + ". See " + pageName(verb) + "(1).")));
        }
        arguments(page, spec);
        page.control("SH", "EXIT STATUS");
        exitStatus(usage).forEach((status, meaning) -> page.item(Roff.bold(status), List.of(meaning)));
        if (usage.footer().length > 0) {
            page.control("SH", "EXAMPLES");
            page.text(List.of(usage.footer()));
        }
        page.control("SH", "SEE ALSO");
        page.line(Stream.concat(
                        Stream.concat(Stream.of("mdfuse(1)"), verbs.stream().map(verb -> pageName(verb) + "(1)")),
                        Stream.of("mount.mdfuse(8)", "mdadm(8)", "md(4)"))
                .filter(name -> !name.equals(pageName(command) + "(1)"))
                .map(Roff::plain)
                .collect(Collectors.joining(",\n")));
        return page.toString();
    }

    private static Map<String, String> exitStatus(UsageMessageSpec usage) {
        Map<String, String> own = usage.exitCodeList();
        return own.isEmpty() ? Mdfuse.commandLine().getCommandSpec().usageMessage().exitCodeList() : own;
    }

    private static String summary(CommandLine command) {
        return formatted(String.join(" ", command.getCommandSpec().usageMessage().header())).strip().replaceAll("\\.$", "");
    }

    private static void synopsis(Roff page, CommandLine command) {
        String[] custom = command.getCommandSpec().usageMessage().customSynopsis();
        List<String> lines = new ArrayList<>();
        if (custom.length == 0) {
            command.setUsageHelpLongOptionsMaxWidth(1000).setUsageHelpWidth(2000);
            lines.add(command.getHelp().synopsis(0).strip());
        }
        for (String line : custom) {
            lines.add(formatted(line).strip());
        }
        for (String line : lines) {
            String name = command.getCommandSpec().qualifiedName();
            if (!line.equals(lines.getFirst())) {
                page.control("br");
            }
            page.line(line.startsWith(name)
                    ? Roff.bold(name) + Roff.plain(line.substring(name.length()))
                    : Roff.plain(line));
        }
    }

    private static void arguments(Roff page, CommandSpec spec) {
        List<PositionalParamSpec> parameters = spec.positionalParameters().stream()
                .filter(parameter -> !parameter.hidden() && !description(parameter).equals(List.of("See above.")))
                .toList();
        List<OptionSpec> options =
                spec.options().stream().filter(option -> !option.hidden()).toList();
        if (!parameters.isEmpty()) {
            page.control("SH", "ARGUMENTS");
            parameters.forEach(parameter -> page.item(Roff.italic(parameter.paramLabel()), description(parameter)));
        }
        if (!options.isEmpty()) {
            page.control("SH", "OPTIONS");
            options.forEach(option -> page.item(head(option), description(option)));
        }
    }

    private static String head(OptionSpec option) {
        String names = Stream.of(option.names()).map(Roff::bold).collect(Collectors.joining(", "));
        if (option.arity().max() == 0) {
            return names;
        }
        String label = Roff.italic(option.paramLabel());
        return names + (option.arity().min() == 0 ? "[=" + label + "]" : " " + label);
    }

    private static List<String> description(ArgSpec argument) {
        return Stream.of(argument.description()).map(ManPages::formatted).toList();
    }

    private static String formatted(String text) {
        try {
            return String.format(text);
        } catch (IllegalFormatException plain) {
            // picocli shows such a text as it is, too.
            return text;
        }
    }

    /** Text in the language of man pages. */
    private static final class Roff {
        private final StringBuilder out = new StringBuilder();

        static String plain(String text) {
            return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga");
        }

        static String bold(String text) {
            return "\\fB" + plain(text) + "\\fR";
        }

        static String italic(String text) {
            return "\\fI" + plain(text) + "\\fR";
        }

        /** Names and options are neither broken at the end of a line nor set apart by wide spaces. */
        void title(String name, String date, String source) {
            out.append(".TH \"%s\" 1 \"%s\" \"%s\" \"mdfuse\"\n.nh\n.ad l\n".formatted(plain(name), date, source));
        }

        void control(String name, String... arguments) {
            out.append('.').append(name);
            for (String argument : arguments) {
                out.append(" \"").append(plain(argument).replace("\"", "\\(dq")).append('"');
            }
            out.append('\n');
        }

        /** A line that is in roff already; one that begins with a dot or an apostrophe would be taken as a request. */
        void line(String roff) {
            out.append(roff.startsWith(".") || roff.startsWith("'") ? "\\&" : "").append(roff).append('\n');
        }

        void item(String head, List<String> lines) {
            control("TP");
            line(head);
            // A list such as level=5,raid-devices=4 may be broken after a comma: it can be longer than a line.
            String body = plain(String.join("\n", lines).strip()).replaceAll(",(?=[^\\s\\\\])", ",\\\\:");
            line(body.replace("\n", "\n.br\n"));
        }

        /** Lines with an indent are examples and stay as they are; the others are filled. */
        void text(List<String> lines) {
            boolean example = false;
            String all = String.join("\n", lines).strip().replaceAll("^(?=mdfuse )", "  ");
            for (String line : all.split("\n", -1)) {
                boolean indented = line.startsWith("  ");
                if (indented != example) {
                    out.append(indented ? ".RS 4\n.EX\n" : ".EE\n.RE\n");
                    example = indented;
                }
                if (line.isBlank()) {
                    out.append(example ? "\n" : ".PP\n");
                } else {
                    line(plain(line.strip().isEmpty() ? "" : example ? line.substring(2) : line));
                }
            }
            if (example) {
                out.append(".EE\n.RE\n");
            }
        }

        @Override
        public String toString() {
            return out.toString();
        }
    }
}
