package dev.keybed.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keybed.Engine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.InternalPriorityQueue;
import org.apache.flink.runtime.state.InternalPriorityQueueTestBase;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Flink's suite for queues of timers, and what ours promise beyond. */
abstract class AbstractTimersTest extends InternalPriorityQueueTestBase {
    private final Engine engine;
    private final TimerService service;
    private final List<AbstractKeyedStateBackend<Long>> backends = new ArrayList<>();
    private final List<MockEnvironment> environments = new ArrayList<>();

    AbstractTimersTest(Engine engine, TimerService service) {
        this.engine = engine;
        this.service = service;
    }

    @Override
    protected InternalPriorityQueue<TestElement> newPriorityQueue(int initialCapacity) {
        return queue(5);
    }

    private InternalPriorityQueue<TestElement> queue(int cacheSize) {
        return open(cacheSize).create("timers", TestElementSerializer.INSTANCE);
    }

    private AbstractKeyedStateBackend<Long> open(int cacheSize) {
        try {
            MockEnvironment environment = MockEnvironment.builder().build();
            environments.add(environment);
            Configuration configuration = Engines.configuration(engine);
            configuration.set(KeybedOptions.TIMER_SERVICE, service);
            configuration.set(KeybedOptions.TIMER_CACHE_SIZE, cacheSize);
            AbstractKeyedStateBackend<Long> backend = Backends.open(
                    new KeybedStateBackend().configure(configuration, getClass().getClassLoader()),
                    environment,
                    LongSerializer.INSTANCE,
                    Backends.ALL,
                    List.of());
            backends.add(backend);
            return backend;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() throws Exception {
        backends.forEach(AbstractKeyedStateBackend::dispose);
        for (MockEnvironment environment : environments) {
            environment.close();
        }
    }

    @Override
    protected boolean testSetSemanticsAgainstDuplicateElements() {
        return true;
    }

    /** An operator has event-time and processing-time timers, and may have more, all of which share a session. */
    @Test
    void timers_of_two_names_and_many_key_groups_are_kept_apart() throws Exception {
        AbstractKeyedStateBackend<Long> backend = open(1);
        List<InternalPriorityQueue<TestElement>> queues = new ArrayList<>();
        List<Set<TestElement>> models = new ArrayList<>();
        for (String name : List.of("event", "processing")) {
            queues.add(backend.create(name, TestElementSerializer.INSTANCE));
            models.add(new HashSet<>());
        }
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            TestElement timer = new TestElement(random.nextInt(20), random.nextInt(50));
            int which = random.nextInt(queues.size());
            if (random.nextInt(3) == 0) {
                queues.get(which).remove(timer);
                models.get(which).remove(timer);
            } else {
                queues.get(which).add(timer);
                models.get(which).add(timer);
            }
        }
        for (int which = 0; which < queues.size(); which++) {
            Set<TestElement> polled = new HashSet<>();
            TestElement timer;
            while ((timer = queues.get(which).poll()) != null) {
                assertThat(polled.add(timer)).isTrue();
            }
            assertThat(polled).isEqualTo(models.get(which));
        }
    }

    /** Random operations beside a sorted set, with caches from one timer on. */
    @Test
    void a_queue_is_a_sorted_set_whatever_is_cached() throws Exception {
        for (int cacheSize : new int[] {1, 2, 3, 16, 128}) {
            Random random = new Random(cacheSize);
            InternalPriorityQueue<TestElement> queue = queue(cacheSize);
            TreeSet<TestElement> model = new TreeSet<>(
                    Comparator.comparingLong(TestElement::getPriority).thenComparing(TestElement::getKey));
            for (int i = 0; i < 4000; i++) {
                // Few keys, so that some key groups have many timers; the queue fills up, runs empty, and fills up again.
                TestElement timer = new TestElement(random.nextInt(4), random.nextInt(400) - 200);
                int kind = random.nextInt(10);
                boolean growing = i / 500 % 2 == 0;
                if (kind < (growing ? 7 : 2)) {
                    long before = model.isEmpty() ? Long.MAX_VALUE : model.first().getPriority();
                    boolean head = queue.add(timer);
                    model.add(timer);
                    assertThat(head || model.first().getPriority() == before).isTrue();
                } else if (kind < 8) {
                    TestElement polled = queue.poll();
                    if (model.isEmpty()) {
                        assertThat(polled).isNull();
                    } else {
                        assertThat(polled.getPriority()).isEqualTo(model.first().getPriority());
                        assertThat(model.remove(polled)).isTrue();
                    }
                } else {
                    queue.remove(timer);
                    model.remove(timer);
                }
                TestElement first = queue.peek();
                assertThat(first == null).isEqualTo(model.isEmpty());
                assertThat(queue.isEmpty()).isEqualTo(model.isEmpty());
                if (first != null) {
                    assertThat(first.getPriority()).isEqualTo(model.first().getPriority());
                    assertThat(model).contains(first);
                }
                if (i % 100 == 0) {
                    assertThat(queue.size()).isEqualTo(model.size());
                    Set<TestElement> all = new HashSet<>();
                    try (CloseableIterator<TestElement> iterator = queue.iterator()) {
                        iterator.forEachRemaining(element -> assertThat(all.add(element)).isTrue());
                    }
                    assertThat(all).isEqualTo(new HashSet<>(model));
                }
            }
        }
    }
}
