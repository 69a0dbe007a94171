package io.mdfuse.raid.array;

import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import java.util.EnumMap;
import java.util.Map;

/** How a device fails in a sweep: all calls fail from some call on, or only one call fails. */
enum FaultKind {
    DIES,
    WRITE_FAILS,
    FLUSH_FAILS,
    READ_FAILS,
    TRIM_FAILS;

    /** The number of calls so far that this fault could have hit. */
    int calls(FaultPlan plan) {
        return switch (this) {
            case DIES ->
                plan.calls(Verb.READ) + plan.calls(Verb.WRITE) + plan.calls(Verb.FLUSH) + plan.calls(Verb.TRIM);
            case WRITE_FAILS -> plan.calls(Verb.WRITE);
            case FLUSH_FAILS -> plan.calls(Verb.FLUSH);
            case READ_FAILS -> plan.calls(Verb.READ);
            case TRIM_FAILS -> plan.calls(Verb.TRIM);
        };
    }

    /** The number of calls of each kind. */
    static Map<FaultKind, Integer> allCalls(FaultPlan plan) {
        Map<FaultKind, Integer> calls = new EnumMap<>(FaultKind.class);
        for (FaultKind kind : values()) {
            calls.put(kind, kind.calls(plan));
        }
        return calls;
    }

    /** Makes the nth such call from now on fail; 1 is the next. */
    void plan(FaultPlan plan, int nth) {
        switch (this) {
            case DIES -> plan.dieAfter(nth - 1);
            case WRITE_FAILS -> plan.failNth(Verb.WRITE, plan.calls(Verb.WRITE) + nth);
            case FLUSH_FAILS -> plan.failNth(Verb.FLUSH, plan.calls(Verb.FLUSH) + nth);
            case READ_FAILS -> plan.failNth(Verb.READ, plan.calls(Verb.READ) + nth);
            case TRIM_FAILS -> plan.failNth(Verb.TRIM, plan.calls(Verb.TRIM) + nth);
        }
    }

    /** True if a member must be faulty after such a fault. */
    boolean costsTheMember() {
        return this != READ_FAILS;
    }
}
