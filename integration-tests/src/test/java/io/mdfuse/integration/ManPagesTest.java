package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.cli.Mdfuse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The manual pages and the completion of the distribution: each verb and each option is in them. */
class ManPagesTest {
    private static final Path SHARE = Project.root().resolve("dist/mdfuse/share");

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    @Test
    void eachVerbHasAPageWithEachOfItsOptions() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, CommandLine> verb :
                Mdfuse.commandLine().getSubcommands().entrySet()) {
            String page = page("mdfuse-" + verb.getKey());
            if (page.startsWith(".so ")) {
                page = page("mdfuse-" + verb.getValue().getCommandName());
            }
            missing.addAll(missingOptions(verb.getValue(), page));
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void theFirstPageNamesEachVerb() throws IOException {
        String page = page("mdfuse");
        for (CommandLine verb : Mdfuse.commandLine().getSubcommands().values()) {
            assertTrue(page.contains("\n\\fB" + roff(verb.getCommandName()) + "\\fR\n"), verb.getCommandName());
        }
    }

    @Test
    void anOptionThatIsNotInThePageIsFound() throws IOException {
        CommandLine mount = mount();
        assertEquals(
                List.of("mount --heal"),
                missingOptions(mount, page("mdfuse-mount").replace("\\fB\\-\\-heal\\fR", "")));
    }

    @Test
    void completionKnowsEachVerbAndOption() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, CommandLine> verb :
                Mdfuse.commandLine().getSubcommands().entrySet()) {
            if (!completions("mdfuse", verb.getKey()).contains(verb.getKey())) {
                missing.add(verb.getKey());
            }
        }
        List<String> afterMount = completions("mdfuse", "mount", "--");
        for (OptionSpec option : mount().getCommandSpec().options()) {
            if (!option.hidden()
                    && !afterMount.contains(option.longestName())
                    && option.longestName().length() > 2) {
                missing.add(option.longestName());
            }
        }
        assertEquals(List.of(), missing);
        assertEquals(List.of("write-through", "write-back"), completions("mdfuse", "mount", "--journal-mode", "write"));
    }

    private static CommandLine mount() {
        return Objects.requireNonNull(Mdfuse.commandLine().getSubcommands().get("mount"));
    }

    /** What bash offers when the last word is completed. */
    private static List<String> completions(String... words) throws IOException {
        String script = "source " + SHARE.resolve("bash-completion/mdfuse") + "; COMP_WORDS=(\"$@\"); "
                + "COMP_CWORD=$(($# - 1)); COMP_LINE=\"$*\"; COMP_POINT=${#COMP_LINE}; _complete_mdfuse mdfuse"
                + " \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"; printf '%s\\n' \"${COMPREPLY[@]}\"";
        List<String> command = new ArrayList<>(List.of("bash", "--norc", "-c", script, "bash"));
        command.addAll(List.of(words));
        return Command.run(command).orFail().output().lines().map(String::strip).toList();
    }

    private static List<String> missingOptions(CommandLine verb, String page) {
        return verb.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .flatMap(option -> List.of(option.names()).stream())
                .filter(name -> !page.contains("\\fB" + roff(name) + "\\fR"))
                .map(name -> verb.getCommandName() + " " + name)
                .toList();
    }

    private static String roff(String text) {
        return text.replace("-", "\\-");
    }

    private static String page(String name) throws IOException {
        return Files.readString(SHARE.resolve("man/man1/" + name + ".1"));
    }
}
