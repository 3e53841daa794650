package dev.keybed.flink;

import dev.keybed.SnapshotFile;
import dev.keybed.SnapshotFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.SnapshotType.SharingFilesStrategy;
import org.apache.flink.runtime.checkpoint.filemerging.FileMergingSnapshotManager;
import org.apache.flink.runtime.state.CheckpointStateOutputStream;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.CheckpointStreamWithResultProvider;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.DirectoryStateHandle;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalLocalKeyedStateHandle;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeOffsets;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.PlaceholderStreamStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategy.SnapshotResultSupplier;
import org.apache.flink.runtime.state.StateUtil;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.util.IOUtils;

/** Writes an incremental checkpoint, on a thread that is not the task's. When it fails, nothing of it is left. */
final class IncrementalWriter<K> implements SnapshotResultSupplier<KeyedStateHandle> {
    private final Increments increments;
    private final IncrementalSnapshot<K> snapshot;
    private final long checkpointId;
    private final SharingFilesStrategy sharing;
    private final CheckpointStreamFactory streams;
    private final LocalRecoveryConfig localRecovery;
    private final Transfers transfers;

    /** What is in the storage now and was not before. */
    private final List<StreamStateHandle> added = new ArrayList<>();
    /** The head on the task's machine, for local recovery; null if there is none. */
    private StreamStateHandle localMeta;

    IncrementalWriter(
            Increments increments,
            IncrementalSnapshot<K> snapshot,
            long checkpointId,
            SharingFilesStrategy sharing,
            CheckpointStreamFactory streams,
            LocalRecoveryConfig localRecovery,
            Transfers transfers) {
        this.increments = increments;
        this.snapshot = snapshot;
        this.checkpointId = checkpointId;
        this.sharing = sharing;
        this.streams = streams;
        this.localRecovery = localRecovery;
        this.transfers = transfers;
    }

    @Override
    public SnapshotResult<KeyedStateHandle> get(CloseableRegistry closeables) throws Exception {
        try {
            return write(closeables);
        } catch (Throwable e) {
            undo();
            throw e;
        }
    }

    private void undo() {
        increments.uploaded().forget(checkpointId);
        added.forEach(StateUtil::discardStateObjectQuietly);
        StateUtil.discardStateObjectQuietly(localMeta);
    }

    private SnapshotResult<KeyedStateHandle> write(CloseableRegistry closeables) throws Exception {
        SnapshotFiles files = snapshot.finish();
        Map<String, StreamStateHandle> reused = reused(files);
        List<SnapshotFile> missing = files.files().stream()
                .filter(file -> file.shared() && !reused.containsKey(file.identity()))
                .toList();
        List<Path> paths = missing.stream()
                .map(file -> snapshot.directory().resolve(file.name()))
                .toList();
        List<StreamStateHandle> uploads = transfers.upload(paths, streams, scope(), closeables);
        added.addAll(uploads);
        Map<String, StreamStateHandle> all = new HashMap<>(reused);
        for (int i = 0; i < missing.size(); i++) {
            all.put(missing.get(i).identity(), uploads.get(i));
        }
        SnapshotResult<StreamStateHandle> meta = writeMeta(files, closeables);
        added.add(meta.getJobManagerOwnedSnapshot());
        localMeta = meta.getTaskLocalSnapshot();
        if (closeables.isClosed()) {
            throw new IOException("The checkpoint was cancelled.");
        }
        SnapshotResult<KeyedStateHandle> result = result(files, reused, all, meta.getJobManagerOwnedSnapshot());
        streams.reusePreviousStateHandle(reused.values());
        increments.uploaded().written(checkpointId, all);
        snapshot.uploaded(result.getTaskLocalSnapshot() != null, this::undo);
        return result;
    }

    private CheckpointedStateScope scope() {
        return sharing == SharingFilesStrategy.NO_SHARING
                ? CheckpointedStateScope.EXCLUSIVE
                : CheckpointedStateScope.SHARED;
    }

