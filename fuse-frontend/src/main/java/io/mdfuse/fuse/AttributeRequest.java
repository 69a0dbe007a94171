package io.mdfuse.fuse;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The ioctl(2) by which an attribute of a mounted volume is changed if the mount is read-only: on such a mount the
 * kernel refuses setxattr(2) without a request to this process, but a check, which writes nothing, must be possible.
 * The argument contains the attribute's sysfs name and its value, each ended by a zero byte.
 */
public final class AttributeRequest {
    /** The length of the argument, in bytes. */
    public static final int ARGUMENT_BYTES = 512;

    private static final int IOC_WRITE = 1;

    /** {@code _IOW('m', 1, char[512])}: the kernel passes as many bytes as the number encodes. */
    public static final int NUMBER = IOC_WRITE << 30 | ARGUMENT_BYTES << 16 | 'm' << 8 | 1;

    private AttributeRequest() {}

    /**
     * The argument for a change.
     *
     * @throws IllegalArgumentException if name and value are too long
     */
    static byte[] encode(String name, String value) {
        byte[] words = (name + '\0' + value + '\0').getBytes(StandardCharsets.UTF_8);
        if (words.length > ARGUMENT_BYTES) {
            throw new IllegalArgumentException(name + " is too long");
        }
        byte[] argument = new byte[ARGUMENT_BYTES];
        System.arraycopy(words, 0, argument, 0, words.length);
        return argument;
    }

    /** The name and the value in an argument. */
    static List<String> decode(byte[] argument) throws OperationRefused {
        List<String> words = List.of(new String(argument, StandardCharsets.UTF_8).split("\0", -1));
        if (words.size() < 3) {
            throw new OperationRefused(FuseErrno.EINVAL);
        }
        return words.subList(0, 2);
    }
}
