package io.mdfuse.integration;

/** The other half of the circle. */
final class PlantedEgg {
    private PlantedEgg() {}

    static String chicken() {
        return PlantedChicken.egg();
    }
}
