package io.mdfuse.raid.member;

import java.io.IOException;

/** What a request transfers to or from one member, or some: see {@link MemberSet#sideBySide}. */
@FunctionalInterface
public interface Transfers {
    /** Makes the transfers, one after the other. */
    void run() throws IOException;
}
