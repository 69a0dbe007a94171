package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.array.AssumedShape;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.lost.LostArrayShape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The value of {@code --assume}. */
class AssumeWordTest {
    @Test
    void theExampleIsRead() {
        assertEquals(
                new AssumedShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 128, 2048, 0), AssumeWord.parse(AssumeWord.EXAMPLE));
        assertEquals(
                new AssumedShape(ParityLayout.RIGHT_ASYMMETRIC_6, 5, 1024, 0, 4096),
                AssumeWord.parse("data-offset=0,size=2M,chunk=512K,layout=ra,level=raid6,raid-devices=5"));
        assertEquals(
                ParityLayout.RAID4,
                AssumeWord.parse("level=4,raid-devices=3,chunk=4K,data-offset=1M")
                        .layout());
    }

    @Test
    void whatRecoverPrintsIsRead() {
        for (ParityLayout layout : ParityLayout.values()) {
            int disks = layout.level() == 6 ? 6 : 4;
            String word = AssumeWord.of(new LostArrayShape(layout, disks, 64 << 10, 1000 << 10));
            assertEquals(new AssumedShape(layout, disks, 128, 2000, 0), AssumeWord.parse(word), word);
        }
    }

    @Test
    void whatIsWrongIsSaidInOneLine() {
        Map<String, String> wrong = Map.of(
                "", "empty word",
                "level", "level=5",
                "level=5,raid-devices=4,chunk=64K", "data-offset",
                "level=5,raiddevices=4,chunk=64K,data-offset=1M", "did you mean raid-devices?",
                "level=1,raid-devices=4,chunk=64K,data-offset=1M", "4, 5 or 6",
                "level=5,raid-devices=4,chunk=48K,data-offset=1M", "power of two",
                "level=6,raid-devices=3,chunk=64K,data-offset=1M", "raid-devices is 4 to",
                "level=5,level=5,raid-devices=4,chunk=64K,data-offset=1M", "twice",
                "level=5,raid-devices=4,chunk=64K,data-offset=1000", "multiple of 512",
                "level=5,layout=circular,raid-devices=4,chunk=64K,data-offset=1M", "circular");
        wrong = new HashMap<>(wrong);
        for (String level : List.of("0", "1", "7", "10", "linear", "raid0")) {
            wrong.put("level=" + level + ",raid-devices=3", "--assume: level is 4, 5 or 6, not " + level);
        }
        wrong.put("level=6,layout=x,raid-devices=4,chunk=64K,data-offset=1M", "--assume: layout at level 6 is one of");
        wrong.put("level=4,layout=x,raid-devices=4,chunk=64K,data-offset=1M", "--assume: level 4 has no choice of");
        wrong.forEach((word, part) -> {
            String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> AssumeWord.parse(word))
                    .getMessage());
            assertTrue(message.contains(part) && !message.contains("\n"), word + ": " + message);
        });
    }
}
