package dev.keybed.flink;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.state.AbstractIncrementalStateHandle;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalLocalKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.StateSerializerProvider;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueElement;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSnapshotRestoreWrapper;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot.BackendStateType;
import org.apache.flink.util.StateMigrationException;

/**
 * Restores from snapshots in the {@link NativeFormat}, whose blocks become files, and in the {@link IncrementalFormat}, whose files
 * come into directories; the store is made of these. Timers are added.
 */
final class NativeRestore<K> {
    private final KeybedRestore<K> restore;
    private final Collection<KeyGroupsStateHandle> handles;
    private final Collection<AbstractIncrementalStateHandle> incremental;
    private final StateSerializerProvider<K> keySerializer;
    private final ClassLoader userClassLoader;
    private final KeyGroupRange groups;
    private final CloseableRegistry closeables;
    private final KeybedRestore.Stores<K> stores;
    private final List<Path> files = new ArrayList<>();
    private final List<IncrementalSource> sources = new ArrayList<>();
    private final List<Transfers.Download> downloads = new ArrayList<>();
    /** By name: opened when the store is. */
    private final Map<String, StateMetaInfoSnapshot> states = new LinkedHashMap<>();

    private final byte[] chunk = new byte[64 * 1024];
    private boolean keysChecked;

    NativeRestore(
            KeybedRestore<K> restore,
            Collection<KeyGroupsStateHandle> handles,
            Collection<AbstractIncrementalStateHandle> incremental,
            StateSerializerProvider<K> keySerializer,
            ClassLoader userClassLoader,
            KeyGroupRange groups,
            CloseableRegistry closeables,
            KeybedRestore.Stores<K> stores) {
        this.restore = restore;
        this.handles = handles;
        this.incremental = incremental;
        this.keySerializer = keySerializer;
        this.userClassLoader = userClassLoader;
        this.groups = groups;
        this.closeables = closeables;
        this.stores = stores;
    }

    /** @param alone whether all state is here; else the store has some already */
    void run(boolean alone) throws Exception {
        keysChecked = !alone;
        for (KeyGroupsStateHandle handle : handles) {
            try (FSDataInputStream in = handle.openInputStream();
                    Closeable cancelled = closeables.registerCloseableTemporarily(in)) {
                read(handle, in);
            }
        }
        for (AbstractIncrementalStateHandle handle : incremental) {
            if (handle.getKeyGroupRange().getIntersection(groups).getNumberOfKeyGroups() > 0) {
                StreamStateHandle meta = handle.getMetaDataStateHandle();
                try (FSDataInputStream in = meta.openInputStream();
                        Closeable cancelled = closeables.registerCloseableTemporarily(in)) {
                    read(handle, in);
                }
            }
        }
        stores.transfers().download(downloads, closeables);
        load(alone);
    }

    private void load(boolean alone) throws IOException {
        TypeSerializer<K> keys = keySerializer.currentSchemaSerializer();
        List<Path> snapshots = new ArrayList<>(files);
        sources.forEach(source -> snapshots.add(source.directory()));
        if (alone && !snapshots.isEmpty() && stores.canRestore(keys, snapshots)) {
            restore.setStore(stores.restore(keys, snapshots), sources);
            states.values().forEach(restore::registerState);
            return;
        }
        for (IncrementalSource source : sources) {
            KeyGroupRange wanted = source.handle().getKeyGroupRange().getIntersection(groups);
            files.add(stores.toFile(keys, source.directory(), wanted));
        }
        if (alone && !files.isEmpty() && stores.canRestore(keys, files)) {
            restore.setStore(stores.restore(keys, files), List.of());
            states.values().forEach(restore::registerState);
            return;
        }
        restore.openStore();
        states.values().forEach(restore::registerState);
        for (Path file : files) {
            restore.load(file);
        }
    }

    private void read(KeyGroupsStateHandle handle, FSDataInputStream stream) throws Exception {
        DataInputView in = new DataInputViewStreamWrapper(stream);
        List<HeapPriorityQueueSnapshotRestoreWrapper<?>> queues = readHead(in);
        long section = -1;
        for (Tuple2<Integer, Long> offset : handle.getGroupRangeOffsets()) {
            // The key groups of a section have one offset; they are neighbours.
            if (offset.f1 != section && groups.contains(offset.f0)) {
                section = offset.f1;
                stream.seek(section);
                readSection(queues, in);
            }
        }
    }

