package io.mdfuse.integration;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The modules and packages depend on each other in one direction only, and each native library is used by one class or
 * package.
 */
class ArchitectureTest {
    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            // The test-jar of block-device, which Maven hands over as a jar from the phase package on.
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.mdfuse");

    @Test
    void modulesDependInOneDirection() {
        Architectures.layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("device")
                .definedBy("io.mdfuse.device..")
                .layer("journal")
                .definedBy("io.mdfuse.journal..")
                .layer("raid")
                .definedBy("io.mdfuse.raid..")
                .layer("frontend")
                .definedBy("io.mdfuse.fuse..", "io.mdfuse.cli..")
                .whereLayer("frontend")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("raid")
                .mayOnlyBeAccessedByLayers("frontend")
                .whereLayer("journal")
                .mayOnlyBeAccessedByLayers("raid")
                .whereLayer("device")
                .mayOnlyBeAccessedByLayers("journal", "raid", "frontend")
                .check(PRODUCT);
    }

    /** Inside the engine a package uses only packages before it in this list. */
    private static final List<String> ENGINE_PACKAGES = List.of(
            "event",
            "statistics",
            "geometry",
            "parity",
            "superblock.foreign",
            "spec",
            "superblock",
            "superblock.store",
            "member",
            "stripe",
            "writepath",
            "recovery",
            "sync",
            "create",
            "reshape",
            "copies",
            "xray",
            "lost",
            "array",
            "array.content",
            "array.overlay",
            "array.lvm",
            "array.inside");

    /** The packages that the frontend may use: open arrays, new arrays, metadata, devices, layout names; and events. */
    private static final List<String> PACKAGES_FOR_THE_FRONTEND = List.of(
            "array",
            "array.content",
            "array.overlay",
            "array.inside",
            "create",
            "lost",
            "xray",
            "superblock",
            "superblock.foreign",
            "spec",
            "geometry",
            "event",
            "statistics");

    @Test
    void enginePackagesDependDownwardsOnly() {
        for (int position = 0; position < ENGINE_PACKAGES.size(); position++) {
            String[] above = ENGINE_PACKAGES.subList(position + 1, ENGINE_PACKAGES.size()).stream()
                    .map(ArchitectureTest::enginePackage)
                    .toArray(String[]::new);
            if (above.length > 0) {
                noClasses()
                        .that()
                        .resideInAPackage(enginePackage(ENGINE_PACKAGES.get(position)))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(above)
                        .check(PRODUCT);
            }
        }
        classes()
                .that()
                .resideInAPackage("io.mdfuse.raid..")
                .should()
                .resideInAnyPackage(ENGINE_PACKAGES.stream()
                        .map(ArchitectureTest::enginePackage)
                        .toArray(String[]::new))
                .check(PRODUCT);
    }

    /** Journal recovery and background passes share nothing; the formats know no layout. */
    @Test
    void packagesThatShareNothingStayApart() {
        for (String[] pair : new String[][] {{"recovery", "sync"}, {"sync", "recovery"}, {"superblock", "geometry"}}) {
            noClasses()
                    .that()
                    .resideInAPackage(enginePackage(pair[0]))
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(enginePackage(pair[1]))
                    .check(PRODUCT);
        }
    }

    /** So that the engine can change its write path without a change of any command. */
    @Test
    void frontendReachesOnlyTheOuterPackagesOfTheEngine() {
        staysOutsideTheEngine("io.mdfuse.fuse..", "io.mdfuse.cli..").check(PRODUCT);
    }

    @Test
    void plantedReachIntoTheEngineIsFound() {
        JavaClasses planted = new ClassFileImporter().importClasses(PlantedCommand.class);
        assertTrue(staysOutsideTheEngine("io.mdfuse.integration..")
                .evaluate(planted)
                .hasViolation());
    }

    private static ArchRule staysOutsideTheEngine(String... packages) {
        String[] inner = ENGINE_PACKAGES.stream()
                .filter(name -> !PACKAGES_FOR_THE_FRONTEND.contains(name))
                .map(ArchitectureTest::enginePackage)
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(inner);
    }

