package dev.gvmi.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The rules of docs/architecture.md over all modules. Generated protobuf classes are left out. */
class ArchitectureTest {
  private static final String[] PURE = {
    "dev.gvmi.protocol..",
    "dev.gvmi.libp2p.multiformats..",
    "dev.gvmi.libp2p.address..",
    "dev.gvmi.libp2p.kad.routing..",
    "dev.gvmi.libp2p.mdns.dns..",
    "dev.gvmi.libp2p.mdns.link..",
    "dev.gvmi.node.cache.rules..",
    "dev.gvmi.node.advice..",
    "dev.gvmi.node.runtime.rewrite..",
    "dev.gvmi.node.schedule..",
    "dev.gvmi.node.swarm.."
  };

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/proto/"))
          .importPackages("dev.gvmi");

  @Test
  void libp2pKnowsNoOtherModule() {
    never("dev.gvmi.libp2p..", "dev.gvmi.protocol..", "dev.gvmi.node..", "dev.gvmi.cli..");
  }

  @Test
  void protocolKnowsNoOtherModule() {
    never("dev.gvmi.protocol..", "dev.gvmi.libp2p..", "dev.gvmi.node..", "dev.gvmi.cli..");
  }

  @Test
  void nodeDoesNotKnowTheCommandLine() {
    never("dev.gvmi.node..", "dev.gvmi.cli..");
  }

  @Test
  void packagesHaveNoCycles() {
    check(slices().matching("dev.gvmi.(**)").should().beFreeOfCycles());
  }

  @Test
  void rocksDbStaysInItsPackage() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("dev.gvmi.node.store.rocksdb..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.rocksdb.."));
  }

  @Test
  void nettyStaysInsideLibp2pAndTheGateway() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("dev.gvmi.libp2p..", "dev.gvmi.node.gateway..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.."));
  }

  @Test
  void facadeDoesNotShowNetty() {
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.gvmi.libp2p")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.."));
  }

  @Test
  void purePackagesUseNoClockRandomInputOutputExecutorOrLogger() {
    DescribedPredicate<JavaClass> impure =
        resideInAnyPackage(
                "java.nio.file..", "java.nio.channels..", "java.net.http..", "org.slf4j..")
            .or(resideInAPackage("java.util.concurrent").and(nameMatching(".*Execut.*")))
            .or(nameMatching("java\\.io\\.(File|Random|Buffered).*"))
            .or(nameMatching("java\\.net\\.(Server|Datagram)?Socket"))
            .or(nameMatching("java\\.time\\.(Clock|InstantSource)"))
            .or(nameMatching("java\\.(util\\.Random|security\\.SecureRandom|lang\\.Thread)"))
            .as("clock, random, I/O, executor or logger");
    check(noClasses().that().resideInAnyPackage(PURE).should().dependOnClassesThat(impure));
    check(
        noClasses().that().resideInAnyPackage(PURE).should().callMethod(System.class, "nanoTime"));
    check(
        noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .callMethod(System.class, "currentTimeMillis"));
  }

  /** An implementation is a class whose interface of ours lies in another package. */
  @Test
  void onlyCompositionRootsConstructImplementations() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("dev.gvmi.node", "dev.gvmi.libp2p.host", "dev.gvmi.cli..")
            .should()
            .callConstructorWhere(
                new DescribedPredicate<JavaConstructorCall>(
                    "makes an implementation of elsewhere") {
                  @Override
                  public boolean test(JavaConstructorCall call) {
                    JavaClass made = call.getTargetOwner();
                    return !made.getPackageName().equals(call.getOriginOwner().getPackageName())
                        && isImplementation(made);
                  }
                }));
  }

  private static boolean isImplementation(JavaClass made) {
    return made.getAllRawInterfaces().stream()
        .filter(type -> type.getPackageName().startsWith("dev.gvmi"))
        .anyMatch(type -> !type.getPackageName().equals(made.getPackageName()));
  }

  @Test
  void onlyTheOutputPrints() {
    ArchRule out =
        noClasses()
            .that()
            .resideOutsideOfPackage("dev.gvmi.cli.output..")
            .should()
            .accessField(System.class, "out");
    check(out);
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("dev.gvmi.cli.output..")
            .should()
            .accessField(System.class, "err"));
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<String> marked =
        ALL.stream()
            .filter(c ->
                c.getSimpleName().equals("package-info") && c.isAnnotatedWith(NullMarked.class))
            .map(JavaClass::getPackageName)
            .collect(Collectors.toSet());
    Set<String> missing =
        ALL.stream()
            .map(JavaClass::getPackageName)
            .filter(p -> !marked.contains(p))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(missing).isEmpty();
  }

  private static void never(String from, String... to) {
    check(
        noClasses()
            .that()
            .resideInAPackage(from)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(to));
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(ALL);
  }
}
