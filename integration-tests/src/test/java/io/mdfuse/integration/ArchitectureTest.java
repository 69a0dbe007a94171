package io.mdfuse.integration;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import org.junit.jupiter.api.Test;

/** The rooms of the house stand in a line, and each native library has one door. */
class ArchitectureTest {
    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.mdfuse");

    @Test
    void roomsStandInALine() {
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

    /** Inside the engine each floor knows only those below it; the array on top knows all. */
    @Test
    void engineIsBuiltFromTheGroundUp() {
        Architectures.layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .layer("geometry")
                .definedBy("io.mdfuse.raid.geometry..")
                .layer("parity")
                .definedBy("io.mdfuse.raid.parity..")
                .layer("foreign")
                .definedBy("io.mdfuse.raid.foreign..")
                .layer("superblock")
                .definedBy("io.mdfuse.raid.superblock..")
                .layer("member")
                .definedBy("io.mdfuse.raid.member..")
                .layer("stripe")
                .definedBy("io.mdfuse.raid.stripe..")
                .layer("writepath")
                .definedBy("io.mdfuse.raid.writepath..")
                .layer("recovery")
                .definedBy("io.mdfuse.raid.recovery..")
                .layer("array")
                .definedBy("io.mdfuse.raid.array..")
                .whereLayer("array")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("recovery")
                .mayOnlyBeAccessedByLayers("array")
                .whereLayer("writepath")
                .mayOnlyBeAccessedByLayers("recovery", "array")
                .whereLayer("stripe")
                .mayOnlyBeAccessedByLayers("writepath", "recovery", "array")
                .whereLayer("member")
                .mayOnlyBeAccessedByLayers("stripe", "writepath", "recovery", "array")
                .whereLayer("geometry")
                .mayNotAccessAnyLayer()
                .whereLayer("parity")
                .mayNotAccessAnyLayer()
                .whereLayer("foreign")
                .mayNotAccessAnyLayer()
                .whereLayer("superblock")
                .mayOnlyAccessLayers("foreign")
                .check(PRODUCT);
    }

    @Test
    void onlyTheBindingTouchesTheNativeFuseLibrary() {
        noClasses()
                .that(areNot("io.mdfuse.fuse.JnrFuseBinding"))
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
    void devicesAreMetOnlyThroughTheirInterface() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.mdfuse.journal..",
                        "io.mdfuse.raid.member..",
                        "io.mdfuse.raid.stripe..",
                        "io.mdfuse.raid.writepath..",
                        "io.mdfuse.raid.recovery..",
                        "io.mdfuse.raid.superblock..",
                        "io.mdfuse.raid.foreign..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.mdfuse.device.FileDevice")
                .check(PRODUCT);
    }

    /** So that a method which the interface gains later is not answered by its default. */
    @Test
    void aDeviceOverAnotherOneForwards() {
        classes()
                .that()
                .implement("io.mdfuse.device.BlockDevice")
                .and(DescribedPredicate.describe(
                        "have a device beneath",
                        type -> type.getFields().stream()
                                .anyMatch(field ->
                                        field.getRawType().getFullName().equals("io.mdfuse.device.BlockDevice"))))
                .should()
                .beAssignableTo("io.mdfuse.device.ForwardingDevice")
                .check(PRODUCT);
    }

    @Test
    void everythingIsInARoomWithoutNulls() {
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

    /** All but a class and what is written inside it. */
    private static DescribedPredicate<JavaClass> areNot(String name) {
        return DescribedPredicate.describe(
                "are not " + name,
                type -> !type.getFullName().equals(name) && !type.getFullName().startsWith(name + "$"));
    }
}
