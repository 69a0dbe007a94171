package io.mdfuse.raid.stripe;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a block that was solved back to the member that could not read it: a drive remaps an unreadable sector when
 * the sector is written.
 *
 * <pre>
 *   write ──▶ flush ──▶ read back, equal ──▶ counted as corrected
 *     │         │            │ different
 *     │         │            └──▶ {@link MemberSet#failedBlocks}
 *     │         └─ fails ──▶ the member fails: other unflushed writes may be lost too
 *     └─ fails ──▶ {@link MemberSet#failedBlocks}
 * </pre>
 *
 * The block's content does not change, so nothing has to be logged: a crash leaves the sector unreadable, or as it was
 * before it went bad. The lease keeps writes of the block out meanwhile. The read that found the block has its bytes
 * already, so nothing that goes wrong here fails that read.
 */
public final class BlockHealer {
    private static final Logger LOG = LoggerFactory.getLogger(BlockHealer.class);

    private final MemberSet members;

    public BlockHealer(MemberSet members) {
        this.members = members;
    }

    /**
     * Heals one block.
     *
     * @param lease covers the block's stripe
     * @param right the correct content
     * @param readBack a buffer of the same size
     */
    void heal(
            StripeLocks.Lease lease,
            Member member,
            long memberOffsetBytes,
            MemorySegment right,
            MemorySegment readBack) {
        try {
            DeviceException refused = putBack(lease, member, memberOffsetBytes, right, readBack);
            if (refused != null) {
                members.failedBlocks(member, memberOffsetBytes, right.byteSize(), refused);
            }
        } catch (IOException e) {
            LOG.error("{}: a block that can't be read was not corrected: {}", member.name(), e.getMessage());
        }
    }

    /**
     * The first part of {@link #heal}, for callers that decide themselves about a block that the member refuses.
     *
     * @param lease covers the block's stripe
     * @return why the member refuses the block; null if the member has it now, or has failed
     * @throws IOException if the member failed and the array needs it
     */
    public @Nullable DeviceException putBack(
            StripeLocks.Lease lease, Member member, long memberOffsetBytes, MemorySegment right, MemorySegment readBack)
            throws IOException {
        lease.require(StripeRange.coveringBytes(memberOffsetBytes, right.byteSize()));
        DeviceException refused;
        try {
            refused = member.rewrite(memberOffsetBytes, right, readBack);
        } catch (DeviceException e) {
            members.failed(member, e);
            return null;
        }
        if (refused == null) {
            member.countCorrectedError();
            LOG.warn("{}: unreadable block at member offset {} is corrected", member.name(), memberOffsetBytes);
        }
        return refused;
    }
}
