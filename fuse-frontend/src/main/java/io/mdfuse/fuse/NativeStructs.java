package io.mdfuse.fuse;

import java.time.Instant;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/** Fills the structs of the C library that both front ends answer with; jnr-fuse knows their layout on each machine. */
final class NativeStructs {
    private static final int SECTOR_BYTES = 512;
    private static final int LONGEST_NAME_BYTES = 255;

    private NativeStructs() {}

    /** @param stat the address of a {@code struct stat} */
    static void fillStat(long stat, NodeStatus status) {
        fill(FileStat.of(pointer(stat)), status);
    }

    /** @param stat the address of a {@code struct statvfs} */
    static void fillStatvfs(long stat, long blocks) {
        fill(Statvfs.of(pointer(stat)), blocks);
    }

    private static Pointer pointer(long address) {
        return Pointer.wrap(Runtime.getSystemRuntime(), address);
    }

    static void fill(FileStat stat, NodeStatus status) {
        stat.st_mode.set(status.mode());
        stat.st_nlink.set(status.links());
        stat.st_uid.set(status.uid());
        stat.st_gid.set(status.gid());
        stat.st_size.set(status.sizeBytes());
        stat.st_blocks.set(status.sizeBytes() / SECTOR_BYTES);
        stat.st_blksize.set(VolumeOperations.BLOCK_BYTES);
        Instant modified = status.modified();
        for (Timespec time : List.of(stat.st_atim, stat.st_mtim, stat.st_ctim)) {
            time.tv_sec.set(modified.getEpochSecond());
            time.tv_nsec.set(modified.getNano());
        }
    }

    /** @param blocks the volume's size in blocks of {@link VolumeOperations#BLOCK_BYTES}; none of them is free */
    static void fill(Statvfs stat, long blocks) {
        stat.f_bsize.set(VolumeOperations.BLOCK_BYTES);
        stat.f_frsize.set(VolumeOperations.BLOCK_BYTES);
        stat.f_blocks.set(blocks);
        stat.f_bfree.set(0);
        stat.f_bavail.set(0);
        stat.f_files.set(1);
        stat.f_ffree.set(0);
        stat.f_favail.set(0);
        stat.f_namemax.set(LONGEST_NAME_BYTES);
    }
}
