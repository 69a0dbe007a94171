package io.mdfuse.fuse;

import io.mdfuse.device.OwnMounts;
import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one mount.
 *
 * <pre>
 *   mount() ──▶ SERVING ── unmounted by any process ─────────────────────────────▶ ENDED
 *                  │                                                                 ▲
 *                  ├─ unmounted here; copies in other namespaces, not in use ─▶ gate shut
 *                  │                                                                 ▲
 *                  └─ stop() ─▶ unmounted at once if no process uses it ─────────────┤
 *                       │                                                            │
 *                       └─ busy, logged; taken out of the name space; served on ─────┤
 *                            for the grace time, or until the last user has gone     │
 *                               │                                                    │
 *                               └─ still busy: gate shut, requests inside finished ──┘
 * </pre>
 *
 * <p>In ENDED no request is inside the volume and none will come: the volume may be closed. If processes still use the
 * file, their later requests fail; the kernel ends the session when this process exits, and no dead mount point
 * remains, since the mount was removed from the name space before.
 */
public final class MountSession {
    private static final Logger LOG = LoggerFactory.getLogger(MountSession.class);
    private static final Duration USABLE_WITHIN = Duration.ofSeconds(20);
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);
    private static final int LOOKS_BEFORE_END = 2;
    private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);

    /** Referenced as long as libfuse may call back. */
    private final FuseBinding binding;

    private final NativeSession mounted;
    private final ServedDirectory files;
    private final RequestGate gate;
    private final Path mountPoint;
    private final Latch ended = new Latch(1);

    private MountSession(
            FuseBinding binding, NativeSession mounted, ServedDirectory files, RequestGate gate, Path mountPoint) {
        this.binding = binding;
        this.mounted = mounted;
        this.files = files;
        this.gate = gate;
        this.mountPoint = mountPoint;
    }

    /**
     * Checks the mount point before an array is opened; a dead mount of mdfuse is cleared.
     *
     * @throws IOException if something prevents a mount; the message is one line that says what to do
     */
    public static void check(Path mountPoint, MountOptions options) throws IOException {
        FuseLibrary.load(options.frontend());
        MountPoint.prepare(mountPoint, options.allowsNonEmpty());
    }

    /**
     * Mounts, and returns once the kernel has sent a first request.
     *
     * @throws IOException with a one-line message that says why; then nothing is mounted
     */
    public static MountSession mount(Volume volume, Path mountPoint, MountOptions options) throws IOException {
        return mount(List.of(ServedFile.of(volume)), mountPoint, options);
    }

    /**
     * The same with several files in the mount point. The mount is read-only if none of them can be written.
     *
     * @param served the array first, whose name is the mount's name too
     */
    public static MountSession mount(List<ServedFile> served, Path mountPoint, MountOptions options)
            throws IOException {
        FuseLibrary library = FuseLibrary.load(options.frontend());
        Path real = MountPoint.prepare(mountPoint, options.allowsNonEmpty());
        Owner owner = Owner.ofThisProcess();
        ServedDirectory files = new ServedDirectory(served.stream()
                .map(file -> new VolumeOperations(file, owner, InstantSource.system()))
                .toList());
        RequestGate gate = new RequestGate();
        FuseBinding binding = library.bind(files, new GuardedRequests(gate));
        files.files().forEach(file -> file.servedBy(binding.description()));
        boolean readOnly = served.stream().allMatch(file -> file.volume().readOnly());
        NativeSession mounted = binding.mount(real, options, served.getFirst().name(), readOnly);
        LOG.info("{} is mounted by {}, {} threads", real, binding.description(), options.threads());
        MountSession session = new MountSession(binding, mounted, files, gate, real);
        LoopThreads threads = LoopThreads.start(mounted, options.threads());
        Thread.ofPlatform().daemon().name("fuse-end").start(() -> session.watchEnd(threads));
        if (session.awaitUsable()) {
            MountReadAhead.raise(real);
            session.watchNamespace();
        }
        return session;
    }

    /** Returns once the session is ENDED. */
    public void awaitEnd() {
        ended.await();
    }

    /**
     * Ends the session, and returns once it has ended.
     *
     * @param grace how long processes that still use the file are served after the mount left the name space
     */
    public void stop(Duration grace) {
        if (ended.isOpen()) {
            return;
        }
        try {
            Fusermount.unmount(mountPoint);
        } catch (MountException busy) {
            if (!ended.isOpen()) {
                leaveNameSpace(busy, grace);
            }
        }
        // Applies also if no process here uses the file: a copy of the mount in another namespace may be in use.
        if (!ended.await(grace)) {
            LOG.warn("{} is still used by {}: stopping all the same", mountPoint, users());
            endServing();
        }
        ended.await();
    }

    private void leaveNameSpace(MountException refusal, Duration grace) {
        LOG.warn(
                "{} is still used by {}: serving on for {} s at most, then requests will fail ({})",
                mountPoint,
                users(),
                grace.toSeconds(),
                refusal.getMessage());
        try {
            Fusermount.unmountLazily(mountPoint);
        } catch (MountException alreadyGone) {
            LOG.debug("the lazy unmount of {} was refused", mountPoint, alreadyGone);
        }
    }

    private String users() {
        return FileUsers.describe(FileUsers.of(mountPoint));
    }

    private void endServing() {
        gate.shut();
        files.files().forEach(VolumeOperations::stopLongRequests);
        while (!gate.awaitEmpty(LINE_INTERVAL)) {
            LOG.warn(
                    "{} requests wait for a device; kill -9 {} ends this process without them, and the next mount"
                            + " recovers",
                    gate.inside(),
                    ProcessHandle.current().pid());
        }
        ended.countDown();
    }

    private void watchNamespace() throws IOException {
        MountTable.Entry entry = MountTable.at(mountPoint);
        if (entry != null) {
            String device = entry.device();
            OwnMounts.add(device);
            Thread.ofPlatform().daemon().name("fuse-copies").start(() -> endUnusedCopies(device));
        }
    }

    /**
     * Ends the session if the mount has gone from this namespace and no process has the file open: then only copies in
     * other mount namespaces remain, which their processes inherited without asking, and which would keep the session
     * alive. It checks twice, so that an open that has passed the kernel and not yet reached this process is seen.
     */
    private void endUnusedCopies(String device) {
        int unused = 0;
        while (!ended.await(LOOK_INTERVAL)) {
            unused = isMounted(device) || files.isOpen() ? 0 : unused + 1;
            if (unused == LOOKS_BEFORE_END) {
                LOG.info(
                        "{} is unmounted; copies in other mount namespaces, which no process uses, end with it",
                        mountPoint);
                endServing();
                return;
            }
        }
    }

    private static boolean isMounted(String device) {
        try {
            return MountTable.has(device);
        } catch (IOException e) {
            // Not known: serve on.
            return true;
        }
    }

    private void watchEnd(LoopThreads threads) {
        threads.awaitEnd();
        LOG.debug("{} has ended", binding.description());
        ended.countDown();
    }

    /**
     * Reads the files' attributes, so that the kernel has to send a request. The call may hang, so it runs on a thread
     * of its own. The files are found by listing, since their names may contain characters that the user's locale
     * cannot encode.
     *
     * @return false if the mount was ended by another process meanwhile, which is a normal end
     */
    private boolean awaitUsable() throws IOException {
        FutureTask<List<Long>> look = new FutureTask<>(this::look);
        Thread.ofPlatform().daemon().name("fuse-probe").start(look);
        try {
            keepPageCacheConsistent(look.get(USABLE_WITHIN.toSeconds(), TimeUnit.SECONDS));
            return MountTable.at(mountPoint) != null;
        } catch (TimeoutException | ExecutionException e) {
            Throwable cause = e.getCause();
            if (MountTable.at(mountPoint) == null) {
                return false;
            }
            Fusermount.unmountLazily(mountPoint);
            throw new MountException(mountPoint + " was mounted but does not answer"
                    + (cause == null ? " within " + USABLE_WITHIN.toSeconds() + " s" : ": " + cause.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            Fusermount.unmountLazily(mountPoint);
            throw new MountException("interrupted while mounting on " + mountPoint);
        }
    }

    /** @param nodes the files' numbers in libfuse; those that can't be written need nothing */
    private void keepPageCacheConsistent(List<Long> nodes) {
        for (int number = 0; number < nodes.size(); number++) {
            VolumeOperations file = files.files().get(number);
            if (file.isWritable() || number == 0) {
                long node = nodes.get(number);
                PageCache cache = PageCache.start((from, end) -> mounted.invalidate(node, from, end - from));
                file.notifyCache(cache::drop);
            }
        }
    }

    /** The files' numbers in the kernel and in libfuse, in the order in which they are listed. */
    private List<Long> look() throws IOException {
        List<Long> nodes = new ArrayList<>();
        try (DirectoryStream<Path> listed = Files.newDirectoryStream(mountPoint)) {
            for (Path file : listed) {
                nodes.add((Long) Files.getAttribute(file, "unix:ino"));
            }
        }
        return nodes;
    }
}
