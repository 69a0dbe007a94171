package io.mdfuse.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * The command or option that was probably meant. A typing error is one letter too many, too few or wrong, or two
 * neighbours exchanged; a candidate may differ by one error, or by two if at least six letters were typed. Otherwise
 * the candidate is one that begins with what was typed.
 */
final class NearestWord {
    private NearestWord() {}

    static Optional<String> to(String typed, Collection<String> words) {
        int most = Math.clamp(typed.replace("-", "").length() / 3, 1, 2);
        return words.stream()
                .filter(word -> !word.equals(typed) && distance(typed, word) <= most)
                .min(Comparator.comparingInt((String word) -> distance(typed, word))
                        .thenComparing(Comparator.naturalOrder()))
                .or(() -> words.stream()
                        .filter(word -> typed.length() > 3 && word.startsWith(typed))
                        .min(Comparator.naturalOrder()));
    }

    /** The number of typing errors between two words (the optimal string alignment distance). */
    static int distance(String from, String to) {
        int[][] slips = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                slips[i][j] = i == 0 || j == 0 ? i + j : least(slips, from, to, i, j);
            }
        }
        return slips[from.length()][to.length()];
    }

    private static int least(int[][] slips, String from, String to, int i, int j) {
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int least = Math.min(slips[i - 1][j - 1] + (same ? 0 : 1), Math.min(slips[i - 1][j], slips[i][j - 1]) + 1);
        boolean exchanged =
                i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2) && from.charAt(i - 2) == to.charAt(j - 1);
        return exchanged ? Math.min(least, slips[i - 2][j - 2] + 1) : least;
    }
}
