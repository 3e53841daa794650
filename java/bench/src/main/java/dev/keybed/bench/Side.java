package dev.keybed.bench;

import java.util.List;

/** Whose method was measured. */
enum Side {
    KEYBED("keybed", "keybed"),
    BYTES("rocksdbjniBytes", "byte[]"),
    PREALLOCATED("rocksdbjniPreallocated", "byte[] reused"),
    DIRECT("rocksdbjniDirect", "direct"),
    HASH_MAP("hashMap", "HashMap"),
    SINGLE_GETS("singleGets", "single gets"),
    ROCKS("onRocks", "rocks engine"),
    FLAT_BUFFERS("flatBuffers", "FlatBuffers"),
    PROTOBUF("protobuf", "Protocol Buffers");

    /** Ours, and the ways into RocksDB that it is compared with. */
    static final List<Side> BINDINGS = List.of(KEYBED, BYTES, PREALLOCATED, DIRECT);

    /** What the engine table is compared with, and what records are. */
    static final List<Side> BESIDE_TABLE = List.of(HASH_MAP, SINGLE_GETS, ROCKS, FLAT_BUFFERS, PROTOBUF);

    /** How the names of its methods begin. */
    final String prefix;

    final String title;

    Side(String prefix, String title) {
        this.prefix = prefix;
        this.title = title;
    }

    /** The side of a benchmark by its full name, the method's last. */
    static Side ofBenchmark(String name) {
        return of(name.substring(name.lastIndexOf('.') + 1));
    }

    /** The side of a benchmark method. */
    static Side of(String method) {
        for (Side side : values()) {
            if (method.startsWith(side.prefix)) {
                return side;
            }
        }
        throw new IllegalArgumentException("no side's name begins " + method);
    }
}
