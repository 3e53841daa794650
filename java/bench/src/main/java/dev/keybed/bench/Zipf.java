package dev.keybed.bench;

/**
 * Ranks by Zipf's law, by the method of Gray and others, "Quickly generating billion-record synthetic databases" (1994).
 * Many benchmarks of stores draw their keys this way, with the exponent 0.99.
 */
final class Zipf {
    private final int ranks;
    private final double exponent;
    private final double sum;
    private final double power;
    private final double eta;

    /**
     * @param ranks how many there are, at least two
     * @param exponent above 0, below 1
     */
    Zipf(int ranks, double exponent) {
        this.ranks = ranks;
        this.exponent = exponent;
        double weights = 0;
        for (int rank = ranks; rank > 0; rank--) {
            weights += weight(rank);
        }
        sum = weights;
        power = 1 / (1 - exponent);
        eta = (1 - Math.pow(2.0 / ranks, 1 - exponent)) / (1 - (weight(1) + weight(2)) / sum);
    }

    private double weight(int rank) {
        return Math.pow(rank, -exponent);
    }

    /** The rank, from 0, of a number from 0 to 1. */
    int rank(double uniform) {
        double weight = uniform * sum;
        if (weight < weight(1)) {
            return 0;
        }
        if (weight < weight(1) + weight(2)) {
            return 1;
        }
        return (int) Math.min(ranks - 1, ranks * Math.pow(eta * uniform - eta + 1, power));
    }
}
