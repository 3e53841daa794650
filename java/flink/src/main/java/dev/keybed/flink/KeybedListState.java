package dev.keybed.flink;

import dev.keybed.DirectInput;
import dev.keybed.ListState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.ListSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.ListDelimitedSerializer;
import org.apache.flink.runtime.state.internal.InternalListState;
import org.apache.flink.runtime.state.ttl.TtlAwareSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.util.Preconditions;

/** A list for each key and namespace: its elements joined by {@code ','}, in Flink as here. Adding does not read. */
final class KeybedListState<K, N, E> extends AbstractKeybedState<K, N, List<E>> implements InternalListState<K, N, E> {
    private static final int DELIMITER = ',';

    private final ListState nativeState;
    private TypeSerializer<E> elementSerializer;

    KeybedListState(
            KeybedKeyedStateBackend<K> backend,
            RegisteredState<N, List<E>> registered,
            StateDescriptor<?, List<E>> descriptor) {
        super(backend, registered, descriptor);
        this.nativeState = (ListState) registered.nativeState();
    }

    @Override
    void update(StateDescriptor<?, List<E>> descriptor) {
        super.update(descriptor);
        elementSerializer = ((ListSerializer<E>) getValueSerializer()).getElementSerializer();
    }

    @Override
    public Iterable<E> get() throws IOException {
        return getInternal();
    }

    @Override
    public List<E> getInternal() throws IOException {
        states.select(this);
        DirectInput value = nativeState.get();
        if (value == null) {
            return null;
        }
        DirectInputView elements = states.view(value);
        List<E> list = new ArrayList<>();
        while (elements.available() > 0) {
            list.add(elementSerializer.deserialize(elements));
            if (elements.available() > 0) {
                elements.readByte();
            }
        }
        return list;
    }

    @Override
    public void add(E element) throws IOException {
        Preconditions.checkNotNull(element, "You cannot add null to a ListState.");
        states.select(this);
        elementSerializer.serialize(element, states.value());
        states.add(nativeState);
    }

    @Override
    public void addAll(List<E> elements) throws IOException {
        Preconditions.checkNotNull(elements, "List of values to add cannot be null.");
        if (elements.isEmpty()) {
            return;
        }
        states.select(this);
        write(elements, states.value());
        states.add(nativeState);
    }

    @Override
    public void update(List<E> elements) throws IOException {
        updateInternal(elements);
    }

    @Override
    public void updateInternal(List<E> elements) throws IOException {
        Preconditions.checkNotNull(elements, "List of values to add cannot be null.");
        if (elements.isEmpty()) {
            clear();
            return;
        }
        states.select(this);
        write(elements, states.value());
        states.put(nativeState);
    }

    @Override
    public void mergeNamespaces(N target, Collection<N> sources) {
        if (sources == null || sources.isEmpty()) {
            return;
        }
        for (N source : sources) {
            if (source == null) {
                continue;
            }
            setCurrentNamespace(source);
            states.select(this);
            byte[] joined = nativeState.getBytes();
            if (joined != null) {
                states.delete(nativeState);
                setCurrentNamespace(target);
                states.select(this);
                states.value().write(joined);
                states.add(nativeState);
            }
        }
        setCurrentNamespace(target);
    }

    @Override
    List<E> visit(List<E> before, byte[] key, int mapKeyStart, byte[] value) throws IOException {
        DataInputDeserializer elements = new DataInputDeserializer(value);
        List<E> list = new ArrayList<>();
        while (elements.available() > 0) {
            list.add(ListDelimitedSerializer.deserializeNextElement(elements, elementSerializer));
        }
        return list;
    }

    @Override
    @SuppressWarnings("unchecked")
    void writeVisited(Object elements, DirectOutputView output) throws IOException {
        write((List<E>) elements, output);
    }

    /** Writes the elements, joined; nothing is changed if one of them is null or cannot be written. */
    private void write(List<E> elements, DirectOutputView output) throws IOException {
        boolean first = true;
        for (E element : elements) {
            Preconditions.checkNotNull(element, "You cannot add null to a value list.");
            if (!first) {
                output.write(DELIMITER);
            }
            first = false;
            elementSerializer.serialize(element, output);
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    void migrate(
            DataInputDeserializer prior,
            DataOutputSerializer migrated,
            TtlAwareSerializer<List<E>, ?> priorSerializer,
            TtlAwareSerializer<List<E>, ?> newSerializer,
            TtlTimeProvider time)
            throws Exception {
        TtlAwareSerializer<E, ?> priorElements =
                ((TtlAwareSerializer.TtlAwareListSerializer<E>) priorSerializer).getElementSerializer();
        TtlAwareSerializer<E, ?> newElements =
                ((TtlAwareSerializer.TtlAwareListSerializer<E>) newSerializer).getElementSerializer();
        while (prior.available() > 0) {
            newElements.migrateValueFromPriorSerializer(
                    priorElements,
                    () -> ListDelimitedSerializer.deserializeNextElement(prior, priorElements),
                    migrated,
                    time);
            if (prior.available() > 0) {
                migrated.write(DELIMITER);
            }
        }
    }
}