    private void read(AbstractIncrementalStateHandle handle, FSDataInputStream stream) throws Exception {
        DataInputView in = new DataInputViewStreamWrapper(new BufferedInputStream(stream));
        List<HeapPriorityQueueSnapshotRestoreWrapper<?>> queues = readHead(in);
        for (KeyGroupRange section : NativeFormat.sections(handle.getKeyGroupRange())) {
            readSection(queues, in);
        }
        if (handle instanceof IncrementalLocalKeyedStateHandle local) {
            sources.add(new IncrementalSource(
                    handle, local.getDirectoryStateHandle().getDirectory()));
            return;
        }
        Path directory = stores.downloads().resolve("checkpoint-" + sources.size());
        Files.createDirectory(directory);
        for (int left = in.readInt(); left > 0; left--) {
            Path file = file(directory, in.readUTF());
            try (OutputStream out = Files.newOutputStream(file)) {
                copy(in, in.readLong(), out);
            }
        }
        for (HandleAndLocalPath shared : handle.getSharedStateHandles()) {
            downloads.add(new Transfers.Download(shared.getHandle(), file(directory, shared.getLocalPath())));
        }
        sources.add(new IncrementalSource(handle, directory));
    }

    /** A name is a name: nothing outside the directory. */
    private static Path file(Path directory, String name) throws IOException {
        Path file = directory.resolve(name);
        if (!directory.equals(file.getParent()) || !file.equals(file.normalize())) {
            throw new IOException("The checkpoint has a file of the name '" + name + "'.");
        }
        return file;
    }

    /** @return the queues whose timers are in each section */
    private List<HeapPriorityQueueSnapshotRestoreWrapper<?>> readHead(DataInputView in) throws Exception {
        if (in.readInt() != NativeFormat.MAGIC) {
            throw new IOException("This is not a checkpoint of Keybed.");
        }
        KeyedBackendSerializationProxy<K> head = new KeyedBackendSerializationProxy<>(userClassLoader);
        head.read(in);
        checkKeys(head);
        List<HeapPriorityQueueSnapshotRestoreWrapper<?>> queues = new ArrayList<>();
        for (StateMetaInfoSnapshot metaInfo : head.getStateMetaInfoSnapshots()) {
            if (metaInfo.getBackendStateType() == BackendStateType.PRIORITY_QUEUE) {
                queues.add(restore.registerQueue(metaInfo));
            } else {
                states.putIfAbsent(metaInfo.getName(), metaInfo);
            }
        }
        return queues;
    }

    private void readSection(List<HeapPriorityQueueSnapshotRestoreWrapper<?>> queues, DataInputView in)
            throws IOException {
        readBlocks(in);
        for (HeapPriorityQueueSnapshotRestoreWrapper<?> queue : queues) {
            readTimers(queue, in);
        }
    }

    /** As Flink's restore operations do: keys cannot be migrated. */
    private void checkKeys(KeyedBackendSerializationProxy<K> head) throws StateMigrationException {
        if (keysChecked) {
            return;
        }
        keysChecked = true;
        TypeSerializer<K> current = keySerializer.currentSchemaSerializer();
        TypeSerializerSchemaCompatibility<K> compatibility =
                keySerializer.setPreviousSerializerSnapshotForRestoredState(head.getKeySerializerSnapshot());
        if (compatibility.isCompatibleAfterMigration() || compatibility.isIncompatible()) {
            throw new StateMigrationException("The new key serializer (" + current
                    + ") must be compatible with the previous key serializer (" + keySerializer.previousSchemaSerializer()
                    + ").");
        }
    }

    private void readBlocks(DataInputView in) throws IOException {
        int length = in.readInt();
        if (length == NativeFormat.END_OF_BLOCKS) {
            return;
        }
        Path file = stores.downloads().resolve(files.size() + ".kbs");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            for (; length != NativeFormat.END_OF_BLOCKS; length = in.readInt()) {
                if (length < 0) {
                    throw new EOFException("A block of " + length + " bytes in a snapshot");
                }
                copy(in, length, out);
            }
        }
        files.add(file);
    }

    private void copy(DataInputView in, long length, OutputStream out) throws IOException {
        for (long left = length; left > 0; ) {
            int part = (int) Math.min(left, chunk.length);
            in.readFully(chunk, 0, part);
            out.write(chunk, 0, part);
            left -= part;
        }
    }

    private <T extends HeapPriorityQueueElement> void readTimers(
            HeapPriorityQueueSnapshotRestoreWrapper<T> queue, DataInputView in) throws IOException {
        TypeSerializer<T> serializer = queue.getMetaInfo().getPreviousElementSerializer();
        for (short group = in.readShort(); group != NativeFormat.END_OF_TIMERS; group = in.readShort()) {
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                T timer = serializer.deserialize(in);
                if (groups.contains(group)) {
                    queue.getPriorityQueue().add(timer);
                }
            }
        }
    }
}
