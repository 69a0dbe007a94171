package io.mdfuse.fuse;

/** How a mount through libfuse 3 begins and how it ends. */
class Fuse3MountSessionTest extends MountSessionTest {
    @Override
    Frontend frontend() {
        return Frontend.FUSE3;
    }

    @Override
    String unknownOption(String option) {
        return "fuse: unknown option(s): `-o " + option + "'";
    }
}
