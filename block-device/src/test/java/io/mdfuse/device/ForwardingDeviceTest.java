package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A device on top of another one forwards every method except those that it implements itself on purpose. */
final class ForwardingDeviceTest {
    private static final long SIZE_BYTES = 1 << 20;

    /** The results of the device below, all different from those of the interface's default methods. */
    private static final Map<Class<?>, Object> ANSWERS = Map.of(
            String.class,
            "beneath",
            int.class,
            2048,
            long.class,
            SIZE_BYTES,
            boolean.class,
            false,
            ByteRanges.class,
            ByteRanges.of(0, 512));

    /**
     * A kind of device.
     *
     * @param own the methods that it implements without calling the device below
     */
    record Kind(String name, UnaryOperator<BlockDevice> over, Set<String> own) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of(
                new Kind("plain", beneath -> new ForwardingDevice(beneath) {}, Set.of("tryWritePastCache")),
                new Kind("held writes", HeldWritesDevice::new, Set.of()),
                new Kind(
                        "cut short",
                        beneath -> new CutShortDevice(beneath, SIZE_BYTES),
                        Set.of("sizeBytes", "tryWritePastCache", "close")),
                new Kind(
                        "slice",
                        beneath -> new DeviceSlice(beneath, 0, SIZE_BYTES),
                        Set.of(
                                "name",
                                "sizeBytes",
                                "write",
                                "tryWritePastCache",
                                "flush",
                                "trim",
                                "discard",
                                "reserve",
                                "close")),
                new Kind(
                        "part", beneath -> new PartDevice(beneath, "part", 0, SIZE_BYTES), Set.of("name", "sizeBytes")),
                new Kind(
                        "holed",
                        beneath -> new HoledDevice(beneath, SIZE_BYTES, ByteRanges.NONE),
                        Set.of("sizeBytes", "unreadable", "write", "tryWritePastCache", "trim", "discard", "reserve")),
                new Kind(
                        "healing",
                        beneath -> new HealingDevice(beneath, ByteRanges.of(0, SIZE_BYTES), left -> {}),
                        Set.of("unreadable", "read", "tryWritePastCache", "trim", "discard", "prefetch", "evict")),
                new Kind("shared", beneath -> new SharedDevice(beneath).handle(), Set.of()),
                new Kind(
                        "copy on write",
                        CopyOnWriteDevice::new,
                        Set.of(
                                "write",
                                "tryWritePastCache",
                                "flush",
                                "trim",
                                "discard",
                                "reserve",
                                "guaranteesSpace",
                                "close")),
                new Kind(
                        "by plan",
                        beneath -> new FaultyDevice(beneath, new FaultPlan(1)),
                        Set.of("tryWritePastCache")));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyOtherMethodReachesTheDeviceBelow(Kind kind) throws Exception {
        Set<String> asked = new TreeSet<>();
        BlockDevice device = kind.over().apply(recording(asked));
        Set<String> notAsked = new TreeSet<>();
        for (Method method : methods()) {
            asked.clear();
            @Nullable Object answer = call(device, method);
            if (!asked.contains(method.getName())) {
                notAsked.add(method.getName());
            } else if (method.getReturnType() != void.class) {
                assertEquals(ANSWERS.get(method.getReturnType()), answer, method.getName());
            }
        }
        assertEquals(new TreeSet<>(kind.own()), notAsked);
    }

    /** A read-only slice refuses to reserve space as well. */
    @Test
    void aSliceReservesNothing() {
        DeviceSlice slice = new DeviceSlice(recording(new TreeSet<>()), 0, SIZE_BYTES);
        assertThrows(DeviceException.class, () -> slice.reserve(0, 4096));
    }

    private static List<Method> methods() {
        return Arrays.stream(BlockDevice.class.getDeclaredMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isSynthetic())
                // close comes last, since the other calls need an open device.
                .sorted((one, other) -> Boolean.compare(
                        one.getName().equals("close"), other.getName().equals("close")))
                .toList();
    }

    private static BlockDevice recording(Set<String> asked) {
        return (BlockDevice) Proxy.newProxyInstance(
                BlockDevice.class.getClassLoader(), new Class<?>[] {BlockDevice.class}, (proxy, method, words) -> {
                    asked.add(method.getName());
                    return ANSWERS.get(method.getReturnType());
                });
    }

    /** Calls the method for 4 KiB at offset 4 KiB; null if the device refuses. */
    private static @Nullable Object call(BlockDevice device, Method method) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            Object[] words = Arrays.stream(method.getParameterTypes())
                    .map(type -> type == MemorySegment.class ? arena.allocate(4096) : (Object) 4096L)
                    .toArray();
            return method.invoke(device, words);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof DeviceException) {
                return null;
            }
            throw e;
        }
    }
}
