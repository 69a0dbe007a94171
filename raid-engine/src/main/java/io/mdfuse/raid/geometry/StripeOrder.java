package io.mdfuse.raid.geometry;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * How the members of a RAID-0 take turns if they differ in size, in mdadm's words: by the number of the chunk in the
 * volume (original, up to Linux 3.13), or by its number among the rows that have the same members (alternate, since
 * Linux 3.14).
 */
public enum StripeOrder {
    ORIGINAL(1),
    ALTERNATE(2);

    private final int mdNumber;

    StripeOrder(int mdNumber) {
        this.mdNumber = mdNumber;
    }

    /** The order with this number in a superblock's layout field; empty for any other number. */
    public static Optional<StripeOrder> of(int mdNumber) {
        return Arrays.stream(values())
                .filter(order -> order.mdNumber == mdNumber)
                .findFirst();
    }

    /** The order that mdadm calls so; empty for any other word. */
    public static Optional<StripeOrder> named(String word) {
        return Arrays.stream(values())
                .filter(order -> order.mdName().equals(word))
                .findFirst();
    }

    /** mdadm's word. */
    public String mdName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
