package dev.keybed.bench;

/** Whose method was measured. */
enum Side {
    KEYBED("keybed", "keybed"),
    BYTES("rocksdbjniBytes", "byte[]"),
    PREALLOCATED("rocksdbjniPreallocated", "byte[] reused"),
    DIRECT("rocksdbjniDirect", "direct");

    /** How the names of its methods begin. */
    final String prefix;

    final String title;

    Side(String prefix, String title) {
        this.prefix = prefix;
        this.title = title;
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
