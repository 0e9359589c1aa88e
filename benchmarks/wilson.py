"""Shares with their intervals."""

from geo_hotspots.places.labelled import wilson


def share(k: int, n: int) -> str:
    """Write a share in per cent with Wilson's 95 % interval: 98.10 (97.9-98.3)."""
    if n == 0:
        return "-"
    low, high = wilson(k, n)
    return f"{100 * k / n:.2f} ({100 * low:.2f}-{100 * high:.2f})"
