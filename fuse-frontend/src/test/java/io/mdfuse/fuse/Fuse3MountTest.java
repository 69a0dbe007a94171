package io.mdfuse.fuse;

/** The file as the kernel and ordinary programs see it, served through libfuse 3. */
class Fuse3MountTest extends MountTest {
    @Override
    Frontend frontend() {
        return Frontend.FUSE3;
    }
}
