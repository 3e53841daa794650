package dev.keybed.demo;

import java.util.HashMap;
import java.util.Map;

/**
 * Names of users and groups by their numbers, as learnt on the way. Asking the system costs more than reading all other
 * attributes of a file.
 */
final class PrincipalNames {
    private final Map<Integer, String> owners = new HashMap<>();
    private final Map<Integer, String> groups = new HashMap<>();

    boolean knows(int uid, int gid) {
        return owners.containsKey(uid) && groups.containsKey(gid);
    }

    void learn(int uid, String owner, int gid, String group) {
        owners.put(uid, owner);
        groups.put(gid, group);
    }

    String owner(int uid) {
        return owners.get(uid);
    }

    String group(int gid) {
        return groups.get(gid);
    }
}
