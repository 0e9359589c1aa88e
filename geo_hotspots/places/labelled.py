"""How right the places are, held against rows that a person has labelled."""

import math


def wilson(k: int, n: int, *, z: float = 1.959964) -> tuple[float, float]:
    """Give Wilson's interval of a share, 95 % unless `z` says otherwise.

    It keeps its promise at shares near none and all, where the textbook interval does not
    (E. B. Wilson 1927, JASA 22:209).

    >>> low, high = wilson(98, 100)
    >>> round(low, 3), round(high, 3), wilson(0, 0)
    (0.93, 0.994, (0.0, 1.0))
    """
    if n == 0:
        return 0.0, 1.0
    share = k / n
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
