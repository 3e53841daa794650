package dev.keybed;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Counts the tests by the engine they ran on, and says so at the end. Registered as a service. */
public final class EngineCount implements AfterEachCallback {

    @Override
    public void afterEach(ExtensionContext context) {
        Object test = context.getRequiredTestInstance();
        String engine = test instanceof EngineTest on ? on.engine.optionValue() : "one or none";
        context.getRoot()
                .getStore(ExtensionContext.Namespace.create(EngineCount.class))
                .getOrComputeIfAbsent(Counts.class)
                .add(engine);
    }

    /** Closed by JUnit when all tests have run. */
    static final class Counts implements AutoCloseable {
        private final Map<String, Integer> tests = new TreeMap<>();

        void add(String engine) {
            tests.merge(engine, 1, Integer::sum);
        }

        @Override
        public void close() {
            System.out.println("Tests by engine: "
                    + tests.entrySet().stream()
                            .map(each -> each.getKey() + " " + each.getValue())
                            .collect(Collectors.joining(", ")));
        }
    }
}
