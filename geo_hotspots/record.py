"""`run.json`: what went in, what came out, with what, so that a run can be done again."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from geo_hotspots.account import Account
from geo_hotspots.config import Config
from geo_hotspots.hotspots.forecast.forecast import Outlook
from geo_hotspots.places.datum.detect import Detection
from geo_hotspots.places.datum.shift import Datum
from geo_hotspots.places.packs.pack import Pack
from geo_hotspots.schema import Masthead
from geo_hotspots.words import CLUSTER

_LIBRARIES = (
    "duckdb",
    "folium",
    "geopandas",
    "h3",
    "numpy",
    "pandas",
    "pyogrio",
    "scipy",
    "shapely",
)


def record_run(
    account: Account,
    detection: Detection,
    pack: Pack,
    config: Config,
    masthead: Masthead,
    *,
    paths: Sequence[Path],
    n_counted: int,
    n_later: int,
    n_known: int,
    n_points: int,
    n_hidden: int,
    n_hot: int,
    emerging_states: Sequence[str],
    decisive: dict[str, list[str]],
    courses: dict[str, dict[str, float | None]],
    outlook: Outlook,
    out: Datum = "wgs84",
) -> dict[str, Any]:
    """Close the account of a run; nothing in it depends on the clock or the machine's paths.

    Parameters
    ----------
    paths
        Every input file; names and hashes are recorded, folders are not.
    n_counted
        Cases read that are counted.
    n_later
        Cases after the last day counted, which are placed and not counted; what is left are
        cases that were deleted from the history for good.
    n_known
        All cases counted, those that earlier runs read among them.
    n_hidden
        Points that are not shown because too few people called.
    emerging_states
        Of each cluster that emerges.
    decisive
        By shown point, the ids of the cases without which it would not be listed.
    courses
        By shown point, how sure its class is (`posterior`, 0 to 1), and the days from its last
        rectification until it was back (`days_to_rebound`), or None.
    out
        The datum that results are given in.
    outlook
        Whose rankers are marked per category group.
    """
    period, usable = masthead.period, account.n_read - account.n_unusable
    return {
        "version": masthead.version,
        "demo": masthead.is_demo,
        "as_of": masthead.as_of.isoformat(),
        "period": {
            "kind": period.kind,
            "label": period.label,
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
        },
        "input": [{"name": path.name, "sha256": _hash_file(path)} for path in paths],
        "account": {
            "read": account.n_read,
            **account.statuses,
            "blank_rows": account.n_blank,
            "reasons": account.reasons,
            "counted": n_counted,
            "after_as_of": n_later,
            "deleted_for_good": usable - n_counted - n_later,
        },
        "cases_known": n_known,
        "points": {"shown": n_points, "hidden_for_privacy": n_hidden},
        "decisive_cases": decisive,
        "courses": courses,
        "hot_cells": n_hot,
        "emerging": {state: emerging_states.count(state) for state in CLUSTER},
        "pack": {
            "name": pack.name,
            "sha256": pack.hash,
            "vintage": pack.vintage,
            "approximate": pack.is_approximate,
            "datum": pack.datum,
            "converted_from": pack.converted_from,
            "extent": [round(degrees, 4) for degrees in pack.communities.total_bounds.tolist()],
        },
        "datum": {
            "cases": detection.datum,
            "declared": config.datum.cases,
            "reason": detection.reason.say(masthead.lang),
            "share_inside": {k: round(v, 4) for k, v in detection.share_inside.items()},
            "metres_from_address": {k: round(v, 1) for k, v in detection.metres.items()},
            "n": detection.n_usable,
            "results": out,
            "conversions": _conversions(detection, pack, out),
        },
        "notes": list(masthead.notes),
        "forecast": {
            "rankers": {
                str(group): {"ranker": ranker, "chosen_for": "itself" if is_own else "all"}
                for group, ranker, is_own in outlook.choice.itertuples()
            },
            "answers_rain": list(outlook.rainy),
        },
        "settings": asdict(config),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def _conversions(detection: Detection, pack: Pack, out: Datum) -> list[dict[str, Any]]:
    """List every change of datum; WGS84 and CGCS2000 count as one."""
    same = ("wgs84", "cgcs2000")
    found: list[dict[str, Any]] = [
        {"what": "cases", "from": datum, "to": "wgs84", "points": n}
        for datum, n in detection.converted.items()
        if datum not in same
    ]
    if pack.datum not in same:
        found.append({"what": "pack", "from": pack.datum, "to": "wgs84"})
    if out not in same:
        found.append({"what": "results", "from": "wgs84", "to": out})
    return found


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
