package io.mdfuse.raid.copies;

import io.mdfuse.raid.member.Member;

/**
 * A member from which copies are read.
 *
 * @param lastChoice true if it is read only if no other member has the bytes (md: write-mostly)
 */
public record CopySource(Member member, boolean lastChoice) {}
