/**
 * The array as a whole: finds its devices, opens it, serves it as a volume, manages its members, and closes it.
 *
 * <p>Reading order: {@link io.mdfuse.raid.array.Volume} is what the file system needs,
 * {@link io.mdfuse.raid.array.RaidArray} implements it. {@link io.mdfuse.raid.array.ArrayAssembler} opens an array and
 * {@link io.mdfuse.raid.array.ArrayOpening} has the steps of the opening, in the order in which they touch the
 * devices; docs/architecture/opening.md has the same steps as a table. {@link io.mdfuse.raid.array.ArrayComposition}
 * shows which parts an open array has and how they are connected. {@link io.mdfuse.raid.array.MemberManager} changes
 * the members while the array is served.
 *
 * <h2>Finding the devices</h2>
 *
 * <p>{@link io.mdfuse.raid.array.DeviceSearch} searches a directory by superblocks, and
 * {@link io.mdfuse.raid.array.GivenDevices} the whole disks among devices that the user gave. Both look at an
 * {@link io.mdfuse.raid.array.InspectedDevice} after the other and choose from the
 * {@link io.mdfuse.raid.array.FoundArrays} the {@link io.mdfuse.raid.array.FoundArray} whose
 * {@link io.mdfuse.raid.array.ChosenDevices} are opened; {@link io.mdfuse.raid.array.FilesWithoutSuperblock} may be
 * overlong images. {@link io.mdfuse.raid.array.OpenDevices} opens and locks devices.
 * {@link io.mdfuse.raid.array.UnusableDevices} names a device without a usable superblock, and
 * {@link io.mdfuse.raid.array.JournalModeCheck} asks before the opening whether the array can have the journal mode
 * that the user wants.
 *
 * <h2>Accepting or refusing the array</h2>
 *
 * <p>The user's options are {@link io.mdfuse.raid.array.AssembleOptions}. {@link io.mdfuse.raid.array.AssemblyPolicy}
 * decides by the superblocks alone, and {@link io.mdfuse.raid.array.MissingMembers} has the table of which missing
 * members need which option. {@link io.mdfuse.raid.array.ShortDevices} are devices that are cut off,
 * {@link io.mdfuse.raid.array.UnreadableParts} holes of rescued images.
 * {@link io.mdfuse.raid.array.StartReport} and {@link io.mdfuse.raid.array.Redundancy} make the lines that warn the
 * user, with {@link io.mdfuse.raid.array.DeviceText} for the states of devices;
 * {@link io.mdfuse.raid.array.SynologyFlags} adds those about Synology's flags.
 *
 * <h2>The steps of the opening</h2>
 *
 * <p>{@link io.mdfuse.raid.array.OpeningStep} lists the steps. {@link io.mdfuse.raid.array.MemberSetup} makes the
 * members. {@link io.mdfuse.raid.array.ListedBadBlocks} decides which bad-block lists are in force, and
 * {@link io.mdfuse.raid.array.BadBlockSurvey} what they cost. {@link io.mdfuse.raid.array.LogStart} replays and
 * restarts the journal, {@link io.mdfuse.raid.array.JournalAddition} adds one, {@link io.mdfuse.raid.array.PplStart}
 * recovers the partial parity logs, {@link io.mdfuse.raid.array.BitmapStart} continues the bitmaps, and
 * {@link io.mdfuse.raid.array.ResyncStart} decides where a resync starts.
 * {@link io.mdfuse.raid.array.FailureRelay} records failures from then on.
 *
 * <p>An array in the middle of a reshape has steps of its own: {@link io.mdfuse.raid.array.ReshapeOpening}, after
 * {@link io.mdfuse.raid.array.ReshapeMembers} has counted the members of both shapes.
 *
 * <p>An array without parity (RAID-0, RAID-1, RAID-10, linear) is opened by {@link io.mdfuse.raid.array.CopiesOpening}
 * after {@link io.mdfuse.raid.array.CopyPolicy} has accepted it; {@link io.mdfuse.raid.array.ExpectedMembers} and
 * {@link io.mdfuse.raid.array.UnreadableSectors} are the rules that it shares with arrays that have parity.
 *
 * <p>An array whose shape the user gives by hand is an {@link io.mdfuse.raid.array.AssumedArray}: superblocks are made
 * of its {@link io.mdfuse.raid.array.AssumedShape}, and the same steps follow.
 *
 * <h2>Healing images</h2>
 *
 * <p>{@link io.mdfuse.raid.array.HoleHealing} fills the holes of images before an array is opened: a
 * {@link io.mdfuse.raid.array.HealableArray} is one that allows it, the {@link io.mdfuse.raid.array.HealPlan} has the
 * images, {@link io.mdfuse.raid.array.HoleHealer} writes, and {@link io.mdfuse.raid.array.HealProgress} hears of it.
 *
 * <h2>The open array</h2>
 *
 * <p>An {@link io.mdfuse.raid.array.OpenArray} of any level has a {@link io.mdfuse.raid.array.ReadSide}, a
 * {@link io.mdfuse.raid.array.WriteSide} and an {@link io.mdfuse.raid.array.ArrayStatus}. Without parity these are a
 * reader, {@link io.mdfuse.raid.array.RefusedWrites} and {@link io.mdfuse.raid.array.CopiesStatus}. With parity the
 * status is {@link io.mdfuse.raid.array.ParityStatus}, and the write side is an
 * {@link io.mdfuse.raid.array.ArrayEngine}, which has two implementations: {@link io.mdfuse.raid.array.WriteEngine},
 * and {@link io.mdfuse.raid.array.ReadOnlyEngine}, which refuses every change. Both have
 * {@link io.mdfuse.raid.array.ArrayParts} (with {@link io.mdfuse.raid.array.ArrayStripes} and
 * {@link io.mdfuse.raid.array.ArrayRuntime}), {@link io.mdfuse.raid.array.ReadPath} and
 * {@link io.mdfuse.raid.array.BackgroundPasses}; only the first has {@link io.mdfuse.raid.array.WriteParts} and
 * {@link io.mdfuse.raid.array.WritePathParts}. {@link io.mdfuse.raid.array.ArrayAttributes} and
 * {@link io.mdfuse.raid.array.SyncActions} show the state as md's sysfs does, {@link io.mdfuse.raid.array.SyncPaces}
 * limits the speed of the passes, and {@link io.mdfuse.raid.array.HostSpaceEvents} reports a full host.
 * {@link io.mdfuse.raid.array.CloseSteps} closes everything, even after a failure.
 *
 * <h2>Members</h2>
 *
 * <p>{@link io.mdfuse.raid.array.MemberCommand} parses the user's commands and
 * {@link io.mdfuse.raid.array.MemberManager} carries them out, {@link io.mdfuse.raid.array.DeliberateFailure} the
 * command {@code fail} after {@link io.mdfuse.raid.array.FailureCost} has counted what that costs. A command returns a
 * {@link io.mdfuse.raid.array.MemberOutcome} or is refused ({@link io.mdfuse.raid.array.CommandRefusal});
 * {@link io.mdfuse.raid.array.MemberResult} keeps the newest, and {@link io.mdfuse.raid.array.MemberOutcomeText} has
 * the sentences. {@link io.mdfuse.raid.array.NewMember} makes a blank device a spare,
 * {@link io.mdfuse.raid.array.FormerMember} one that was a member before.
 *
 * <p>{@link io.mdfuse.raid.array.LazySyncScheduler} has parity made where it never was;
 * {@link io.mdfuse.raid.array.RebuildScheduler} runs the rebuilds, one at a time;
 * {@link io.mdfuse.raid.array.SlotFiller} chooses the device and gives it the slot, and
 * {@link io.mdfuse.raid.array.RebuildControl} is what {@code sync_action} uses of it.
 * {@link io.mdfuse.raid.array.DeviceList} has the {@link io.mdfuse.raid.array.DeviceState state} of every device.
 */
@NullMarked
package io.mdfuse.raid.array;

import org.jspecify.annotations.NullMarked;
