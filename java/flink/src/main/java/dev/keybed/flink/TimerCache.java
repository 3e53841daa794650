package dev.keybed.flink;

import java.util.Arrays;

/** Some byte strings in the order of their bytes (unsigned), each once, at most as many as the cache takes. */
final class TimerCache {
    /** Most key groups have few timers, or none. */
    private static final int FIRST_ROOM = 4;

    private final int capacity;
    private byte[][] sorted;
    private int size;
    /** Where the first is: what is taken from the front leaves a gap. */
    private int start;

    TimerCache(int capacity) {
        this.capacity = capacity;
        this.sorted = new byte[Math.min(FIRST_ROOM, capacity)][];
    }

    int capacity() {
        return capacity;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == capacity;
    }

    byte[] first() {
        return sorted[start];
    }

    byte[] last() {
        return sorted[start + size - 1];
    }

    byte[] removeFirst() {
        byte[] first = sorted[start];
        sorted[start++] = null;
        size--;
        return first;
    }

    void removeLast() {
        sorted[start + --size] = null;
    }

    boolean contains(byte[] bytes) {
        return find(bytes) >= 0;
    }

    /** Adds what is not there yet; it must not be full. */
    void add(byte[] bytes) {
        int at = -1 - find(bytes);
        if (start + size == sorted.length) {
            at -= start;
            makeRoom();
        }
        System.arraycopy(sorted, at, sorted, at + 1, start + size - at);
        sorted[at] = bytes;
        size++;
    }

    /** Whether it was there. */
    boolean remove(byte[] bytes) {
        int at = find(bytes);
        if (at < 0) {
            return false;
        }
        System.arraycopy(sorted, at + 1, sorted, at, start + size - at - 1);
        sorted[start + --size] = null;
        return true;
    }

    /** Room at the end, with the first at 0: more than half as much as there are, so that adding one costs little. */
    private void makeRoom() {
        byte[][] target = 2 * size > sorted.length ? new byte[2 * sorted.length][] : sorted;
        System.arraycopy(sorted, start, target, 0, size);
        if (target == sorted) {
            Arrays.fill(sorted, size, sorted.length, null);
        }
        sorted = target;
        start = 0;
    }

    /** Where it is, or -1 - where it would be. */
    private int find(byte[] bytes) {
        return Arrays.binarySearch(sorted, start, start + size, bytes, Arrays::compareUnsigned);
    }
}