    /** Files that are in the storage already, by identity. */
    private Map<String, StreamStateHandle> reused(SnapshotFiles files) {
        Map<String, StreamStateHandle> reused = new HashMap<>();
        if (sharing == SharingFilesStrategy.FORWARD_BACKWARD) {
            Map<String, StreamStateHandle> reusable = increments.uploaded().reusable(checkpointId);
            for (SnapshotFile file : files.files()) {
                StreamStateHandle handle = file.shared() ? reusable.get(file.identity()) : null;
                if (handle != null && streams.couldReuseStateHandle(handle)) {
                    reused.put(file.identity(), handle);
                }
            }
        }
        return reused;
    }

    private SnapshotResult<StreamStateHandle> writeMeta(SnapshotFiles files, CloseableRegistry closeables)
            throws Exception {
        CheckpointStreamWithResultProvider stream = localRecovery.isLocalBackupEnabled()
                ? CheckpointStreamWithResultProvider.createDuplicatingStream(
                        checkpointId,
                        CheckpointedStateScope.EXCLUSIVE,
                        streams,
                        localRecovery
                                .getLocalStateDirectoryProvider()
                                .orElseThrow(LocalRecoveryConfig.localRecoveryNotEnabled()))
                : CheckpointStreamWithResultProvider.createSimpleStream(CheckpointedStateScope.EXCLUSIVE, streams);
        try {
            closeables.registerCloseable(stream);
            writeMeta(files, stream.getCheckpointOutputStream());
            if (!closeables.unregisterCloseable(stream)) {
                throw new IOException("The checkpoint was cancelled.");
            }
            SnapshotResult<StreamStateHandle> meta = stream.closeAndFinalizeCheckpointStreamResult();
            if (meta.getJobManagerOwnedSnapshot() == null) {
                throw new IOException("The checkpoint storage took nothing of the checkpoint's head.");
            }
            return meta;
        } catch (Throwable e) {
            IOUtils.closeQuietly(stream);
            throw e;
        }
    }

    private void writeMeta(SnapshotFiles files, CheckpointStateOutputStream stream) throws Exception {
        FullSnapshot<K> head = snapshot.head();
        new NativeWriter(head).write(stream, new KeyGroupRangeOffsets(head.getKeyGroupRange()));
        List<String> names = new ArrayList<>(List.of(IncrementalFormat.DIRECTORY_MANIFEST));
        files.files().stream().filter(file -> !file.shared()).forEach(file -> names.add(file.name()));
        DataOutputViewStreamWrapper out = new DataOutputViewStreamWrapper(stream);
        out.writeInt(names.size());
        for (String name : names) {
            Path file = snapshot.directory().resolve(name);
            out.writeUTF(name);
            out.writeLong(Files.size(file));
            Files.copy(file, out);
        }
    }

    private SnapshotResult<KeyedStateHandle> result(
            SnapshotFiles files,
            Map<String, StreamStateHandle> reused,
            Map<String, StreamStateHandle> all,
            StreamStateHandle meta) {
        KeyGroupRange groups = snapshot.head().getKeyGroupRange();
        List<HandleAndLocalPath> shared = new ArrayList<>();
        List<HandleAndLocalPath> sharedHere = new ArrayList<>();
        for (SnapshotFile file : files.files()) {
            if (file.shared()) {
                StreamStateHandle handle = all.get(file.identity());
                boolean isReused = reused.containsKey(file.identity());
                shared.add(HandleAndLocalPath.of(isReused ? placeholder(handle) : handle, file.name()));
                sharedHere.add(HandleAndLocalPath.of(handle, file.name()));
            }
        }
        KeyedStateHandle remote = new IncrementalRemoteKeyedStateHandle(
                increments.backend(),
                groups,
                checkpointId,
                shared,
                List.of(),
                meta,
                added.stream().mapToLong(StreamStateHandle::getStateSize).sum());
        if (localMeta == null) {
            return SnapshotResult.of(remote);
        }
        KeyedStateHandle local = new IncrementalLocalKeyedStateHandle(
                increments.backend(),
                checkpointId,
                new DirectoryStateHandle(snapshot.directory(), files.bytes()),
                groups,
                localMeta,
                sharedHere);
        return SnapshotResult.withLocalState(remote, local);
    }

    /** What Flink replaces by the handle that it knows. */
    private static StreamStateHandle placeholder(StreamStateHandle handle) {
        return new PlaceholderStreamStateHandle(
                handle.getStreamStateHandleID(),
                handle.getStateSize(),
                FileMergingSnapshotManager.isFileMergingHandle(handle));
    }
}
