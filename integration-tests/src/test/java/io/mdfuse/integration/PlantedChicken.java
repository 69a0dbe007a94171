package io.mdfuse.integration;

/** One half of a circle, for the architecture test to find. */
final class PlantedChicken {
    private PlantedChicken() {}

    static String egg() {
        return PlantedEgg.chicken();
    }
}
