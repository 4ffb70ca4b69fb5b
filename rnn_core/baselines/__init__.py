"""Models that count words, for comparison with those that read."""
