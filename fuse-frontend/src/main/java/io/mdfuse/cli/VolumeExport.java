package io.mdfuse.cli;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Copies a volume to a target, from its start to its end. What can't be read in one piece is read in smaller ones, down
 * to a sector, so that exactly the lost sectors are left out.
 */
final class VolumeExport {
    private static final int PIECE_BYTES = 4 << 20;
    private static final int SECTOR = 512;

    private final Volume volume;
    private final ExportTarget target;
    private final ExportProgress progress;
    private final MessageDigest digest;
    private long unreadableBytes;

    VolumeExport(Volume volume, ExportTarget target, ExportProgress progress) {
        this.volume = volume;
        this.target = target;
        this.progress = progress;
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Copies everything.
     *
     * @return the sha256 of the target's content, in hex
     */
    String run() throws IOException {
        long sizeBytes = volume.sizeBytes();
        ByteRanges done = target.done();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment piece = arena.allocate(PIECE_BYTES, 4096);
            for (long at = 0; at < sizeBytes; ) {
                long length = Math.min(PIECE_BYTES, sizeBytes - at);
                ByteRanges here = done.within(at, length);
                if (here.isEmpty()) {
                    copy(at, piece.asSlice(0, length));
                } else {
                    // Up to the next end of what is there already, or of what is missing.
                    ByteRanges.Range first = here.list().getFirst();
                    length = first.startBytes() > 0 ? first.startBytes() : first.endBytes();
                    MemorySegment part = piece.asSlice(0, length);
                    if (first.startBytes() > 0) {
                        copy(at, part);
                    } else {
                        target.readBack(at, part.asByteBuffer());
                        digest.update(part.asByteBuffer());
                    }
                }
                at += length;
                progress.at(at, unreadableBytes);
            }
        }
        target.finish();
        return HexFormat.of().formatHex(digest.digest());
    }

    private void copy(long offsetBytes, MemorySegment piece) throws IOException {
        try {
            volume.read(offsetBytes, piece);
        } catch (IOException e) {
            copyParts(offsetBytes, piece, e);
            return;
        }
        target.write(offsetBytes, piece.asByteBuffer());
        digest.update(piece.asByteBuffer());
    }

    private void copyParts(long offsetBytes, MemorySegment piece, IOException failure) throws IOException {
        long length = piece.byteSize();
        if (length <= SECTOR) {
            progress.lost(offsetBytes, failure);
            unreadableBytes += length;
            target.unreadable(offsetBytes, length);
            digest.update(ByteBuffer.allocate((int) length));
            return;
        }
        long part = length > 65536 ? 65536 : length > 4096 ? 4096 : SECTOR;
        for (long at = 0; at < length; at += part) {
            copy(offsetBytes + at, piece.asSlice(at, Math.min(part, length - at)));
        }
    }

    /** How many bytes could not be read. */
    long unreadableBytes() {
        return unreadableBytes;
    }
}
