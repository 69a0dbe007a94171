package io.mdfuse.raid.lost;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Decides by parity what the clues leave open: the order of the devices that no clue names. RAID-5 has the same parity
 * in every order, so there the order of the clues stays.
 */
final class OrderSearch {
    /** 120 orders; with more, the clues are too few to trust the result. */
    private static final int MAX_OPEN = 5;

    private static final int QUICK_STRIPES = 12;

    private final ParityFit fit;

    OrderSearch(ParityFit fit) {
        this.fit = fit;
    }

    /** The arrangement with the order that fits best. */
    Arrangement best(Arrangement arrangement) {
        List<Integer> open = arrangement.openSlots();
        if (arrangement.shape().layout().parityCount() < 2 || open.size() < 2 || open.size() > MAX_OPEN) {
            return arrangement;
        }
        Arrangement best = arrangement;
        double most = fit.of(arrangement, QUICK_STRIPES);
        List<Integer> placed = new ArrayList<>();
        open.forEach(slot -> placed.add(arrangement.deviceOfSlot().get(slot)));
        for (List<Integer> order : orders(placed)) {
            List<Integer> devices = new ArrayList<>(arrangement.deviceOfSlot());
            for (int i = 0; i < open.size(); i++) {
                devices.set(open.get(i), order.get(i));
            }
            Arrangement other = arrangement.withOrder(devices);
            double fitting = fit.of(other, QUICK_STRIPES);
            if (fitting > most) {
                most = fitting;
                best = other;
            }
        }
        return best;
    }

    private static List<List<Integer>> orders(List<Integer> items) {
        if (items.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Integer>> all = new ArrayList<>();
        for (int first = 0; first < items.size(); first++) {
            List<Integer> rest = new ArrayList<>(items);
            Integer chosen = rest.remove(first);
            for (List<Integer> tail : orders(rest)) {
                List<Integer> order = new ArrayList<>(Collections.singletonList(chosen));
                order.addAll(tail);
                all.add(order);
            }
        }
        return all;
    }
}
