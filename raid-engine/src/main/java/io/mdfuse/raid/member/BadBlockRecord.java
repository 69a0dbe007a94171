package io.mdfuse.raid.member;

import io.mdfuse.device.DeviceException;
import java.io.IOException;

/**
 * What becomes of blocks that a member can neither give nor take any more: they are noted in its bad-block log where it
 * has one, else the member is given up.
 */
@FunctionalInterface
public interface BadBlockRecord {
    /**
     * Returns once nobody will take what the member holds there for data any more.
     *
     * @param memberOffsetBytes from the start of the member's data; whole blocks
     * @param cause why the blocks could not be written, or read back
     * @throws IOException where that could not be brought about; the array is broken then
     */
    void recordBadBlocks(Member member, long memberOffsetBytes, long lengthBytes, DeviceException cause)
            throws IOException;
}
