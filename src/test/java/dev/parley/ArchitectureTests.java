package dev.parley;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Tags;

/** The packages' arrows (docs/ARCHITECTURE.md) and what a reviewer would otherwise repeat. */
@AnalyzeClasses(packages = "dev.parley", importOptions = DoNotIncludeTests.class)
class ArchitectureTests {
  private static final Set<String> STARTERS =
      Set.of(
          "java.lang.ProcessBuilder",
          "org.springframework.boot.SpringApplication",
          "org.springframework.boot.builder.SpringApplicationBuilder",
          "org.springframework.boot.test.context.runner.ApplicationContextRunner");

  @ArchTest
  static final ArchRule packagesUseOnlyWhatIsBelowThem =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("start")
          .definedBy("dev.parley.start")
          .layer("admin")
          .definedBy("dev.parley.admin..")
          .layer("websocket")
          .definedBy("dev.parley.websocket")
          .layer("http")
          .definedBy("dev.parley.http")
          .layer("security")
          .definedBy("dev.parley.security")
          .layer("connection")
          .definedBy("dev.parley.connection")
          .layer("room")
          .definedBy("dev.parley.room")
          .layer("token")
          .definedBy("dev.parley.access.token")
          .layer("access")
          .definedBy("dev.parley.access")
          .layer("broker")
          .definedBy("dev.parley.broker..")
          .layer("delivery")
          .definedBy("dev.parley.delivery")
          .layer("budget")
          .definedBy("dev.parley.budget")
          .layer("protocol")
          .definedBy("dev.parley.protocol")
          .layer("readiness")
          .definedBy("dev.parley.readiness")
          .whereLayer("start")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("admin")
          .mayOnlyBeAccessedByLayers("start")
          .whereLayer("websocket")
          .mayOnlyAccessLayers(
              "security",
              "connection",
              "room",
              "access",
              "broker",
              "delivery",
              "budget",
              "protocol")
          .whereLayer("http")
          .mayOnlyAccessLayers(
              "security",
              "connection",
              "room",
              "token",
              "access",
              "broker",
              "delivery",
              "budget",
              "protocol")
          .whereLayer("security")
          .mayOnlyAccessLayers("token", "access", "budget", "protocol", "readiness")
          .whereLayer("connection")
          .mayOnlyAccessLayers("room", "access", "broker", "delivery", "budget", "protocol")
          .whereLayer("room")
          .mayOnlyAccessLayers("access", "broker", "delivery", "budget", "protocol")
          .whereLayer("token")
          .mayOnlyAccessLayers("access", "protocol", "readiness")
          .whereLayer("access")
          .mayOnlyAccessLayers("budget", "protocol")
          .whereLayer("broker")
          .mayOnlyAccessLayers("budget", "protocol", "readiness")
          .whereLayer("delivery")
          .mayOnlyAccessLayers("budget", "protocol")
          .whereLayer("budget")
          .mayNotAccessAnyLayer()
          .whereLayer("protocol")
          .mayNotAccessAnyLayer()
          .whereLayer("readiness")
          .mayNotAccessAnyLayer()
          .ensureAllClassesAreContainedInArchitectureIgnoring("dev.parley")
          .because(
              "a package can be understood, tested and replaced with nothing but those below it;"
                  + " a new package gets its place here and in docs/ARCHITECTURE.md first");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices()
          .matching("dev.parley.(*)..")
          .should()
          .beFreeOfCycles()
          .because("two packages that need each other are one package with two names");

  @ArchTest
  static final ArchRule subPackagesUseTheirParentAndNotTheOtherWayRound =
      noClasses()
          .that()
          .resideInAnyPackage("dev.parley.broker", "dev.parley.access")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.parley.broker.*..", "dev.parley.access.*..")
          .because("a contract does not know who keeps it");

  @ArchTest
  static final ArchRule brokersDoNotKnowEachOther =
      slices()
          .matching("dev.parley.broker.(*)..")
          .should()
          .notDependOnEachOther()
          .because("an instance has one of them");

  @ArchTest
  static final ArchRule askingTheClusterKnowsNoEndpoint =
      noClasses()
          .that()
          .resideInAPackage("dev.parley.admin.cluster")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.parley.admin", "dev.parley.admin.openapi")
          .because("endpoints ask the cluster, and their description describes both");

  @ArchTest
  static final ArchRule nothingUsesTheEntryPoint =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.parley")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.parley")
          .because("the root package holds the main class only");

  @ArchTest
  static final ArchRule protocolKnowsNoSpring =
      noClasses()
          .that()
          .resideInAPackage("dev.parley.protocol")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.springframework..")
          .because("the wire format must be usable and testable without a container");

  @ArchTest
  static final ArchRule everyPackageIsNullMarkedAndDescribed =
      classes()
          .should(resideInANullMarkedPackage())
          .because(
              "package-info.java says what lives there and who may use it, and NullAway checks"
                  + " only what is @NullMarked");

  @ArchTest
  static void nothingSleepsNotEvenATest(JavaClasses production) {
    noClasses()
        .should()
        .callMethodWhere(target(owner(type(Thread.class))).and(target(name("sleep"))))
        .because("it blocks a lane, or makes a test slow and still not sure: wait for an event")
        .check(new ClassFileImporter().importPackages("dev.parley"));
  }

  @ArchTest
  static void testsOfTheInnerLoopStartNothing(JavaClasses production) {
    classes()
        .that()
        .haveSimpleNameEndingWith("Tests")
        .and()
        .areNotAnnotatedWith(Tag.class)
        .and()
        .areNotAnnotatedWith(Tags.class)
        .should()
        .onlyDependOnClassesThat(describe("start nothing", ArchitectureTests::startsNothing))
        .because("./mvnw test is to end within a minute or two: what takes longer has a @Tag")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.OnlyIncludeTests())
                .importPackages("dev.parley"));
  }

  @ArchTest
  static void supportStartsTheServiceAndHasTheClientAndTheProxy(JavaClasses production) {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.parley.support")
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "dev[.]parley[.]Parley|java[.]net[.]http[.]WebSocket([$].*)?|java[.]net[.]ServerSocket")
        .because(
            "tests start the service by ParleyService or ParleyProcess, connect by TestClient, and"
                + " put TcpProxy in between: a second of each would have other faults")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.OnlyIncludeTests())
                .importPackages("dev.parley"));
  }

  private static boolean startsNothing(JavaClass type) {
    return !STARTERS.contains(type.getName())
        && !(type.getPackageName().startsWith("dev.parley")
            && type.getDirectDependenciesFromSelf().stream()
                .anyMatch(needed -> STARTERS.contains(needed.getTargetClass().getName())));
  }

  @ArchTest
  static final ArchRule nothingWritesToTheStandardStreams =
      noClasses()
          .should(ACCESS_STANDARD_STREAMS)
          .because("what operators read goes through the log, with level and logger");

  @ArchTest
  static final ArchRule nothingUsesJavaUtilLogging =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.util.logging")
          .because("there is one way to log, SLF4J");

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses()
          .should()
          .haveNameMatching(".*[.$]\\w*(Utils?|Helpers?|Managers?|Impl)(\\$.*)?")
          .because("such a name fits any class; the domain has words of its own");

  private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
    return new ArchCondition<>("reside in a package with a @NullMarked package-info.java") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        events.add(
            new SimpleConditionEvent(
                type,
                type.getPackage().isAnnotatedWith(NullMarked.class),
                type.getPackageName() + ", package of " + type.getSimpleName()));
      }
    };
  }
}
