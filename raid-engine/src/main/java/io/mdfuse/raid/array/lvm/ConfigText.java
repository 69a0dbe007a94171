package io.mdfuse.raid.array.lvm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses the text in which LVM2 describes a volume group, the grammar of lvm.conf:
 *
 * <pre>
 *   text    = entry…                     # a comment reaches to the end of its line
 *   entry   = name "{" entry… "}"  |  name "=" value
 *   value   = scalar  |  "[" [ scalar { "," scalar } [ "," ] ] "]"
 *   scalar  = "…" with \" and \\ within  |  integer
 *   name    = letters, digits and _ . + - /
 * </pre>
 *
 * <p>The parser descends once for each level of sections, so their depth is bounded; so is the number of entries and
 * values, and thereby its memory. A later entry with the same name replaces the earlier one, as in lvm2. lvm2's
 * metadata contains no fractions; a number with one is refused.
 */
final class ConfigText {
    static final int DEEPEST = 12;
    static final int MOST_VALUES = 500_000;

    private final String text;
    private int at;
    private int values;

    private ConfigText(String text) {
        this.text = text;
    }

    /** @throws LvmDamagedException with the place, if the text breaks the grammar or a bound */
    static ConfigSection parse(String text) throws LvmDamagedException {
        ConfigText parser = new ConfigText(text);
        ConfigSection all = parser.section("", 0);
        if (parser.at < text.length()) {
            throw parser.unexpected("a section ends that did not begin");
        }
        return all;
    }

    /** Entries up to a closing brace, which is left, or to the end of the text. */
    private ConfigSection section(String path, int depth) throws LvmDamagedException {
        if (depth > DEEPEST) {
            throw unexpected("sections within more than " + DEEPEST + " others");
        }
        Map<String, Object> entries = new LinkedHashMap<>();
        for (char next = next(); next != 0 && next != '}'; next = next()) {
            count();
            String name = name();
            if (next() == '{') {
                at++;
                entries.put(name, section(path.isEmpty() ? name : path + "/" + name, depth + 1));
                expect('}');
            } else {
                expect('=');
                entries.put(name, value());
            }
        }
        return new ConfigSection(path, entries);
    }

    private Object value() throws LvmDamagedException {
        if (next() != '[') {
            return scalar();
        }
        at++;
        List<Object> list = new ArrayList<>();
        while (next() != ']') {
            list.add(scalar());
            if (next() != ']') {
                expect(',');
            }
        }
        at++;
        return list;
    }

    private Object scalar() throws LvmDamagedException {
        count();
        return next() == '"' ? string() : number();
    }

    private String string() throws LvmDamagedException {
        StringBuilder string = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
            boolean escaped =
                    text.charAt(at) == '\\' && at + 1 < text.length() && "\\\"".indexOf(text.charAt(at + 1)) >= 0;
            at += escaped ? 1 : 0;
            string.append(text.charAt(at));
        }
        expect('"');
        return string.toString();
    }

    private Long number() throws LvmDamagedException {
        int from = at;
        at += at < text.length() && text.charAt(at) == '-' ? 1 : 0;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        try {
            return Long.valueOf(text.substring(from, at));
        } catch (NumberFormatException e) {
            throw unexpected("not a value");
        }
    }

    private String name() throws LvmDamagedException {
        int from = at;
        while (at < text.length() && isOfName(text.charAt(at))) {
            at++;
        }
        if (at == from) {
            throw unexpected("not a name");
        }
        return text.substring(from, at);
    }

    private static boolean isOfName(char letter) {
        return letter < 128 && (Character.isLetterOrDigit(letter) || "_.+-/".indexOf(letter) >= 0);
    }

    private void expect(char wanted) throws LvmDamagedException {
        if (next() != wanted) {
            throw unexpected("'" + wanted + "' is missing");
        }
        at++;
    }

    /** Skips blanks and comments; the next character, 0 at the end of the text. */
    private char next() {
        while (at < text.length()) {
            char here = text.charAt(at);
            if (here == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (here > ' ') {
                return here;
            } else {
                at++;
            }
        }
        return 0;
    }

    private void count() throws LvmDamagedException {
        values++;
        if (values > MOST_VALUES) {
            throw unexpected("more than " + MOST_VALUES + " values");
        }
    }

    private LvmDamagedException unexpected(String what) {
        return new LvmDamagedException("LVM2 metadata: " + what + ", at character " + at + " of " + text.length());
    }
}
