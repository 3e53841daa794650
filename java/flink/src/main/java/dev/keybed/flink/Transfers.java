package dev.keybed.flink;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.runtime.state.CheckpointStateOutputStream;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.StateUtil;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.util.IOUtils;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;

/**
 * Copies files to and from the checkpoint storage, several at a time. When one fails, or the registry is closed, the streams of all are
 * closed; a call returns only when all its threads have ended.
 */
final class Transfers {
    private static final int CHUNK = 64 * 1024;

    private final int threads;

    Transfers(int threads) {
        this.threads = threads;
    }

    /** A file from the storage, and where it goes. */
    record Download(StreamStateHandle from, Path to) {}

    /** @return their handles, in the order of the files; none is left in the storage when it fails */
    List<StreamStateHandle> upload(
            List<Path> files, CheckpointStreamFactory streams, CheckpointedStateScope scope, CloseableRegistry registry)
            throws Exception {
        List<StreamStateHandle> handles = new ArrayList<>();
        try {
            run(
                    files,
                    (file, streamsOfAll) -> upload(file, streams, scope, streamsOfAll),
                    handles,
                    registry);
            return handles;
        } catch (Throwable e) {
            handles.forEach(StateUtil::discardStateObjectQuietly);
            throw e;
        }
    }

    void download(List<Download> files, CloseableRegistry registry) throws Exception {
        run(files, Transfers::download, new ArrayList<>(), registry);
    }

    private static StreamStateHandle upload(
            Path file, CheckpointStreamFactory streams, CheckpointedStateScope scope, CloseableRegistry registry)
            throws IOException {
        CheckpointStateOutputStream out = streams.createCheckpointStateOutputStream(scope);
        try {
            registry.registerCloseable(out);
            try (InputStream in = Files.newInputStream(file)) {
                copy(in, out);
            }
            if (!registry.unregisterCloseable(out)) {
                throw new IOException("The upload of " + file + " was cancelled.");
            }
            StreamStateHandle handle = out.closeAndGetHandle();
            if (handle == null) {
                throw new IOException("The checkpoint storage took nothing of " + file + ".");
            }
            return handle;
        } catch (Throwable e) {
            // Deletes what it has written.
            IOUtils.closeQuietly(out);
            throw e;
        }
    }

    private static Void download(Download file, CloseableRegistry registry) throws IOException {
        try (FSDataInputStream in = file.from().openInputStream();
                Closeable cancelled = registry.registerCloseableTemporarily(in);
                OutputStream out = Files.newOutputStream(file.to())) {
            copy(in, out);
        }
        return null;
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            out.write(chunk, 0, read);
        }
    }

    private interface Transfer<F, R> {
        R run(F file, CloseableRegistry streams) throws Exception;
    }

    private <F, R> void run(List<F> files, Transfer<F, R> transfer, List<R> results, CloseableRegistry registry)
            throws Exception {
        if (files.isEmpty()) {
            return;
        }
        CloseableRegistry streams = new CloseableRegistry();
        try (Closeable cancelled = registry.registerCloseableTemporarily(streams)) {
            ExecutorService executor = Executors.newFixedThreadPool(
                    Math.min(threads, files.size()), new ExecutorThreadFactory("keybed-transfer"));
            try {
                List<Future<R>> running = new ArrayList<>();
                for (F file : files) {
                    running.add(executor.submit(() -> closingOthers(file, transfer, streams)));
                }
                collect(running, results, streams);
            } finally {
                executor.shutdown();
            }
        } finally {
            IOUtils.closeQuietly(streams);
        }
    }

    private static <F, R> R closingOthers(F file, Transfer<F, R> transfer, CloseableRegistry streams) throws Exception {
        try {
            return transfer.run(file, streams);
        } catch (Throwable e) {
            IOUtils.closeQuietly(streams);
            throw e;
        }
    }

    /** Waits for all; an interrupt closes their streams. */
    private static <R> void collect(List<Future<R>> running, List<R> results, CloseableRegistry streams) throws Exception {
        Exception failure = null;
        boolean interrupted = false;
        for (Future<R> one : running) {
            for (boolean done = false; !done; ) {
                try {
                    results.add(one.get());
                    done = true;
                } catch (InterruptedException e) {
                    interrupted = true;
                    IOUtils.closeQuietly(streams);
                } catch (ExecutionException e) {
                    done = true;
                    Exception cause = e.getCause() instanceof Exception exception ? exception : e;
                    if (failure == null) {
                        failure = cause;
                    } else if (failure != cause) {
                        failure.addSuppressed(cause);
                    }
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw failure;
        }
        if (interrupted) {
            throw new InterruptedException("The transfer was interrupted.");
        }
    }
}
