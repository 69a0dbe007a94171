package io.mdfuse.raid.array;

import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import java.util.EnumMap;
import java.util.Map;

/** How a device fails in a sweep: it dies, or just one call fails. */
enum FaultKind {
    DIES,
    WRITE_FAILS,
    FLUSH_FAILS,
    READ_FAILS,
    TRIM_FAILS;

    /** How many calls there were that could have failed like this. */
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

    /** The same of every kind. */
    static Map<FaultKind, Integer> allCalls(FaultPlan plan) {
        Map<FaultKind, Integer> calls = new EnumMap<>(FaultKind.class);
        for (FaultKind kind : values()) {
            calls.put(kind, kind.calls(plan));
        }
        return calls;
    }

    /** Has the nth such call from now on fail, 1 being the next. */
    void plan(FaultPlan plan, int nth) {
        switch (this) {
            case DIES -> plan.dieAfter(nth - 1);
            case WRITE_FAILS -> plan.failNth(Verb.WRITE, plan.calls(Verb.WRITE) + nth);
            case FLUSH_FAILS -> plan.failNth(Verb.FLUSH, plan.calls(Verb.FLUSH) + nth);
            case READ_FAILS -> plan.failNth(Verb.READ, plan.calls(Verb.READ) + nth);
            case TRIM_FAILS -> plan.failNth(Verb.TRIM, plan.calls(Verb.TRIM) + nth);
        }
    }

    /** True where a member that failed like this can't be one any more. */
    boolean costsTheMember() {
        return this != READ_FAILS;
    }
}
