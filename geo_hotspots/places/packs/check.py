"""What is wrong with a pack, in sentences: topology, names, codes, places.

Areas and lengths are metres, in an equal-area projection around the pack's own centre.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_hotspots.errors import GeoHotspotsError
from geo_hotspots.places.packs.files import split_aliases
from geo_hotspots.places.packs.pack import Pack, read_pack
from geo_hotspots.words import Lang, Words

Level = Literal["error", "warning", "info"]
_LEVEL_WORDS = {
    "error": Words("错误", "error"),
    "warning": Words("注意", "warning"),
    "info": Words("说明", "info"),
}
_NAMED = 5  # how many offenders a sentence names; the rest is counted
_MIN_SQUARE_METRES = 1.0
_MIN_WIDTH_METRES = 0.3  # slivers thinner than this come from rounding to six digits
_MIN_SHARE_IN_STREET = 0.9
_TOWN_CODE_DIGITS = 9  # the official code of a street; its communities append three


@dataclass(frozen=True)
class Finding:
    """One thing to know about a pack, and how much it matters."""

    level: Level
    words: Words


@dataclass(frozen=True)
class Report:
    """What was found, errors first; a pack with errors must not be used."""

    folder: Path
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Give the findings that forbid the pack's use."""
        return tuple(f for f in self.findings if f.level == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Give the findings that a person should look at."""
        return tuple(f for f in self.findings if f.level == "warning")

    def lines(self, lang: Lang) -> list[str]:
        """Give one line per finding, its level in front."""
        return [f"{_LEVEL_WORDS[f.level].say(lang)}: {f.words.say(lang)}" for f in self.findings]


def check_pack(folder: str | Path) -> Report:
    """Read a pack again from disk and say all that is wrong or odd about it."""
    try:
        pack = read_pack(folder)
    except GeoHotspotsError as error:
        return make_report(Path(folder), [Finding("error", error.words)])
    return make_report(Path(folder), find_faults(pack))


def make_report(folder: Path, findings: Iterable[Finding]) -> Report:
    """Put findings in order: errors, warnings, the rest; within a level as they were found."""
    order = list(_LEVEL_WORDS)
    return Report(folder, tuple(sorted(findings, key=lambda f: order.index(f.level))))


def find_faults(pack: Pack) -> list[Finding]:
    """Look at everything that can be wrong with a pack that could be read."""
    communities, streets = in_metres(pack.communities), in_metres(pack.streets, pack.communities)
    kinds = (Words("社区", "communities"), Words("街道", "streets"))
    found = [_counts(pack, communities)]
    for kind, areas in zip(kinds, (communities, streets), strict=True):
        found += find_overlaps(areas, kind)
        found += find_gaps(areas, kind)
        found += _repeated_names(areas, kind)
        found += _alias_collisions(areas, kind)
    found += _nested_names(communities)
    found += _outside_street(communities, streets)
    found += _odd_codes(pack)
    return found + find_place_faults(pack)


def in_metres(areas: gpd.GeoDataFrame, around: gpd.GeoDataFrame | None = None) -> gpd.GeoDataFrame:
    """Project to an equal-area plane around the middle of `areas`, or of `around`."""
    west, south, east, north = (areas if around is None else around).total_bounds
    middle = f"+lat_0={(south + north) / 2:.4f} +lon_0={(west + east) / 2:.4f}"
    return areas.to_crs(f"+proj=laea {middle} +datum=WGS84 +units=m")


def find_overlaps(areas: gpd.GeoDataFrame, kind: Words) -> list[Finding]:
    """Name the pairs of areas that share ground, with the square metres."""
    shapes, names = areas.geometry.to_numpy(), areas["name"].to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    left, right = left[left < right], right[left < right]
    shared = shapely.intersection(shapes[left], shapes[right])
    is_real = _is_more_than_rounding(shared)
    order = np.argsort(-shapely.area(shared[is_real]), kind="stable")
    pairs = [
        f"{names[i]} × {names[j]} {size:,.0f} m²"
        for i, j, size in zip(
            left[is_real][order],
            right[is_real][order],
            shapely.area(shared[is_real])[order],
            strict=True,
        )
    ]
    return warn_of(pairs, f"{kind.zh}重叠", f"{kind.en} overlap")


def find_gaps(areas: gpd.GeoDataFrame, kind: Words) -> list[Finding]:
    """Name the neighbours of each hole that the areas leave between them, with its size."""
    shapes, names = areas.geometry.to_numpy(), areas["name"].to_numpy()
    whole = shapely.get_parts(shapely.union_all(shapes))
    rings = np.concatenate([shapely.get_rings(part)[1:] for part in whole])
    holes = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    holes = holes[_is_more_than_rounding(holes)]
    tree = shapely.STRtree(shapes)
    gaps = []
    for hole in sorted(holes, key=lambda h: (-h.area, h.bounds)):
        near = sorted(names[tree.query(hole, predicate="intersects")])
        gaps.append(f"{'、'.join(near[:3])} {hole.area:,.0f} m²")
    return warn_of(gaps, f"{kind.zh}之间有空隙", f"gaps between {kind.en}")


def find_place_faults(pack: Pack) -> list[Finding]:
    """Look for places outside the pack, outside their community, or in an unknown one."""
    places, communities = pack.places, pack.communities
    if places.empty:
        return [Finding("info", Words("没有地名表", "there is no gazetteer"))]
    points = shapely.points(places["lng"], places["lat"])
    row, area = shapely.STRtree(communities.geometry.to_numpy()).query(points, "intersects")
    known = places["community"].isin(communities["name"])
    is_unknown = places["community"].notna() & ~known
    hit = pd.Series(communities["name"].to_numpy()[area], index=row, dtype="str")
    stated = places["community"].reset_index(drop=True)
    agrees = (hit == stated.reindex(row)).groupby(level=0).any()
    is_inside = np.isin(np.arange(len(places)), row)
    agreeing = agrees.reindex(stated.index, fill_value=False).to_numpy(dtype=bool)
    is_astray = is_inside & known.to_numpy() & ~agreeing
    street = places["street"].notna() & ~places["street"].isin(pack.streets["name"])
    no_point = places[["lng", "lat"]].isna().any(axis=1)
    name = places["name"]
    return [
        *warn_of(name[no_point], "地点没有坐标", "places without coordinates"),
        *warn_of(name[~is_inside & ~no_point.to_numpy()], "地点在区外", "places outside the area"),
        *warn_of(
            name[is_astray],
            "地点不在所填社区内",
            "places outside their stated community",
        ),
        *warn_of(places["community"][is_unknown].unique(), "社区名未知", "unknown communities"),
        *warn_of(places["street"][street].unique(), "街道名未知", "unknown streets"),
    ]


def warn_of(
    offenders: Iterable[object], zh: str, en: str, level: Level = "warning"
) -> list[Finding]:
    """Make one finding that counts the offenders and names the first few; none makes none."""
    names = [str(o) for o in offenders]
    if not names:
        return []
    more = len(names) - _NAMED
    listed = names[:_NAMED]
    words = Words(
        f"{zh} {len(names)} 处：{'、'.join(listed)}" + (f" 等，另有 {more} 处" if more > 0 else ""),
        f"{en} ({len(names)}): {', '.join(listed)}" + (f" and {more} more" if more > 0 else ""),
    )
    return [Finding(level, words)]


def _is_more_than_rounding(shapes: np.ndarray) -> np.ndarray:
    """Say which shapes are more than what rounding to six digits (0.1 m) leaves behind."""
    size, around = shapely.area(shapes), shapely.length(shapes)
    width = 2 * size / np.where(around > 0, around, 1)
    return np.asarray((size > _MIN_SQUARE_METRES) & (width > _MIN_WIDTH_METRES))


def _counts(pack: Pack, communities: gpd.GeoDataFrame) -> Finding:
    km2 = float(communities.area.sum()) / 1e6
    n = (len(pack.streets), len(communities), len(pack.places))
    return Finding(
        "info",
        Words(
            f"{n[0]} 个街道、{n[1]} 个社区、{n[2]} 个地点，共 {km2:.2f} km²",
            f"{n[0]} streets, {n[1]} communities, {n[2]} places on {km2:.2f} km²",
        ),
    )


def _repeated_names(areas: gpd.GeoDataFrame, kind: Words) -> list[Finding]:
    repeated = areas[areas["name"].duplicated(keep=False)].sort_values(["name", "code"])
    listed = repeated["name"] + " (" + repeated["code"] + ")"
    return warn_of(listed, f"{kind.zh}重名", f"{kind.en} of the same name")


def _alias_collisions(areas: gpd.GeoDataFrame, kind: Words) -> list[Finding]:
    """Name the words that could mean two areas; looking one up finds neither."""
    alias = areas[["code", "name"]].assign(word=areas["aliases"].map(split_aliases))
    alias = alias.explode("word").dropna(subset="word").drop_duplicates(["code", "word"])
    own = areas[["code", "name"]].assign(word=areas["name"])
    words = pd.concat([alias[alias["word"] != alias["name"]], own.drop_duplicates("word")])
    shared = words[words["word"].duplicated(keep=False)].sort_values(["word", "code"])
    listed = [f"{word} ({' / '.join(rows['name'])})" for word, rows in shared.groupby("word")]
    return warn_of(listed, f"{kind.zh}别名相撞", f"aliases that mean two {kind.en}")


def _nested_names(areas: gpd.GeoDataFrame) -> list[Finding]:
    """Name the names that stand inside another: the longer must be looked for first."""
    names = sorted(set(areas["name"]))
    pairs = [f"{a} ⊂ {b}" for a in names for b in names if a != b and a in b]
    return warn_of(pairs, "名称互相包含", "names inside other names", "info")


def _outside_street(communities: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> list[Finding]:
    """Name the communities that lie by a tenth or more outside their own street."""
    at = pd.Index(streets["code"]).get_indexer(communities["street_code"])
    street = streets.geometry.to_numpy()[at]
    shapes = communities.geometry.to_numpy()
    share = shapely.area(shapely.intersection(shapes, street)) / shapely.area(shapes)
    astray = communities["name"][share < _MIN_SHARE_IN_STREET]
    return warn_of(astray, "社区大部或部分不在所属街道内", "communities outside their street")


def _odd_codes(pack: Pack) -> list[Finding]:
    """Name codes that do not continue the code of what holds them (110101 → 110101001 → …001)."""
    street = pack.communities["street_code"]
    is_official = street.str.fullmatch(rf"\d{{{_TOWN_CODE_DIGITS}}}").to_numpy()
    pairs = zip(pack.communities["code"], street, strict=True)
    follows = np.array([code.startswith(above) for code, above in pairs])
    odd = pack.communities["name"][is_official & ~follows]
    found = warn_of(
        odd, "社区编码与街道编码不符", "community codes that do not continue the street's"
    )
    if pack.code.isdigit():
        strange = pack.streets["name"][~pack.streets["code"].str.startswith(pack.code)]
        found += warn_of(
            strange, "街道编码与区编码不符", "street codes that do not continue the area's"
        )
    return found
