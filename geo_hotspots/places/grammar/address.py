"""What an address looks like whose name is unknown: a house in Latin letters, a road's ending."""

import re
import string

# What makes a stretch of text look like a place although no name in it is known.
_PLACE_LIKE = re.compile(
    r"[一-鿿]{2,}(?:路|街|胡同|巷|小区|家园|公寓|大厦|号院|号楼|社区|里\d|条\d|村|苑|广场|市场|桥)"
    r"|\b\d+[a-z]? [a-z0-9' ]*\b(?:ave|avenue|st|street|blvd|road|rd|place|pl|drive|dr)\b"
)

_HOUSE = re.compile(
    r"^(?P<number>\d{1,5}(?:-\d{1,4})?[a-z]?) (?P<road>[a-z0-9'. -]{2,40}?"
    r"(?:ave|avenue|st|street|blvd|boulevard|road|rd|place|pl|drive|dr|lane|ln|court|ct|parkway"
    r"|pkwy|terrace|ter|broadway|expy|expressway|hwy|highway|way|loop|plaza|sq|square)\.?"
    r"(?: [nesw])?)(?=,|$)"
)


def read_house(text: str) -> str:
    """Read a house number and a road in Latin letters off the start of normalised text.

    >>> read_house("1382 dumont ave, brooklyn, ny 11208, usa"), read_house("3 men fighting")
    ('1382 Dumont Ave', '')
    """
    found = _HOUSE.match(text)
    return string.capwords(f"{found['number']} {found['road']}") if found else ""


def looks_like_a_place(text: str) -> bool:
    """Say whether normalised text names a road, a compound or a building of some name.

    >>> looks_like_a_place("阳光小区门前"), looks_like_a_place("反映工资拖欠")
    (True, False)
    """
    return _PLACE_LIKE.search(text) is not None
