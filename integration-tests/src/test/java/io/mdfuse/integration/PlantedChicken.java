package io.mdfuse.integration;

/** One half of a dependency circle, for the architecture test to find. */
final class PlantedChicken {
    private PlantedChicken() {}

    static String egg() {
        return PlantedEgg.chicken();
    }
}
