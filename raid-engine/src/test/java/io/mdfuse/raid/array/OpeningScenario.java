package io.mdfuse.raid.array;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The disks of an array that a mount finds, in a state in which the mount has something to write.
 *
 * @param journalToAdd the blank device that becomes the journal; null for none
 * @param options how the array is mounted
 * @param content the content of the volume after any number of mounts, complete or interrupted
 */
@SuppressWarnings("ArrayRecordComponent")
record OpeningScenario(
        String name, List<CrashDisk> disks, @Nullable CrashDisk journalToAdd, AssembleOptions options, byte[] content) {
    private static final AssembleOptions PLAIN = AssembleOptions.defaults().withStripeCacheSize(6);

    private static final ArrayShape UNJOURNALED =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 0, Superblock.IN_SYNC, false);

    /** The options for a mount after an interrupted one, which may have dropped or added the journal already. */
    AssembleOptions nextOptions() {
        return options.withDropJournal(false).withAddJournal(null);
    }

    /** The devices of a mount, on copies of the disks. */
    List<CrashDisk> copies(CrashTrace trace) {
        List<CrashDisk> copies = CrashDisk.onTrace(disks, trace);
        if (journalToAdd != null) {
            copies.add(journalToAdd.onTrace(trace));
        }
        return copies;
    }

    /** Mounts the array with the scenario's options, with one thread for everything. */
    RaidArray mount(List<CrashDisk> copies, Consumer<OpeningStep> afterStep) throws IOException {
        int given = disks.size();
        ManualTimer timer = new ManualTimer();
        return ArrayAssembler.assemble(
                copies.subList(0, given),
                journalToAdd == null ? null : copies.get(given),
                options,
                new ArrayRuntime(timer, timer, new DirectExecutor(), new Random(1), 2),
                afterStep);
    }

    @Override
    public String toString() {
        return name;
    }

    /** All scenarios, each with its own disks. */
    static List<OpeningScenario> all() throws IOException {
        return List.of(
                journaled("write-through", false, PLAIN),
                journaled("write-back", true, PLAIN),
                journaled("drop-journal", true, PLAIN.withDropJournal(true)),
                journalLost(),
                journalAdded(),
                dirty(),
                takenBack(),
                badBlockListsIgnored(),
                replacementOfDirtyArray(),
                policy("bitmap", Features.BITMAP, false),
                bitmapsNotAlike(),
                policy("bitmap and spare", Features.BITMAP, true),
                policy("partial parity logs", Features.PPL, false),
                policy("partial parity logs and spare", Features.PPL, true));
    }

    private static ArrayShape journaledShape(boolean writeBack) {
        return new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 40, Superblock.IN_SYNC, writeBack);
    }

    /** Power fails when the log contains flushed writes. */
    private static OpeningScenario journaled(String name, boolean writeBack, AssembleOptions options)
            throws IOException {
        ArrayShape shape = journaledShape(writeBack);
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        RaidArray array = shape.open(disks);
        byte[] content = filled(array);
        Rebuilds.write(array, content, 4096, 4096, new Random(2));
        Rebuilds.write(array, content, 100, 700, new Random(3));
        array.flush();
        return left(name, disks, array, options, content);
    }

    private static OpeningScenario journalLost() throws IOException {
        ArrayShape shape = journaledShape(false);
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        RaidArray array = shape.open(disks);
        byte[] content = filled(array);
        array.close();
        return new OpeningScenario(
                "journal lost",
                Rebuilds.reopened(disks.subList(0, shape.disks())),
                null,
                PLAIN.withForce(true),
                content);
    }

    private static OpeningScenario journalAdded() throws IOException {
        List<CrashDisk> disks = UNJOURNALED.create(CrashTrace.notRecording());
        RaidArray array = UNJOURNALED.open(disks);
        byte[] content = filled(array);
        array.close();
        return new OpeningScenario(
                "add-journal",
                Rebuilds.reopened(disks),
                new CrashDisk("journal", 8 << 20),
                PLAIN.withAddJournal(DeviceSpec.of(Path.of("journal"))),
                content);
    }

    private static OpeningScenario dirty() throws IOException {
        List<CrashDisk> disks = UNJOURNALED.create(CrashTrace.notRecording());
        RaidArray array = UNJOURNALED.open(disks);
        return left("dirty", disks, array, PLAIN, filled(array));
    }

    /** The superblocks of the survivors call two members faulty, and the array needs one of these. */
    private static OpeningScenario takenBack() throws IOException {
        List<CrashDisk> disks = UNJOURNALED.create(CrashTrace.notRecording());
        RaidArray array = UNJOURNALED.open(disks);
        byte[] content = filled(array);
        array.flush();
        Rebuilds.manager(array).fail("disk1", false);
        array.close();
        List<CrashDisk> closed = Rebuilds.reopened(disks);
        Superblock survivor = MemberLocator.require(closed.getFirst()).superblock();
        Superblocks.edit(closed.getFirst(), e -> e.role(2, Roles.FAULTY).events(survivor.events() + 1));
        return new OpeningScenario("force", closed, null, PLAIN.withForce(true), content);
    }

    private static OpeningScenario badBlockListsIgnored() throws IOException {
        List<CrashDisk> disks = UNJOURNALED.create(CrashTrace.notRecording());
        ListedBlocks.giveLogs(disks, ArrayShape.DATA_OFFSET_SECTORS);
        for (CrashDisk disk : disks) {
            ListedBlocks.list(disk);
        }
        RaidArray array = UNJOURNALED.open(disks);
        byte[] content = filled(array);
        array.close();
        return new OpeningScenario(
                "ignore-bad-block-lists", Rebuilds.reopened(disks), null, PLAIN.withIgnoreBadBlockLists(true), content);
    }

    private static OpeningScenario replacementOfDirtyArray() throws IOException {
        List<CrashDisk> disks = UNJOURNALED.create(CrashTrace.notRecording());
        RaidArray array = UNJOURNALED.open(disks);
        byte[] content = filled(array);
        CrashDisk added = Rebuilds.blank(UNJOURNALED, "added", CrashTrace.notRecording());
        array.setAttribute("sync_action", "frozen");
        Rebuilds.manager(array).replaceWithNew("disk0", added, false);
        Rebuilds.write(array, content, 4096, 4096, new Random(2));
        array.flush();
        List<CrashDisk> all = new ArrayList<>(disks);
        all.add(added);
        return left("replacement", all, array, PLAIN, content);
    }

    /**
     * A dirty array with a set bit or a partial parity log; or a clean, degraded array with a spare that was not used
     * yet.
     */
    private static OpeningScenario policy(String name, int feature, boolean spare) throws IOException {
        PolicyShape shape = new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, feature, Superblock.IN_SYNC);
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        ManualTimer timer = new ManualTimer();
        RaidArray array = PolicyShape.open(disks, timer);
        byte[] content = filled(array);
        List<CrashDisk> all = new ArrayList<>(disks);
        if (spare) {
            timer.pass(60_000);
            CrashDisk added = shape.blank("added", CrashTrace.notRecording());
            array.setAttribute("sync_action", "frozen");
            Rebuilds.manager(array).fail("disk1", false);
            Rebuilds.manager(array).add(added, false);
            timer.pass(60_000);
            all.add(added);
        }
        return left(name, all, array, PLAIN.withRun(spare), content);
    }

    /** One member's bitmap has a bit that the other bitmaps lack. */
    private static OpeningScenario bitmapsNotAlike() throws IOException {
        OpeningScenario alike = policy("bitmaps not alike", Features.BITMAP, false);
        byte[] page = PolicyShape.read(alike.disks().getFirst(), PolicyShape.AREA_SECTOR, 512);
        page[256] ^= 2;
        PolicyShape.write(alike.disks().getFirst(), PolicyShape.AREA_SECTOR, page, 512);
        return alike;
    }

    private static byte[] filled(RaidArray array) throws IOException {
        byte[] content = new byte[(int) array.sizeBytes()];
        Rebuilds.write(array, content, 0, content.length, new Random(1));
        array.flush();
        return content;
    }

    /** Copies of the disks as a crash at this moment leaves them, if every write has reached the media. */
    private static OpeningScenario left(
            String name, List<CrashDisk> disks, RaidArray array, AssembleOptions options, byte[] content)
            throws IOException {
        List<CrashDisk> left = Rebuilds.reopened(disks);
        array.close();
        return new OpeningScenario(name, left, null, options, content);
    }
}
