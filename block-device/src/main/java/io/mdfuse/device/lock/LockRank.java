package io.mdfuse.device.lock;

/**
 * All locks of the program in the order in which a thread may acquire them, outermost first. A thread that holds a lock
 * acquires only locks that are later in this list; {@link LockOrder} checks that if assertions are enabled. The same
 * table, with what a thread does under each lock, is in docs/architecture/threads-and-locks.md; a test compares the
 * two.
 *
 * <p>A new lock gets a constant here: after every lock that a thread may hold when it acquires the new one, and before
 * every lock that a thread may acquire while it holds the new one.
 */
public enum LockRank {
    /** {@code VolumeServer}: the mount session, and whether a stop was requested. */
    VOLUME_SERVER,

    /** {@code OpenFiles}: which file handles have a logical end. */
    OPEN_FILES,

    /** {@code LogicalEnd}, one for each file handle that truncated: its end, and later writes of other handles. */
    LOGICAL_END,

    /** {@code PageCache}: the range of pages that the page-cache thread is to drop. */
    PAGE_CACHE,

    /** {@code LibFuse.Session}, {@code Fuse3Session}: the libfuse session is not freed while the kernel drops pages. */
    FUSE_SESSION,

    /** {@code MemberCommand}: one command about members at a time, and its result. */
    MEMBER_COMMAND,

    /**
     * {@code MemberManager} and its {@code RebuildScheduler}: which device has which role, the newest rebuild,
     * the state of {@code SlotFiller}.
     */
    MEMBER_MANAGER,

    /** {@code JournalAbandonment}: a failed journal is abandoned once. */
    JOURNAL_ABANDONMENT,

    /** {@code WriteOut}: one batch of write-out at a time chooses and acquires its stripes. */
    WRITE_OUT_BATCH,

    /**
     * {@code StripeLocks.Lease}: the stripes of one request, or of one range of a pass. A thread has one lease at a
     * time; {@code Lease.tryAdd} adds ranges to it without waiting.
     */
    STRIPE_LEASE,

    /** {@code DirtyMarker}: dirty or clean, and how many changes are in progress. */
    DIRTY_MARKER,

    /** {@code Reclaimer}: one reclaim of log space at a time. */
    LOG_RECLAIM,

    /** {@code LogTail}: one move of the log's tail at a time. */
    LOG_TAIL,

    /** {@code MemberSet}: which members are left out, and whether the array is broken. */
    MEMBER_SET,

    /** {@code LiveSuperblocks}: the content of the superblocks; one update at a time. */
    SUPERBLOCKS,

    /** {@code BitmapDisks}: the bitmap's image and its copies on the members. */
    BITMAP_DISKS,

    /** {@code CacheAdmission}: admitted requests, the queue, reserved log space. */
    CACHE_ADMISSION,

    /** {@code StripeCache}: cached stripes, cache slots in use, pages. */
    STRIPE_CACHE,

    /** {@code Reclaimer}: log tickets that are not released, and why nothing more is written. */
    LOG_TICKETS,

    /** {@code GroupCommit}, the journal's lock: staging buffers, positions written and flushed, log space. */
    JOURNAL,

    /** {@code WriteIntentBitmap}: wanted, durable, idle and doubtful bits; writes in progress by chunk. */
    BITMAP_BITS,

    /** {@code PartialParityLog}: the queue of writes, the round in force. */
    PARTIAL_PARITY_LOG,

    /** {@code GroupFlush}, one for the members and one for the bitmap: rounds of flushes. */
    GROUP_FLUSH,

    /** {@code StripeLocks}: the list of leases granted and waited for. */
    LEASE_LIST,

    /** {@code Scrub}: the scrub under way and the result of the last one. */
    SCRUB,

    /** {@code BackgroundPass}, one for each resync, rebuild or scrub: the state of the pass. */
    BACKGROUND_PASS,

    /** {@code OneAtATime}, one for each task in the background: whether it runs, or is closed. */
    BACKGROUND_TASK,

    /** {@code ScrubFindings}: the mismatches that a scrub has found. */
    SCRUB_FINDINGS,

    /** {@code RewrittenStripes}: stripes whose parity was made by a write before the resync reached them. */
    REWRITTEN_STRIPES,

    /** {@code BadBlocks}, one for each device: its bad ranges in memory. */
    BAD_BLOCKS,

    /** {@code OverlayVolume}: which blocks the overlay contains. */
    OVERLAY,

    /** {@code HeldWritesDevice}, one for each device: writes for which the host had no space. */
    HELD_WRITES,

    /** {@code HeldWritesDevice}, one for each device: which request was refused last, and since when. */
    HOST_SPACE,

    /** {@code CopyOnWriteDevice}, one for each device: the blocks written over a read-only array. */
    COPY_ON_WRITE,

    /** {@code HealingDevice}, one for each image: what was written to its holes and is not on record yet. */
    HEALED_HOLES,

    /** {@code FileDevice}, one for each device: one flush of the device at a time. */
    DEVICE_FLUSH,

    /** {@code StagedTransfer}, one for each device: a write of a part of a block excludes other writes. */
    PARTIAL_BLOCK_WRITE,

    /** {@code Alarm}, one for each device of a server: its event counter is not closed while it is rung. */
    ALARM,

    /** {@code AllocatedBlocks}, one for each image file: which blocks are known to be allocated. */
    ALLOCATED_BLOCKS,

    /** {@code BufferPool}, one for each pool: its free buffers. */
    BUFFER_POOL,

    /** {@code LogLines}: the program's log. Last, since any thread may log while it holds any lock. */
    LOG_LINES
}
