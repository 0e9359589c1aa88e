"""How often the geocoder is right, on messy addresses with known truth, beside other methods.

    python benchmarks/geocoding.py [--seeds 2025 2026 2027] [--rows 8000] [--quick]
    python benchmarks/geocoding.py --seeds 7 --failures FILE    # what is still wrong, to learn from

Settings may be chosen on the tuning seeds (`messy.TUNING_SEEDS`), which leave out every fifth road
name and one whole street; tables are made on the reporting seeds. All methods see the same texts
and the same gazetteer. Intervals are Wilson's, 95 %. Speeds are rows per second of CPU time.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from messy import REPORTING_SEEDS, Rates, draw_texts
from messy_city import City, build_city
from substitutes import METHODS
from wilson import share

from geo_hotspots.places.gazetteer.build import build_gazetteer
from geo_hotspots.places.locate import locate_cases
from geo_hotspots.places.match.match import match_texts
from geo_hotspots.places.packs.pack import Pack, read_pack
from geo_hotspots.schema import LOCATED

_ANSWERED = (*LOCATED, "area_only")
_EXACT = ("building", "compound", "door")
_MEASURES = ("hit", "recall", "precision", "exact", "false accepts")
_BANDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
_COLUMNS = (
    "status", "level", "place_id", "place_name", "street", "community", "lng", "lat", "score",
    "explanation",
)  # fmt: skip
Method = Callable[[pd.DataFrame], pd.DataFrame]


def ours(pack: Pack) -> Method:
    """Give the geocoder over a pack, as a run calls it."""
    district = {pack.title.zh, *pack.aliases, *pack.aliases.values()}
    gazetteer = build_gazetteer(pack.places, pack.communities, pack.streets, district=district)

    def geocode(texts: pd.DataFrame) -> pd.DataFrame:
        blank = pd.Series([None] * len(texts), index=texts.index, dtype="str")
        given = dict.fromkeys(("title", "street_given", "community_given", "district_given"), blank)
        points = pd.DataFrame({"lng": np.nan, "lat": np.nan, "problem": blank}, index=texts.index)
        return locate_cases(
            texts[["address", "content"]].assign(**given), points, gazetteer=gazetteer,
            communities=pack.communities, streets=pack.streets, outside=pack.outside,
        )  # fmt: skip

    return geocode


def judge(truth: pd.DataFrame, answer: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Set answers beside the truth, row by row.

    Returns
    -------
    judged
        `truth` with `is_answered`, `says` (a community), `is_right` (that community is true; where
        none is said, the road or the street is), `is_exact` and `error_m`.
    """
    got = answer[list(_COLUMNS)]
    got = got.astype(dict.fromkeys(got.select_dtypes("category"), "str"))
    table = truth.join(got.add_prefix("got_"))
    table["is_answered"] = table["got_status"].isin(_ANSWERED)
    table["says"] = table["is_answered"] & table["got_community"].notna()
    is_true = [c in cs for c, cs in zip(table["got_community"], table["communities"], strict=True)]
    same_id = table["got_place_id"].fillna("-").eq(table["place_id"])
    names = table["got_place_id"].map(pack.places.drop_duplicates("id").set_index("id")["name"])
    same_area = table["got_level"].eq("street") & table["got_street"].eq(table["street"])
    same_name = same_id | names.eq(table["parent"]) | same_area
    table["is_right"] = np.where(table["says"], is_true, table["is_answered"] & same_name)
    listed = table["place_id"].isin(pack.places["id"]) & table["kind"].isin(_EXACT)
    table["is_exact"] = (table["is_answered"] & same_id).astype(float).where(listed)
    north = (table["got_lat"] - table["lat"]) * 111_195
    east = (table["got_lng"] - table["lng"]) * 111_195 * np.cos(np.radians(39.92))
    table["error_m"] = np.hypot(north, east).where(table["is_answered"])
    return table


