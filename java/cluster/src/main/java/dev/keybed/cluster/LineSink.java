package dev.keybed.cluster;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Lines in files of a directory, each exactly once: a file is written between two checkpoints, under a name that does not count,
 * and gets one that does (it ends with {@code .lines}) when the checkpoint that knows it is complete.
 */
final class LineSink implements Sink<String>, SupportsCommitter<String> {
    static final String COMMITTED = ".lines";

    private static final long serialVersionUID = 1L;

    private final String directory;

    LineSink(String directory) {
        this.directory = directory;
    }

    @Override
    public Writer createWriter(WriterInitContext context) {
        return new Writer();
    }

    @Override
    public Committer<String> createCommitter(CommitterInitContext context) {
        return new RenamingCommitter();
    }

    @Override
    public SimpleVersionedSerializer<String> getCommittableSerializer() {
        return new NameSerializer();
    }

    /** Writes a file between two checkpoints, if there is a line. */
    private final class Writer implements CommittingSinkWriter<String, String> {
        private String name;
        private BufferedWriter file;

        @Override
        public void write(String line, Context context) throws IOException {
            if (file == null) {
                name = UUID.randomUUID().toString();
                file = Files.newBufferedWriter(Path.of(directory, name));
            }
            file.write(line);
            file.write('\n');
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public Collection<String> prepareCommit() throws IOException {
            if (file == null) {
                return List.of();
            }
            file.close();
            file = null;
            return List.of(name);
        }

        @Override
        public void close() throws IOException {
            if (file != null) {
                file.close();
            }
        }
    }

    /** Renames; again, if nobody knows whether it was done. */
    private final class RenamingCommitter implements Committer<String> {
        @Override
        public void commit(Collection<CommitRequest<String>> requests) throws IOException {
            for (CommitRequest<String> request : requests) {
                Path written = Path.of(directory, request.getCommittable());
                Path committed = Path.of(directory, request.getCommittable() + COMMITTED);
                if (!Files.exists(committed)) {
                    Files.move(written, committed, StandardCopyOption.ATOMIC_MOVE);
                }
            }
        }

        @Override
        public void close() {}
    }

    private static final class NameSerializer implements SimpleVersionedSerializer<String> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(String name) {
            return name.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String deserialize(int version, byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
