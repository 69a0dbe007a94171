package io.mdfuse.raid.array;

/** What came of a command about members. The attribute {@code member_result} shows the newest. */
sealed interface MemberResult {
    /** The command, its words separated by spaces. */
    String command();

    /** The command was carried out. */
    record Done(String command, MemberOutcome outcome) implements MemberResult {}

    /** The command was refused, or failed; {@code why} is one line. */
    record Refused(String command, String why) implements MemberResult {}
}
