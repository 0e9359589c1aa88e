"""The ways in which a name is written, worked out when the gazetteer is built.

A query is never rewritten: 东四十条 stays a name, and its variant 东四10条 is a name beside it.
"""

import re

from geo_hotspots.places.grammar.numbers import read_number

# How much a way of writing weighs: a place's own name, another that people wrote down, the same
# name in another script, and one that leaves out or adds a word such as 胡同; the least wins.
NAME, ALIAS, SAME, LOOSE = range(4)

_ORDINAL = re.compile(r"([一二三四五六七八九十]{1,3}|\d{1,2})(?=[条区里巷期院段])")
_GATE = re.compile(r"([一-鿿])[一-鿿]门([内外])")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_CITY = re.compile(r"^(?:北京市东城区|北京市|北京|中国)(?=[一-鿿]{3})")
_ENDINGS = {
    "community": (("社区居委会", ""), ("居委会", ""), ("社区", ""), ("社区", "社区居委会"),
                  ("社区", "居委会")),
    "street": (("街道", "街道办事处"), ("街道", "街道办"), ("街道", "地区")),
    "compound": (("小区", ""), ("家属院", ""), ("大院", "院"), ("住宅楼", ""), ("社区", "")),
    "road": (("大街", "街"), ("胡同", ""), ("条", "条胡同"), ("马路", "路")),
    "poi": (("有限公司", ""), ("地铁站", "站"), ("大厦", "")),
}  # fmt: skip
_LEAST = {"胡同": 3, "社区": 3, "居委会": 3, "社区居委会": 3, "小区": 3, "大厦": 4}
_UNITS = "零一二三四五六七八九"
_ROAD_WORDS = {
    "street": "st", "avenue": "ave", "road": "rd", "boulevard": "blvd", "place": "pl",
    "drive": "dr", "lane": "ln", "court": "ct", "parkway": "pkwy", "terrace": "ter",
    "square": "sq", "highway": "hwy", "expressway": "expy",
    "east": "e", "west": "w", "north": "n", "south": "s",
}  # fmt: skip


def vary_name(name: str, level: str) -> dict[str, int]:
    """Make the other ways in which a normalised name is written, each with its rank.

    >>> vary_name("东四十条", "poi")
    {'东40条': 2, '东四10条': 2}
    >>> [sorted(vary_name(n, "road")) for n in ("建国门内大街", "赵堂子胡同")]
    [['建内大街', '建内街', '建国门内街'], ['赵堂子']]
    >>> sorted(vary_name("赵家楼社区", "community"))
    ['赵家楼', '赵家楼居委会', '赵家楼社区居委会']
    >>> sorted(vary_name("和平里七区", "compound"))
    ['和平里7区', '和平里7区小区', '和平里七区小区']
    """
    if name.isascii():
        return dict.fromkeys(sorted(_vary_latin(name)), SAME)
    same = {name}
    for step in (_plain, _ordinals, _gates):
        same |= {new for old in same for new in step(old)}
    kind = "poi" if level in ("building", "intersection") else level
    loose = {new for old in same for new in _endings(old, kind)}
    # A community is called by its bare name as often as not.
    loosely = ALIAS if level == "community" else LOOSE
    ranks = dict.fromkeys(sorted(loose - same), loosely) | dict.fromkeys(
        sorted(same - {name}), SAME
    )
    return {n: rank for n, rank in ranks.items() if len(n) > 1 and not n.isdecimal()}


def _plain(name: str) -> set[str]:
    """Take brackets and the city's name off."""
    bare = {_CITY.sub("", name)}
    if "(" in name:
        bare |= {_BRACKETS.sub("", name), _BRACKETS.sub(r"\1", name)}
    return bare


def _endings(name: str, level: str) -> set[str]:
    made = set()
    for old, new in _ENDINGS.get(level, ()):
        stem = name.removesuffix(old)
        if stem != name and len(stem + new) >= max(_LEAST.get(old, 2), 2) and stem:
            made.add(stem + new)
    if level == "compound" and re.search(r"(?:里|区|苑|园|巷|条|院|坊|寺|庄|村)$", name):
        made.add(name + "小区" if not name.endswith("小区") else name)
    return made


def _ordinals(name: str) -> set[str]:
    """Write 十条 as 10条 and 7区 as 七区; 东四十条 holds the ordinals ten and, on paper, forty."""
    made = set()
    for found in _ORDINAL.finditer(name):
        head, rest = name[: found.start()], name[found.end() :]
        if found[0].isdecimal():
            made.add(head + say_chinese(int(found[0])) + rest)
        for cut in range(len(found[0])):
            ordinal = found[0][cut:]
            if say_chinese(read_number(ordinal)) == ordinal:
                made.add(head + found[0][:cut] + str(read_number(ordinal)) + rest)
    return made


def _gates(name: str) -> set[str]:
    """Shorten 建国门内 to 建内 where more follows."""
    short = _GATE.sub(r"\1\2", name)
    return {short} if len(short) > 2 else set()  # noqa: PLR2004 - 建内 alone is no name


def say_chinese(number: int) -> str:
    """Write a number below 100 as people do.

    >>> [say_chinese(n) for n in (4, 10, 12, 30, 47)]
    ['四', '十', '十二', '三十', '四十七']
    """
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else _UNITS[tens]) + "十" if tens else ""
    return head + (_UNITS[ones] if ones or not tens else "")


def _vary_latin(name: str) -> frozenset[str]:
    """Write each word of a road short and long: 34 st, 34 street."""
    long = {short: word for word, short in _ROAD_WORDS.items()}
    words = name.split(" ")
    short = " ".join(_ROAD_WORDS.get(w, w) for w in words)
    whole = " ".join(long.get(w, w) if i else w for i, w in enumerate(words))
    return frozenset({short, whole} - {name})
