"""The shareable set: counts of a month, none of fewer people than a threshold, and no points."""