def count(judged: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Count successes and trials of each measure."""
    named, false = judged["level"].ne("none"), judged["level"].eq("none")
    supported, says = judged[named & judged["supports"]], judged[judged["says"]]
    exact = judged["is_exact"].dropna()
    return {
        "hit": (int(judged.loc[named, "is_answered"].sum()), int(named.sum())),
        "recall": (int((supported["says"] & supported["is_right"]).sum()), len(supported)),
        "precision": (int(says["is_right"].sum()), len(says)),
        "exact": (int(exact.sum()), len(exact)),
        "false accepts": (int(judged.loc[false, "is_answered"].sum()), int(false.sum())),
    }


def pooled(judged: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put the seeds together."""
    return pd.concat(list(judged), ignore_index=True)


def print_methods(
    city: City, seeds: list[int], rows: int, others: int
) -> dict[float, pd.DataFrame]:
    """Print every method at several rates of typing errors; give our judged rows."""
    print(f"| typos | method | n | {' | '.join(_MEASURES)} | rows/s |")
    print("| --- | --- | ---: " + "| ---: " * (len(_MEASURES) + 1) + "|")
    kept = {}
    for typos in (0.0, 0.5, 1.0):
        kept[typos] = _measure(city, ours, seeds, rows, f"x{typos:g} | ours", typos=typos)
        if typos != 0.5:
            _measure(
                city, ours, seeds, rows, f"x{typos:g} | ours, 5 % of doors listed nowhere",
                typos=typos, rates=Rates(unlisted=0.05),
            )  # fmt: skip
            for name, make in METHODS.items():
                _measure(city, make, seeds, others, f"x{typos:g} | {name}", typos=typos)
    return kept


def _measure(
    city: City, make: Callable[[Pack], Method], seeds: list[int], rows: int, label: str,
    **drawn: Any,
) -> pd.DataFrame:  # fmt: skip
    """Let a method answer the texts of all seeds, and print its line."""
    method, judged, seconds = make(city.pack), [], 0.0
    for seed in seeds:
        texts = draw_texts(city, rows, seed=seed, **drawn)
        start = time.process_time()
        answer = method(texts)
        seconds += time.process_time() - start
        judged.append(judge(texts, answer, city.pack))
    table = pooled(judged)
    counts = count(table)
    cells = " | ".join(share(*counts[m]) for m in _MEASURES)
    print(f"| {label} | {len(table)} | {cells} | {len(table) / seconds:,.0f} |", flush=True)
    return table


def print_dropout(city: City, seeds: list[int], rows: int) -> None:
    """Print what becomes of addresses whose doors the gazetteer lacks (typos at half rate)."""
    print(
        "\n| doors missing | n | community recall | precision | error p50 | p90 | p95 | no point |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for lost in (0.0, 0.1, 0.3, 0.5):
        judged = []
        for seed in seeds:
            pack = city.without_doors(lost, np.random.default_rng([seed, 1]))
            texts = draw_texts(city, rows, seed=seed, typos=0.5)
            texts = texts[texts["kind"].isin(_EXACT)]
            judged.append(judge(texts, ours(pack)(texts), pack))
        table = pooled(judged)
        counts, error = count(table), table["error_m"].dropna()
        p50, p90, p95 = np.percentile(error, [50, 90, 95])
        cells = [f"{lost:.0%}", str(len(table)), *(share(*counts[c]) for c in _MEASURES[1:3])]
        cells += [f"{metres:.0f} m" for metres in (p50, p90, p95)]
        print(f"| {' | '.join(cells)} | {len(table) - len(error)} |", flush=True)


def print_complaints(city: City, seeds: list[int], rows: int) -> pd.DataFrame:
    """Print what is found where only the complaint names the place."""
    print(f"\n| text only, typos | n | {' | '.join(_MEASURES)} | rows/s |")
    print("| --- | ---: " + "| ---: " * (len(_MEASURES) + 1) + "|")
    for typos in (0.0, 0.5, 1.0):
        table = _measure(city, ours, seeds, rows, f"x{typos:g}", typos=typos, complaints=True)
    return table


def print_calibration(judged: pd.DataFrame, title: str) -> None:
    """Print how often answers of each band of the score are right, and the expected error."""
    said = judged[judged["is_answered"]]
    band = pd.cut(said["got_score"], _BANDS, include_lowest=True)
    print(f"\n| score ({title}) | n | mean score | right |\n| --- | ---: | ---: | ---: |")
    error = 0.0
    for label, rows in said.groupby(band, observed=True):
        k, n = int(rows["is_right"].sum()), len(rows)
        error += abs(rows["got_score"].mean() - k / n) * n / len(said)
        print(f"| {label} | {n} | {rows['got_score'].mean():.3f} | {share(k, n)} |")
    tenth = (said["got_score"] * 10).clip(upper=9.999).astype(int)
    parts = said.groupby(tenth)
    ece = (parts["got_score"].mean() - parts["is_right"].mean()).abs() @ parts.size() / len(said)
    print(f"expected calibration error, ten equal bands: {ece:.4f}; these bands: {error:.4f}")


def print_splits(judged: pd.DataFrame) -> None:
    """Print community recall by what the texts are about and what was done to them (typos x1)."""
    named = judged[judged["level"].ne("none") & judged["supports"]]
    found = named["says"] & named["is_right"].astype(bool)
    print("\n| which (typos x1) | n | community recall |\n| --- | ---: | ---: |")
    unseen = named["is_unseen"]
    splits = {"names unseen in tuning": unseen, "names seen": ~unseen}
    splits |= {k: named["kind"] == k for k in named["kind"].unique()}
    for operator in sorted({o for row in named["operators"] for o in row}):
        splits[operator] = named["operators"].map(lambda row, o=operator: o in row)
    for label, rows in splits.items():
        print(f"| {label} | {rows.sum()} | {share(int(found[rows].sum()), int(rows.sum()))} |")


def print_speed(city: City, seed: int, rows: int) -> None:
    """Print rows per second of CPU time on texts of four kinds: matching alone, and all of placing.

    Distinct texts are those of one column; what many rows share is matched once.
    """
    clean = draw_texts(city, rows, seed=seed, typos=0.0).drop_duplicates("address")
    noisy = draw_texts(city, rows, seed=seed, typos=1.0).drop_duplicates("address")
    long = draw_texts(city, rows, seed=seed, complaints=True).drop_duplicates("content")
    again = noisy.sample(25 * rows, replace=True, random_state=seed).reset_index(drop=True)
    gazetteer = build_gazetteer(city.pack.places, city.pack.communities, city.pack.streets)
    geocode = ours(city.pack)
    geocode(noisy.head(100))  # what is made once is made now
    match_texts(noisy["address"].head(100).tolist(), gazetteer)
    print("\n| texts | n | matching, rows/s of CPU | placing, rows/s |")
    print("| --- | ---: | ---: | ---: |")
    kinds = {"distinct, clean": clean, "distinct, typos x1": noisy, "each 25 times": again,
             "60-150 characters": long}  # fmt: skip
    for label, texts in kinds.items():
        distinct = texts["address"].fillna(texts["content"]).unique().tolist()
        alone = _timed(lambda d=distinct: match_texts(d, gazetteer))
        whole = _timed(lambda t=texts: geocode(t))
        n = len(texts)
        print(f"| {label} | {n} | {n / alone:,.0f} | {n / whole:,.0f} |", flush=True)


def _timed(work: Callable[[], object]) -> float:
    """Give the CPU seconds of the better of two tries."""
    tries = []
    for _ in range(2):
        start = time.process_time()
        work()
        tries.append(time.process_time() - start)
    return min(tries)


def write_failures(judged: pd.DataFrame, path: Path, most: int = 10) -> None:
    """Write what is wrong, the commonest kinds first, some examples each."""
    said = judged["is_answered"]
    named = judged["level"].ne("none")
    found = judged["says"] & judged["is_right"].astype(bool)
    wrong = (named & judged["supports"] & ~found) | (~named & said)
    wrong |= judged["is_exact"].eq(0.0)
    rows = judged[wrong].copy()
    rows["what"] = (
        rows["kind"] + " + " + rows["operators"].map(lambda o: ",".join(sorted(o)) or "-")
    )
    rows["what"] += " -> " + rows["got_status"]
    lines = [f"{len(rows)} of {len(judged)} rows are wrong or inexact\n"]
    for what, group in sorted(rows.groupby("what"), key=lambda g: -len(g[1]))[:40]:
        lines.append(f"## {what}: {len(group)}\n")
        for r in group.head(most).itertuples():
            text = r.address if isinstance(r.address, str) else r.content
            lines.append(
                f"- `{text}` truth {r.place_id or '-'} {'、'.join(sorted(r.communities))}; "
                f"got {r.got_place_name} {r.got_place_id} {r.got_community} "
                f"{r.got_score:.2f} ({r.got_explanation})"
            )
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(REPORTING_SEEDS))
    parser.add_argument("--rows", type=int, default=8_000, help="texts of each seed")
    parser.add_argument("--others", type=int, default=2_000, help="of these, for other methods")
    parser.add_argument("--quick", action="store_true", help="one seed, a tenth of the texts")
    parser.add_argument("--failures", type=Path, help="write what is wrong to this file, and stop")
    asked = parser.parse_args()
    seeds, rows = (asked.seeds[:1], asked.rows // 10) if asked.quick else (asked.seeds, asked.rows)
    city = build_city(read_pack("dongcheng"))
    if asked.failures:
        texts = [draw_texts(city, rows, seed=s, complaints=c) for s in seeds for c in (False, True)]
        judged = [judge(t, ours(city.pack)(t), city.pack) for t in texts]
        write_failures(pooled(judged), asked.failures)
        return
    print(f"gazetteer: {len(city.pack.places)} places; seeds {seeds}, {rows} texts each\n")
    kept = print_methods(city, seeds, rows, min(rows, asked.others))
    print_splits(kept[1.0])
    print_dropout(city, seeds, rows)
    complaints = print_complaints(city, seeds, rows // 2)
    print_calibration(kept[1.0], "addresses, typos x1")
    print_calibration(complaints, "text only, typos x1")
    print_speed(city, seeds[0], rows)


if __name__ == "__main__":
    main()
