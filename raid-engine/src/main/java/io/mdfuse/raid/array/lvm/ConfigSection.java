package io.mdfuse.raid.array.lvm;

import java.util.List;
import java.util.Map;

/**
 * A section of a configuration text: its entries by name, in the order of the text. A value is a {@link String}, a
 * {@link Long}, a {@link List} of these, or a section.
 *
 * @param path the names of the section and of those around it, for messages
 */
record ConfigSection(String path, Map<String, Object> entries) {
    String text(String name) throws LvmDamagedException {
        return typed(name, String.class);
    }

    long number(String name) throws LvmDamagedException {
        return typed(name, Long.class);
    }

    /** A number from {@code least} to {@code most}. */
    long number(String name, long least, long most) throws LvmDamagedException {
        long value = number(name);
        if (value < least || value > most) {
            throw new LvmDamagedException("LVM2 metadata: " + name(name) + " is " + value);
        }
        return value;
    }

    List<?> list(String name) throws LvmDamagedException {
        return typed(name, List.class);
    }

    ConfigSection section(String name) throws LvmDamagedException {
        return typed(name, ConfigSection.class);
    }

    boolean has(String name) {
        return entries.containsKey(name);
    }

    /** The sections in this one. */
    List<Map.Entry<String, ConfigSection>> sections() {
        return entries.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof ConfigSection)
                .map(entry -> Map.entry(entry.getKey(), (ConfigSection) entry.getValue()))
                .toList();
    }

    private <T> T typed(String name, Class<T> type) throws LvmDamagedException {
        Object value = entries.get(name);
        if (!type.isInstance(value)) {
            throw new LvmDamagedException(
                    "LVM2 metadata: " + name(name) + (value == null ? " is missing" : " is of another type"));
        }
        return type.cast(value);
    }

    private String name(String name) {
        return path.isEmpty() ? name : path + "/" + name;
    }
}
