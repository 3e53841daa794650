package dev.keybed;

/**
 * A state that a store holds.
 *
 * @param name its name
 * @param kind what it keeps for each key
 * @param namespaceSize the size of its namespaces
 */
public record StateInfo(String name, StateKind kind, PartSize namespaceSize) {}
