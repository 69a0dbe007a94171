package io.mdfuse.integration;

import io.mdfuse.raid.writepath.LogNeeds;

/** A command that reaches into the engine, for the architecture test to find. */
final class PlantedCommand {
    private PlantedCommand() {}

    static long leastLogSectors() {
        return new LogNeeds(3, 1).leastSectors();
    }
}
