package dev.keybed.flink;

import dev.keybed.Snapshot;
import dev.keybed.flink.FullSnapshot.QueueInSnapshot;
import dev.keybed.flink.FullSnapshot.StateInSnapshot;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyValueStateIterator;
import org.apache.flink.util.IOUtils;

/**
 * All entries of a snapshot as Flink writes them: key group by key group, in each the states in the order of their numbers.
 * The native snapshot is read by key groups too, as blocks, and let go of behind.
 */
final class FullSnapshotIterator implements KeyValueStateIterator {
    private static final byte[] NO_VALUE = {};

    private final Snapshot snapshot;
    private final Map<String, StateInSnapshot> states;
    private final List<QueueInSnapshot<?>> queues;
    private final Iterator<Integer> groups;
    private final int groupBytes;
    private final DataOutputSerializer timerKey = new DataOutputSerializer(64);

    /** The states of the current key group; null when it has no more. */
    private SnapshotEntries entries;

    private Iterator<QueueInSnapshot<?>> remainingQueues;
    private QueueInSnapshot<?> queue;
    private Iterator<?> timers;

    private int group = -1;
    private int stateId = -1;
    private byte[] key;
    private byte[] value;
    private boolean valid;
    private boolean newGroup;
    private boolean newState;

    FullSnapshotIterator(
            Snapshot snapshot,
            Map<String, StateInSnapshot> states,
            List<QueueInSnapshot<?>> queues,
            KeyGroupRange groups,
            int groupBytes) {
        this.snapshot = snapshot;
        this.states = states;
        this.queues = queues;
        this.groups = groups.iterator();
        this.groupBytes = groupBytes;
        try {
            next();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void next() throws IOException {
        int groupBefore = group;
        int stateBefore = stateId;
        valid = fetch();
        newGroup = group != groupBefore;
        newState = newGroup || stateId != stateBefore;
    }

    private boolean fetch() throws IOException {
        while (!fetchInGroup()) {
            if (!groups.hasNext()) {
                return false;
            }
            // A key group without entries leaves no trace: what follows is new beside the last that had some.
            int next = groups.next();
            entries = snapshot == null ? null : new SnapshotEntries(snapshot, next);
            remainingQueues = queues.iterator();
            timers = null;
            currentGroup = next;
        }
        group = currentGroup;
        return true;
    }

    private int currentGroup;

    private boolean fetchInGroup() throws IOException {
        while (entries != null) {
            if (!entries.next()) {
                entries.close();
                entries = null;
            } else if (fetchEntry()) {
                return true;
            }
        }
        if (remainingQueues == null) {
            return false;
        }
        while (timers == null || !timers.hasNext()) {
            if (!remainingQueues.hasNext()) {
                return false;
            }
            queue = remainingQueues.next();
            timers = queue.iterator(currentGroup);
        }
        fetchTimer(queue);
        return true;
    }

    /** False if the snapshot is to leave the entry out. */
    private boolean fetchEntry() {
        StateInSnapshot state = states.get(entries.state());
        byte[] bytes = entries.value();
        if (state.transformer() != null) {
            bytes = state.transformer().filterOrTransform(bytes);
            if (bytes == null) {
                return false;
            }
        }
        stateId = state.id();
        key = without(state.skipped(), entries.key());
        value = bytes;
        return true;
    }

    /** The key without some bytes behind the key group. */
    private byte[] without(int skipped, byte[] key) {
        if (skipped == 0) {
            return key;
        }
        byte[] rest = new byte[key.length - skipped];
        System.arraycopy(key, 0, rest, 0, groupBytes);
        System.arraycopy(key, groupBytes + skipped, rest, groupBytes, rest.length - groupBytes);
        return rest;
    }

    @SuppressWarnings("unchecked")
    private <T> void fetchTimer(QueueInSnapshot<T> queue) throws IOException {
        timerKey.clear();
        CompositeKeySerializationUtils.writeKeyGroup(currentGroup, groupBytes, timerKey);
        queue.serializer().serialize((T) timers.next(), timerKey);
        stateId = queue.id();
        key = timerKey.getCopyOfBuffer();
        value = NO_VALUE;
    }

    @Override
    public int keyGroup() {
        return group;
    }

    @Override
    public byte[] key() {
        return key;
    }

    @Override
    public byte[] value() {
        return value;
    }

    @Override
    public int kvStateId() {
        return stateId;
    }

    @Override
    public boolean isNewKeyValueState() {
        return newState;
    }

    @Override
    public boolean isNewKeyGroup() {
        return newGroup;
    }

    @Override
    public boolean isValid() {
        return valid;
    }

    @Override
    public void close() {
        IOUtils.closeQuietly(entries);
    }
}
