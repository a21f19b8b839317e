package org.barewire.cli;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.barewire.core.memory.Memory;
import org.junit.jupiter.api.Test;

/// What holds between the rooms of the house: see `docs/architecture.md`.
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter().importPaths(folders());

    private static List<Path> folders() {
        return Stream.of("core", "drivers", "sim", "cli")
                .map(module -> Path.of("..", module, "target", "classes"))
                .toList();
    }

    @Test
    void allModulesAreLookedAt() {
        for (String module : List.of("core", "drivers", "sim", "cli")) {
            assertThat(CLASSES).anyMatch(c -> c.getPackageName().startsWith("org.barewire." + module));
        }
    }

    @Test
    void onlyMemoryAndTheSystemCallsTouchRawMemory() {
        noClasses()
                .that()
                .areNotAssignableTo(Memory.class)
                .and()
                .resideOutsideOfPackage("org.barewire.core.linux")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("sun.misc.Unsafe")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.barewire.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void whatIsEmbeddedNeedsTheJdkOnly() {
        classes()
                .that()
                .resideInAnyPackage("org.barewire.core..", "org.barewire.drivers..", "org.barewire.sim..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("org.barewire..", "java..", "javax..", "jdk..", "org.jspecify.annotations")
                .check(CLASSES);
    }

    @Test
    void modulesDependDownwardsOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("core")
                .definedBy("org.barewire.core..")
                .layer("drivers")
                .definedBy("org.barewire.drivers..")
                .layer("sim")
                .definedBy("org.barewire.sim..")
                .layer("cli")
                .definedBy("org.barewire.cli..")
                .whereLayer("core")
                .mayNotAccessAnyLayer()
                .whereLayer("drivers")
                .mayOnlyAccessLayers("core")
                .whereLayer("sim")
                .mayOnlyAccessLayers("core", "drivers")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
    }

    @Test
    void driversDoNotKnowOneAnother() {
        slices().matching("org.barewire.drivers.(*)..")
                .should()
                .notDependOnEachOther()
                .ignoreDependency(
                        alwaysTrue(),
                        resideInAnyPackage(
                                "org.barewire.drivers.pci",
                                "org.barewire.drivers.intel",
                                "org.barewire.drivers.vhost",
                                "org.barewire.drivers.kernel"))
                .check(CLASSES);
    }
}
