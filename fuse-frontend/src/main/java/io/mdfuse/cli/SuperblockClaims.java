package io.mdfuse.cli;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.lost.LostArrayCandidate;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.DamagedSuperblock;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.UpdateTimes;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What superblocks, or remains of superblocks, on the devices say, to be compared with what was found without them. */
record SuperblockClaims(List<FoundDevice> found, List<FoundDevice> damaged) {
    /** Reads the superblocks. A device that has none, or can't be read there, says nothing. */
    static SuperblockClaims of(List<BlockDevice> devices) throws IOException {
        List<FoundDevice> found = new ArrayList<>();
        List<FoundDevice> damaged = new ArrayList<>();
        for (BlockDevice device : devices) {
            try {
                found.add(MemberLocator.requireForReading(device));
            } catch (ArrayRefusedException refused) {
                DamagedSuperblock.find(device).ifPresent(damaged::add);
            }
        }
        return new SuperblockClaims(found, damaged);
    }

    boolean isEmpty() {
        return found.isEmpty() && damaged.isEmpty();
    }

    /** How the superblocks and a candidate compare, one line each. */
    List<String> lines(LostArrayCandidate best) {
        List<String> lines = new ArrayList<>();
        if (best.score() == 0 && !found.isEmpty()) {
            lines.add("No candidate fits, so nothing speaks against the md superblocks of " + names(found)
                    + ", which say " + shape(found.getFirst().superblock())
                    + ": mdfuse mount --read-only --run DEVICE... MOUNTPOINT");
            return lines;
        }
        List<FoundDevice> wrong =
                found.stream().filter(device -> !agrees(device, best)).toList();
        if (!found.isEmpty() && wrong.isEmpty()) {
            lines.add("The md superblocks of " + names(found) + " say the same.");
        }
        if (!wrong.isEmpty()) {
            Superblock first = wrong.getFirst().superblock();
            lines.add("The md superblocks are wrong: created "
                    + UpdateTimes.text(Instant.ofEpochSecond(first.ctimeSeconds())) + ", they say " + shape(first)
                    + "; a later mdadm --create over the array leaves that.");
            for (FoundDevice device : wrong) {
                lines.add("  " + device.name() + ": says slot "
                        + device.superblock().ownRole());
            }
        }
        for (FoundDevice device : damaged) {
            lines.add(device.name() + ": remains of an md superblock say " + shape(device.superblock()));
        }
        return lines;
    }

    private static String names(List<FoundDevice> devices) {
        return String.join(", ", devices.stream().map(FoundDevice::name).toList());
    }

    private static String shape(Superblock superblock) {
        Optional<ParityLayout> layout = ParityLayout.of(superblock.level(), superblock.layout());
        return ShapeText.levelName(superblock.level()) + " of " + superblock.raidDisks() + ", chunk "
                + superblock.chunkSectors() / 2 + "K"
                + layout.map(known -> ", layout " + known.mdName()).orElse("") + ", data offset "
                + superblock.dataOffsetSectors() / 2 + "K";
    }

    private static boolean agrees(FoundDevice device, LostArrayCandidate best) {
        Superblock superblock = device.superblock();
        int slot = superblock.ownRole();
        return superblock.level() == best.shape().level()
                && ParityLayout.of(superblock.level(), superblock.layout())
                        .filter(best.shape().layout()::equals)
                        .isPresent()
                && superblock.raidDisks() == best.shape().raidDisks()
                && Sectors.toBytes(superblock.chunkSectors()) == best.shape().chunkBytes()
                && Sectors.toBytes(superblock.dataOffsetSectors())
                        == best.shape().dataOffsetBytes()
                && slot < best.order().size()
                && best.order().get(slot).equals(device.name());
    }
}
