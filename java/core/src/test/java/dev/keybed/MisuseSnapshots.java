package dev.keybed;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What {@link MisuseWorld} has of snapshots: good values and bad, by role. */
final class MisuseSnapshots {
    private static final String[] NO_OPTIONS = {};

    private final Path directory;
    private final long store;
    private final long session;
    private final long snapshot;
    private final long closedSnapshot;
    private final long stream;
    private final long scan;
    private final long closedBlocks;
    private final long stored;
    private final long closedStored;
    private final long series;
    private final long closedSeries;
    private final long prepared;
    private final long closedPrepared;
    private int paths;

    MisuseSnapshots(Path directory, long store, long session) throws Exception {
        this.directory = directory;
        this.store = store;
        this.session = session;
        snapshot = NativeStore.snapshot(store);
        closedSnapshot = NativeStore.snapshot(store);
        NativeSnapshot.close(closedSnapshot);
        NativeSnapshot.write(snapshot, bytes("good-file"), NO_OPTIONS);
        stream = NativeSnapshot.stream(snapshot, NO_OPTIONS);
        NativeBlocks.registerBuffer(stream, MisuseMatrix.direct(512 << 10));
        closedBlocks = NativeSnapshot.stream(snapshot, NO_OPTIONS);
        NativeBlocks.close(closedBlocks);
        stored = NativeStoredSnapshot.open(bytes("good-file"));
        scan = NativeStoredSnapshot.scan(stored, "map", 0, 127);
        closedStored = NativeStoredSnapshot.open(bytes("good-file"));
        NativeStoredSnapshot.close(closedStored);
        series = NativeStore.snapshotSeries(store, NO_OPTIONS, new byte[0][]);
        closedSeries = NativeStore.snapshotSeries(store, NO_OPTIONS, new byte[0][]);
        NativeSnapshotSeries.close(closedSeries);
        prepared = NativeSnapshotSeries.prepare(series, bytes("prepared"));
        closedPrepared = NativeSnapshotSeries.prepare(series, bytes("good-directory"));
        NativePreparedSnapshot.finish(closedPrepared);
        NativePreparedSnapshot.close(closedPrepared);
        Files.write(directory.resolve("garbage"), Bytes.random(5_000, 1));
    }

    private byte[] bytes(String name) {
        return directory.resolve(name).toString().getBytes(StandardCharsets.UTF_8);
    }

    private byte[] newPath() {
        paths++;
        return bytes("new-" + paths);
    }

    Object goodValue(String role) {
        return switch (role) {
            case "snapshot" -> snapshot;
            case "deadSnapshot" -> closedSnapshot;
            case "blocks", "stream" -> stream;
            case "deadBlocks" -> closedBlocks;
            case "blockBuffer" -> MisuseMatrix.direct(64 << 10);
            case "stored" -> stored;
            case "deadStored" -> closedStored;
            case "series" -> series;
            case "deadSeries" -> closedSeries;
            case "prepared" -> prepared;
            case "deadPrepared" -> closedPrepared;
            case "snapshotOptions" -> new String[] {"compression", "lz4"};
            case "snapshotPath" -> newPath();
            case "snapshotPaths" -> new byte[][] {bytes("good-file")};
            case "seriesPaths" -> new byte[0][];
            case "snapshotFile" -> bytes("good-file");
            case "snapshotDirectory" -> bytes("good-directory");
            case "knownState" -> "map";
            case "firstGroup" -> 1;
            case "lastGroup" -> 2;
            case "keyBytes" -> new byte[] {1};
            case "namespaceBytes" -> new byte[4];
            case "mapKeyBytes" -> new byte[] {2};
            default -> throw new AssertionError(role);
        };
    }

    List<Object> badValues(String role) {
        return switch (role) {
            case "snapshot" -> handles(closedSnapshot, stream, stored);
            case "deadSnapshot" -> handles(stream, series);
            case "blocks" -> handles(closedBlocks, snapshot, prepared);
            case "stream" -> handles(closedBlocks, snapshot, scan);
            case "deadBlocks" -> handles(snapshot, stored);
            case "blockBuffer" -> MisuseWorld.nullAnd(
                    ByteBuffer.allocate(64 << 10), MisuseMatrix.direct(64 << 10).asReadOnlyBuffer());
            case "stored" -> handles(closedStored, snapshot, scan);
            case "deadStored" -> handles(snapshot, scan);
            case "series" -> handles(closedSeries, snapshot, prepared);
            case "deadSeries" -> handles(snapshot, prepared);
            case "prepared" -> handles(closedPrepared, series, snapshot);
            case "deadPrepared" -> handles(series, stream);
            case "snapshotOptions" -> List.of(
                    new String[] {"odd"},
                    new String[] {"no-such-option", "1"},
                    new String[] {null, null},
                    new String[] {"compression", null},
                    new String[] {"key-groups", "3-1"},
                    new String[] {"block-bytes", "1"});
            case "snapshotPath" -> MisuseWorld.nullAnd(
                    new byte[0], new byte[] {'/'}, new byte[] {'/', 0, 'x'}, new byte[100_000], bytes("good-file"));
            case "snapshotPaths" -> MisuseWorld.nullAnd(
                    new byte[0][], new byte[][] {null}, new byte[][] {bytes("garbage")}, new byte[][] {bytes("none")},
                    new byte[][] {bytes("good-file"), bytes("good-file")});
            case "seriesPaths" -> List.of(
                    new byte[][] {null}, new byte[][] {bytes("none")}, new byte[][] {bytes("good-directory")});
            case "snapshotFile" -> MisuseWorld.nullAnd(
                    new byte[0], new byte[] {'/', 0, 'x'}, bytes("garbage"), bytes("none"), bytes("good-directory"));
            case "snapshotDirectory" -> MisuseWorld.nullAnd(
                    new byte[0], new byte[] {'/', 0, 'x'}, bytes("garbage"), bytes("none"), bytes("good-file"), bytes("."));
            case "knownState" -> MisuseWorld.nullAnd("", "\0", "nobody", "x".repeat(100_000), "\ud800");
            case "firstGroup" -> List.of(-1, 3, 32_768, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "lastGroup" -> List.of(-1, 0, 32_768, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "keyBytes" -> MisuseWorld.nullAnd((Object) new byte[0]);
            case "namespaceBytes" -> MisuseWorld.nullAnd(new byte[0], new byte[3], new byte[5]);
            case "mapKeyBytes" -> List.of();
            default -> throw new AssertionError(role);
        };
    }

    private List<Object> handles(long... foreign) {
        List<Object> handles = new ArrayList<>(List.of(
                0L, -1L, 1L, store, session, 0x1234_5678_9abc_def0L, Long.MIN_VALUE, Long.MAX_VALUE,
                snapshot + (1L << 32)));
        for (long handle : foreign) {
            handles.add(handle);
        }
        return handles;
    }

    void close() {
        NativeSnapshot.close(snapshot);
        NativeBlocks.close(stream);
        NativeBlocks.close(scan);
        NativeStoredSnapshot.close(stored);
        NativeSnapshotSeries.close(series);
        NativePreparedSnapshot.close(prepared);
    }
}
