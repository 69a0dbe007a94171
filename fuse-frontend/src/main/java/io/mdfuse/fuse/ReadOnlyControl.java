package io.mdfuse.fuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Changes an attribute of a volume that is mounted read-only: the sender of {@link AttributeRequest}. */
public final class ReadOnlyControl {
    private static final int O_RDONLY_CLOEXEC = 02000000;

    private static final MethodHandle IOCTL = HostCalls.find(
            "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), Linker.Option.firstVariadicArg(2));

    private ReadOnlyControl() {}

    /**
     * Changes the attribute; returns when the change has taken effect.
     *
     * @throws IOException if the change was refused
     */
    public static void set(Path file, String name, String value) throws IOException {
        int descriptor = HostCalls.open(file.toString(), O_RDONLY_CLOEXEC);
        if (descriptor < 0) {
            throw new IOException(file + " can't be opened");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(AttributeRequest.ARGUMENT_BYTES);
            argument.copyFrom(MemorySegment.ofArray(AttributeRequest.encode(name, value)));
            if ((int) IOCTL.invokeExact(descriptor, (long) AttributeRequest.NUMBER, argument) < 0) {
                throw new IOException(name + " = " + value + " was refused");
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        } finally {
            HostCalls.close(descriptor);
        }
    }
}
