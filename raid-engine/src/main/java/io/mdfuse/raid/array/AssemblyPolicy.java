package io.mdfuse.raid.array;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.create.CreationCheck;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.reshape.ReshapePlan;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.ForcedReturn;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.UpdateTimes;
import io.mdfuse.raid.writepath.LogNeeds;
import java.util.Optional;

/**
 * Decides whether an array may be opened with the devices that were found and the user's options. Each refusal says in
 * one line what is missing or contradictory, and what the user can do. It only looks at superblocks: nothing is
 * written.
 */
final class AssemblyPolicy {
    private final Assembly assembly;
    private final AssembleOptions options;
    private final Superblock reference;

    AssemblyPolicy(Assembly assembly, AssembleOptions options) {
        this.assembly = assembly;
        this.options = options;
        this.reference = assembly.reference();
    }

    /**
     * The array's layout.
     *
     * @throws ArrayRefusedException UNSUPPORTED if mdfuse can't serve that level and layout
     */
    ParityLayout layout() throws ArrayRefusedException {
        if (reference.level() == 6 && reference.raidDisks() > ParityLayout.MAX_SLOTS_WITH_Q) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    array() + ": RAID-6 with " + reference.raidDisks() + " slots; Q can tell apart no more than "
                            + ParityLayout.MAX_SLOTS_WITH_Q);
        }
        return ParityLayout.of(reference.level(), reference.layout())
                .orElseThrow(() -> new ArrayRefusedException(
                        Reason.UNSUPPORTED,
                        array() + ": layout " + reference.layout() + " of RAID-" + reference.level()
                                + " is not known to mdfuse"));
    }

    /**
     * The assembly after members that left were taken back in memory, if {@code --force} asks for that.
     *
     * @throws ArrayRefusedException as {@link #layout}, with {@code --force}
     */
    Assembly withMembersTakenBack() throws ArrayRefusedException {
        return options.force() ? ForcedReturn.takeBack(assembly, layout().parityCount()) : assembly;
    }

    /** Refuses an array that must not be opened, or only with an option that the user did not give. */
    void check(ParityLayout layout) throws ArrayRefusedException {
        if (reference.metadataVersion() == MetadataVersion.V0_90 && !options.readOnly()) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    array() + ": its metadata is 0.90, which is only read here; mount it with --read-only");
        }
        checkToHeal(layout);
    }

    /**
     * Refuses an array of which nothing may be solved for good. Superblocks are not written, so their version does not
     * matter.
     */
    void checkToHeal(ParityLayout layout) throws ArrayRefusedException {
        checkReshape();
        checkTimes();
        checkJournal();
        new MissingMembers(array(), assembly, options, layout).check();
    }

    private void checkReshape() throws ArrayRefusedException {
        Optional<ReshapePlan> reshape = ReshapePlan.of(reference);
        if (reshape.isPresent() && !options.readOnly()) {
            ReshapePlan plan = reshape.get();
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    array() + ": a reshape is in progress (" + plan.words() + ", " + plan.percent()
                            + " % done), and only md can complete it (mdadm --assemble; then wait until mdadm --detail"
                            + " says clean); to look at the content as it is, mount with --read-only");
        }
        int unstarted = reference.featureMap() & (Features.NEW_OFFSET | Features.RESHAPE_BACKWARDS);
        if (reshape.isEmpty() && unstarted != 0 && !options.readOnly()) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    array() + ": a reshape was prepared and has not begun (" + Features.names(unstarted)
                            + "); let md assemble the array and complete it, or mount with --read-only");
        }
    }

    /** Refuses devices that were last written on different days, though their event counts are the same. */
    static void checkWrittenTogether(Assembly assembly, AssembleOptions options) throws ArrayRefusedException {
        Optional<String> contradiction = UpdateTimes.contradiction(assembly);
        if (contradiction.isPresent() && !options.force()) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    nameOf(assembly.reference())
                            + ": its devices were not stopped together, though their events say so: last written were "
                            + contradiction.get()
                            + "; leave out those whose content is of another day (and say --run), or"
                            + " go on with --force");
        }
    }

    private void checkTimes() throws ArrayRefusedException {
        checkWrittenTogether(assembly, options);
        Optional<String> oldJournal = UpdateTimes.oldJournal(assembly);
        if (oldJournal.isPresent() && !options.force()) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    array() + ": its journal " + oldJournal.get()
                            + ": a crash while superblocks are written leaves that, and so does an older image of the"
                            + " journal, which would bring old data back; give its newest image,"
                            + " leave it out and look with"
                            + " --read-only, or replay it all the same with --force");
        }
        Optional<String> oldMembers = UpdateTimes.oldMembers(assembly);
        if (oldMembers.isPresent() && !options.force() && !options.readOnly()) {
            boolean canDoWithout = UpdateTimes.withoutOldImages(assembly, layout().parityCount())
                            .missingSlots()
                            .size()
                    > assembly.missingSlots().size();
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    array() + ": " + oldMembers.get()
                            + ": a crash while superblocks are written leaves that if the array was idle or busy for"
                            + " long, and so does an older image, which would bring old data back; use it with --force"
                            + " if it is no older image (a resync then takes its content for right), else give its"
                            + " newest image or leave it out; --read-only looks "
                            + (canDoWithout ? "without it" : "at the array as it is"));
        }
    }

    /**
     * Refuses a log that is too short to be written to. md accepts shorter journals than mdfuse creates, and most of
     * these are long enough.
     */
    private void checkLogLength() throws ArrayRefusedException {
        FoundDevice journal = assembly.journal();
        if (journal == null || options.readOnly() || options.dropJournal()) {
            return;
        }
        ParityLayout layout = layout();
        long leastSectors = new LogNeeds(reference.raidDisks(), layout.parityCount()).leastSectors();
        if (journal.superblock().dataSizeSectors() < leastSectors) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    journal.device().name() + ": its log of "
                            + Sectors.toBytes(journal.superblock().dataSizeSectors())
                            + " bytes is too short for " + reference.raidDisks() + " members, which need "
                            + Sectors.toBytes(leastSectors)
                            + "; look at the array with --read-only, or go on without a journal with --drop-journal");
        }
    }

    private void checkJournal() throws ArrayRefusedException {
        if (options.dropJournal() && !assembly.journalRequired()) {
            throw new ArrayRefusedException(Reason.UNSUPPORTED, array() + ": it has no journal that could be dropped");
        }
        if (options.addJournal() != null) {
            checkAddition();
        }
        if (assembly.journalRequired()
                && reference.hasFeature(Features.BITMAP)
                && !options.readOnly()
                && !options.dropJournal()) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    array() + ": it has a journal and a bitmap, and md starts no such array (an mdadm --create that"
                            + " failed leaves it); look at it with --read-only, or go on without the journal with"
                            + " --drop-journal");
        }
        checkLogLength();
        // Before superblocks call a journal faulty, everything that it contains has been written to the members.
        boolean failureIsOnRecord = options.dropJournal() && assembly.journalFailed();
        if (!assembly.lacksJournal() || options.readOnly() || options.force() || failureIsOnRecord) {
            return;
        }
        if (assembly.journalFailed()) {
            throw new ArrayRefusedException(
                    Reason.MISSING,
                    array()
                            + ": its journal has failed; go on without one with --drop-journal, or"
                            + " look at the array with"
                            + " --read-only");
        }
        Optional<Assembly.Bystander> stale = assembly.others().stream()
                .filter(other -> other.standing() == Assembly.Standing.STALE && other.ownRole() == Roles.JOURNAL)
                .findFirst();
        throw new ArrayRefusedException(
                Reason.MISSING,
                array() + ": "
                        + stale.map(other -> new DeviceText(assembly).of(other) + ", so its journal")
                                .orElse("its journal device")
                        + " is missing and may hold the newest writes; give it too, or look at the"
                        + " array without them with --read-only, or give them up with --drop-journal --force");
    }

    private void checkAddition() throws ArrayRefusedException {
        String problem = null;
        if (assembly.journalRequired()) {
            problem = "it has a journal already; drop that first with --drop-journal";
        } else if (reference.hasFeature(Features.BITMAP) || (reference.featureMap() & Features.ANY_PPL) != 0) {
            problem = "it keeps a bitmap or a PPL, and md allows no journal beside that";
        } else if (reference.metadataVersion() == MetadataVersion.V1_0) {
            problem = "md allows no journal with metadata 1.0";
        } else if (reference.raidDisks() > CreationCheck.MOST_MEMBERS_WITH_JOURNAL) {
            problem =
                    "it has more than " + CreationCheck.MOST_MEMBERS_WITH_JOURNAL + " members, too many for a journal";
        }
        if (problem != null) {
            throw new ArrayRefusedException(Reason.UNSUPPORTED, array() + ": no journal can be added: " + problem);
        }
    }

    /** The array by name and UUID, for messages. */
    String array() {
        return nameOf(reference);
    }

    /** How messages call an array. */
    static String nameOf(Superblock reference) {
        String name = reference.setName();
        return "array " + (name.isEmpty() ? reference.setUuidText() : name + " (" + reference.setUuidText() + ")");
    }
}
