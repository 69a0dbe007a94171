/**
 * A volume as a file, through FUSE.
 *
 * <p>Reading order: {@link io.mdfuse.fuse.VolumeOperations} gives the meaning of each file system call without any
 * native library; {@code FuseBinding} connects it to libfuse, in two ways; {@link io.mdfuse.fuse.MountSession} is the
 * life of one mount; {@link io.mdfuse.fuse.VolumeServer} is the process around it.
 *
 * <h2>Operations</h2>
 *
 * <p>{@link io.mdfuse.fuse.VolumeOperations} answers each call or throws {@link io.mdfuse.fuse.OperationRefused} with a
 * {@link io.mdfuse.fuse.FuseErrno}. {@link io.mdfuse.fuse.NodeStatus} is the result of stat(2),
 * {@link io.mdfuse.fuse.Owner} the owner in it, {@code VolumeAttributes} the extended attributes, of
 * which {@code StatisticsJson} makes one.
 * {@link io.mdfuse.fuse.AttributeRequest} changes an attribute of a read-only mount, sent by
 * {@link io.mdfuse.fuse.ReadOnlyControl}. A mount may have several {@link io.mdfuse.fuse.ServedFile}s:
 * {@code ServedDirectory} finds the one that a request means.
 *
 * <h2>Truncation</h2>
 *
 * <p>{@code OpenFiles} knows the handle to which a truncation belongs, {@code LogicalEnd} where the file ends for that
 * handle, {@code KeptRanges} what other handles wrote behind it, {@code GapZeroing} zeroes, and {@code PageCache} drops
 * the zeroed pages from the kernel's cache.
 *
 * <h2>The two bindings</h2>
 *
 * <p>{@link io.mdfuse.fuse.Frontend} is the choice, {@code FuseLibrary} loads the library that it needs. A
 * {@code FuseBinding} has one callback for each operation, whose body {@code GuardedRequests} runs: {@code RequestGate}
 * counts the requests inside, {@code ErrnoLadder} maps failures to error numbers. The result of a mount is a
 * {@code NativeSession}, whose loop runs on {@code LoopThreads}. {@code NativeMemory} and {@code NativeStructs} are
 * memory of C that both bindings read and fill.
 *
 * <p>libfuse 2: {@code JnrFuseBinding}, with {@code LibFuse} for what jnr-fuse does not offer.
 *
 * <p>libfuse 3: {@code Fuse3Binding}. {@code Fuse3Library} loads the library, {@code Fuse3Functions} are its functions,
 * {@code Fuse3Session} is a mount. {@code Fuse3Slots} is the table of the callbacks, whose signatures are
 * {@code Fuse3Callbacks}; {@code DirectoryFiller} lists the directory. {@code Fuse3Abi} knows the structs of each
 * version, {@code Fuse3Options} the options, {@code Fuse3Connection} agrees with the kernel on the features.
 *
 * <h2>A mount and its process</h2>
 *
 * <p>{@link io.mdfuse.fuse.MountPoint} checks the directory, {@link io.mdfuse.fuse.MountTable} reads the kernel's list
 * of mounts, {@link io.mdfuse.fuse.MountOptions} and {@link io.mdfuse.fuse.FuseOptionNames} are the options,
 * {@code NativeErrors} catches libfuse's messages, {@code MountReadAhead} raises the read-ahead.
 * {@link io.mdfuse.fuse.Fusermount} unmounts; {@link io.mdfuse.fuse.FileUsers} and {@link io.mdfuse.fuse.MountCopies}
 * find what keeps a mount busy. {@link io.mdfuse.fuse.MountException} is a refusal of any of them.
 * {@link io.mdfuse.fuse.VolumeServer} joins the mount with the process's signals and with the closing of the volume;
 * {@link io.mdfuse.fuse.StandardStreams} detaches the process from its caller, {@link io.mdfuse.fuse.SystemLog} writes
 * to the host's log, {@code HostCalls} calls the C library.
 */
@NullMarked
package io.mdfuse.fuse;

import org.jspecify.annotations.NullMarked;
