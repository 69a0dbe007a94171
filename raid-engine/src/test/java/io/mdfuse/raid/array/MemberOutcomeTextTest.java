package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.raid.array.MemberOutcome.Added;
import io.mdfuse.raid.array.MemberOutcome.Failed;
import io.mdfuse.raid.array.MemberOutcome.ReAdded;
import io.mdfuse.raid.array.MemberOutcome.RebuildDelay;
import io.mdfuse.raid.array.MemberOutcome.Removed;
import io.mdfuse.raid.array.MemberOutcome.Replacing;
import io.mdfuse.raid.array.MemberOutcome.UnreadContent;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The sentence of each outcome, and the form of the attribute {@code member_result}. */
class MemberOutcomeTextTest {
    private static String added(RebuildDelay delay) {
        return MemberOutcomeText.of(new Added("e.img", OptionalInt.empty(), delay));
    }

    @Test
    void anAddedDeviceIsASpareOrIsRebuilt() {
        assertEquals("added e.img as a spare", added(new RebuildDelay.None()));
        assertEquals(
                "added e.img as a spare; no rebuild has begun: rebuilds are frozen until sync_action is set to idle or"
                        + " recover",
                added(new RebuildDelay.Frozen()));
        assertEquals(
                "added e.img as a spare; its rebuild begins when that of b.img is over",
                added(new RebuildDelay.After("b.img")));
        assertEquals("added e.img as a spare; no rebuild has begun", added(new RebuildDelay.NotBegun()));
        assertEquals(
                "added e.img; it is being rebuilt as the member of slot 2",
                MemberOutcomeText.of(new Added("e.img", OptionalInt.of(2), new RebuildDelay.None())));
    }

    @Test
    void aFormerMemberIsToldWhatItGets() {
        assertEquals(
                "re-added b.img as the member of slot 1; it gets what was written since it left:"
                        + " 7 regions of the bitmap; its rebuild begins when that of c.img is over",
                MemberOutcomeText.of(new ReAdded("b.img", 1, 7, new RebuildDelay.After("c.img"))));
    }

    @Test
    void aFailureSaysWhatCannotBeRead() {
        assertEquals("b.img has failed", MemberOutcomeText.of(new Failed("b.img", UnreadContent.NONE)));
        assertEquals(
                "b.img has failed; the resync has come to sector 8 of 48: behind it, what this device holds can't be"
                        + " read now, unless it was written since the mount; of the stripes that the resync could not"
                        + " read, what this device holds can't be read now",
                MemberOutcomeText.of(new Failed("b.img", new UnreadContent(OptionalLong.of(8), 48, true))));
    }

    @Test
    void removalAndReplacement() {
        assertEquals("removed b.img", MemberOutcomeText.of(new Removed("b.img")));
        assertEquals(
                "e.img replaces b.img as the member of slot 1",
                MemberOutcomeText.of(new Replacing("b.img", "e.img", 1)));
    }

    @Test
    void theAttributeHasTheCommandAndASentence() {
        assertEquals("none", MemberOutcomeText.attribute(null));
        assertEquals(
                "ok\nremove b.img\nremoved b.img",
                MemberOutcomeText.attribute(new MemberResult.Done("remove b.img", new Removed("b.img"))));
        assertEquals(
                "refused\nfail x\nx: is no device of this array",
                MemberOutcomeText.attribute(new MemberResult.Refused("fail x", "x: is no device of this array")));
    }
}
