/**
 * The command line: one command class for each verb, and the classes that read arguments and print results.
 *
 * <p>Reading order: {@link io.mdfuse.cli.Mdfuse} is the root command; {@code ErrorLines} turns every failure into one
 * line and an exit status; then {@code MountCommand}, the largest verb, and any other verb. {@code Rehearsal} runs
 * while the distribution is built.
 *
 * <h2>mount</h2>
 *
 * <p>{@code MountCommand} reads its arguments with {@code MountArguments} and {@code OverlayChoice}, starts itself
 * again in the background ({@code BackgroundMount}) and serves a {@code ServedArray}: the array that
 * {@code ArrayChoice} finds and {@code ArraySource} opens, with its events passed on by {@code WatchedArray}, perhaps
 * below an overlay. {@code ProgramFiles} keeps an upgrade of mdfuse from ending it. {@code EventDispatcher} passes
 * events to the host's log and to the user's {@code AlertCommand}; {@code ContentLines} prints how to use the content.
 *
 * <p>With {@code --volumes} it serves {@code ServedVolumes}: all of the {@code ArraysToServe} as
 * {@code OpenedArrays}, each found by a {@code DeviceChoice}, and what is inside of them, each as a
 * {@code ServedInnerVolume}.
 *
 * <h2>export</h2>
 *
 * <p>{@code ExportCommand} opens the array as a mount does; {@code VolumeExport} copies it to an
 * {@code ExportTarget}: an {@code ExportFile}, which a later run can go on with ({@code EarlierExport}), or an
 * {@code ExportStream}; an {@code ExportMap} is what their maps may replace.
 * {@code ExportProgress} shows how far it is.
 *
 * <h2>Verbs for a mounted array</h2>
 *
 * <p>{@code MountedVolume} is the array as other processes see it: all these verbs work through its file and its
 * extended attributes. {@code ArrayView} gives the attributes their types, with an {@code ArrayDevice} for each device.
 * {@code DetailCommand} prints it in one of several forms: {@code DetailReport} in mdadm's words with its
 * {@code DeviceTable} and, below it, mdfuse's {@code OwnLines}; {@code DetailExport}, {@code DetailBrief}, {@code
 * DetailJson}, {@code StackAdvice}. {@code StatusCommand} prints a {@code StatusReport} for each {@code StatusEntry},
 * or {@code PrometheusText} of all, through a {@code PrometheusWriter}; {@code ServedStatistics} reads the attribute
 * with the statistics.
 * {@code CheckCommand} and {@code RepairCommand} are {@code ScrubCommand}s with a {@code ScrubReport};
 * {@code WaitCommand} and they show a {@code SyncProgress}, whose form depends on the {@code Terminal};
 * {@code MemberCommands} has one verb for each change of members; {@code UmountCommand} flushes ({@code FileFlush}),
 * unmounts and waits for the {@code ServerProcess}.
 *
 * <h2>watch</h2>
 *
 * <p>{@code WatchCommand} shows an array live. A {@code WatchSampler} takes a {@code WatchSample} each second, and
 * {@code WatchComparison} makes {@code WatchFigures} of two of them. {@code WatchPage} prints these for a terminal,
 * with {@code JournalRingLine}, {@code WatchHistory} and {@code WatchUnits}; {@code WatchTerminal} renews the page.
 * {@code WatchServer} serves them to browsers at a {@code WatchAddress}: as {@code WatchJson}, which the page
 * watch.html among the resources draws.
 *
 * <h2>create</h2>
 *
 * <p>{@code CreateCommand} reads {@code CreateDevices}, {@code ShapeNames}, {@code SetName} and sizes
 * ({@link io.mdfuse.cli.SizeConverter}), makes {@code ImageFiles}, and compares {@code ImageSpace} with what is free.
 *
 * <h2>examine</h2>
 *
 * <p>{@code ExamineCommand} reads each device without a lock ({@code PeekDevice}) and prints in the terms of mdadm:
 * {@code SuperblockText} and {@code Superblock090Text}, each with a JSON class beside it, {@code ShapeText} and
 * {@code ReshapeText} for what both have in common, {@code BitmapReport}, {@code PartitionReport},
 * {@code ArraysReport}, {@code ExportReport} and {@code BriefReport}. Devices are read by {@code DeviceSpecConverter}.
 *
 * <h2>recover</h2>
 *
 * <p>{@code RecoverCommand} searches for the shape of an array without superblocks, with {@code ReadProgress} on a
 * terminal, and prints a {@code RecoverReport} beside the {@code SuperblockClaims}. {@code AssumeWord} is the value of
 * {@code mount --assume}, which the report contains.
 *
 * <h2>Messages</h2>
 *
 * <p>{@code UsageLine} says what is wrong with a command line, with the help of {@code MdadmModes} and
 * {@code NearestWord}; the reason of a wrong value is a converter's, such as {@code JournalModeConverter}'s.
 * {@code StandardOutput} keeps the reason of a failed write. {@code LogLines} is the program's log, to which
 * {@link io.mdfuse.cli.LogProvider} passes the messages of all modules.
 */
@NullMarked
package io.mdfuse.cli;

import org.jspecify.annotations.NullMarked;