    private static String enginePackage(String name) {
        return "io.mdfuse.raid." + name;
    }

    /** Two classes that need each other can't be understood, or tested, one after the other. */
    @Test
    void classesOfAPackageFormNoCircle() {
        noCircles().check(PRODUCT);
    }

    @Test
    void plantedCircleIsFound() {
        JavaClasses planted = new ClassFileImporter().importClasses(PlantedChicken.class, PlantedEgg.class);
        assertTrue(noCircles().evaluate(planted).hasViolation());
    }

    private static ArchRule noCircles() {
        return slices().assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        String name = type.getName();
                        int inner = name.indexOf('$');
                        return SliceIdentifier.of(inner < 0 ? name : name.substring(0, inner));
                    }

                    @Override
                    public String getDescription() {
                        return "classes, with their nested classes";
                    }
                })
                .should()
                .beFreeOfCycles();
    }

    /** The bindings of libfuse 2, libfuse 3, libnbd and libblkid, and the structs of C that the first two fill. */
    private static final Set<String> BINDINGS = Set.of(
            "io.mdfuse.fuse.JnrFuseBinding",
            "io.mdfuse.fuse.Fuse3Library",
            "io.mdfuse.fuse.Fuse3Slots",
            "io.mdfuse.fuse.Fuse3Callbacks",
            "io.mdfuse.fuse.NativeStructs",
            "io.mdfuse.fuse.blkid.Blkid",
            "io.mdfuse.device.nbd.NbdLibrary",
            "io.mdfuse.device.nbd.Alarm");

    @Test
    void onlyTheBindingsTouchNativeLibraries() {
        noClasses()
                .that(areNoneOf(BINDINGS))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ru.serce.jnrfuse..", "jnr..")
                .check(PRODUCT);
    }

    @Test
    void onlyTheDeviceAndTheMountCallTheOperatingSystem() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.mdfuse.device..", "io.mdfuse.fuse..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Linker")
                .check(PRODUCT);
    }

    @Test
    void devicesAreUsedOnlyThroughTheirInterface() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.mdfuse.journal..",
                        "io.mdfuse.raid.member..",
                        "io.mdfuse.raid.stripe..",
                        "io.mdfuse.raid.writepath..",
                        "io.mdfuse.raid.recovery..",
                        "io.mdfuse.raid.sync..",
                        "io.mdfuse.raid.superblock..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.mdfuse.device.FileDevice")
                .check(PRODUCT);
    }

    /** So that a method which is added to the interface later is forwarded, and not answered by its default. */
    @Test
    void aDeviceOverAnotherOneForwards() {
        classes()
                .that()
                .implement("io.mdfuse.device.BlockDevice")
                .and(DescribedPredicate.describe(
                        "have a device below",
                        type -> type.getFields().stream()
                                .anyMatch(field ->
                                        field.getRawType().getFullName().equals("io.mdfuse.device.BlockDevice"))))
                .should()
                .beAssignableTo("io.mdfuse.device.ForwardingDevice")
                .check(PRODUCT);
    }

    @Test
    void everyClassIsInAKnownPackageThatIsNullMarked() {
        classes()
                .should()
                .resideInAnyPackage(
                        "io.mdfuse.device..",
                        "io.mdfuse.journal..",
                        "io.mdfuse.raid..",
                        "io.mdfuse.fuse..",
                        "io.mdfuse.cli..")
                .check(PRODUCT);
        classes()
                .that()
                .haveSimpleName("package-info")
                .should()
                .beAnnotatedWith("org.jspecify.annotations.NullMarked")
                .check(PRODUCT);
    }

    /** All classes but these and their nested classes. */
    private static DescribedPredicate<JavaClass> areNoneOf(Set<String> names) {
        return DescribedPredicate.describe(
                "are none of " + names,
                type -> !names.contains(type.getFullName().replaceFirst("\\$.*", "")));
    }
}
