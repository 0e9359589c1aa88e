"""Place real addresses by where the same address lay elsewhere, their own coordinates withheld.

    python benchmarks/nyc_addresses.py ../shared/data/nyc [--folds 5]

The folder holds `requests_2010_2018.csv` and `nta_2010.geojson`; neither is part of the project.
The requests are dealt into folds. For each fold a gazetteer is made of the addresses of all other
rows, with their coordinates; then the rows of the fold whose address stands in it are placed by
their address alone. An address is a house number and a road; that two writings are one address
(Avenue, Ave) is decided here, not by the geocoder.
"""

import argparse
import dataclasses
import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from real_nyc import build_pack
from wilson import share

import geo_hotspots
from geo_hotspots.places.packs.pack import Pack, read_pack

_WITHIN_METRES = 100.0
_SHORT = {
    "avenue": "ave", "street": "st", "road": "rd", "boulevard": "blvd", "place": "pl",
    "drive": "dr", "parkway": "pkwy", "lane": "ln", "court": "ct", "terrace": "ter",
    "east": "e", "west": "w", "north": "n", "south": "s",
}  # fmt: skip
_HOUSE = re.compile(r"^\d+(?:-\d+)?[a-z]? (?:[a-z0-9']+ ?)+$")


def fold_address(address: str) -> str:
    """Give one spelling to the writings of a house: number and road in lower case, words short.

    >>> fold_address("1054 Rogers Avenue, Brooklyn, NY 11226, USA"), fold_address("Central Park")
    ('1054 rogers ave', '')
    """
    head = address.split(",", maxsplit=1)[0].replace(".", "").casefold()
    words = " ".join(_SHORT.get(word, word) for word in head.split())
    return words if _HOUSE.match(words) else ""


def read_requests(data: Path) -> pd.DataFrame:
    """Read the requests that give a house and a point."""
    table = pd.read_csv(data / "requests_2010_2018.csv", dtype={"address": "str"})
    table["house"] = table["address"].fillna("").map(fold_address)
    known = table["lat"].notna() & table["lon"].notna() & table["house"].ne("")
    return table.loc[known, ["address", "house", "lat", "lon"]].reset_index(drop=True)


def as_places(rows: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Make a gazetteer of requests: a door for each written address and neighbourhood."""
    points = np.asarray(shapely.points(rows["lon"], rows["lat"]))
    which, area = shapely.STRtree(pack.communities.geometry.to_numpy()).query(points, "intersects")
    areas = pack.communities.iloc[area]
    table = rows.iloc[which].assign(
        name=rows["address"].iloc[which].str.split(",").str[0].str.strip(),
        community=areas["name"].to_numpy(), street=areas["street"].to_numpy(),
    )  # fmt: skip
    doors = table.groupby(["name", "community", "street"], as_index=False).agg(
        lng=("lon", "median"), lat=("lat", "median")
    )
    ids = [f"NYC-{i:05d}" for i in range(len(doors))]
    return doors.assign(
        id=ids, type="door", level="door", aliases="", uncertainty_m=30.0, source="requests"
    )[list(pack.places.columns)]


def place_fold(rows: pd.DataFrame, fold: pd.Series, one: int, pack: Pack) -> pd.DataFrame:
    """Place the rows of a fold whose house stands among the others."""
    others = rows[fold != one]
    asked = rows[(fold == one) & rows["house"].isin(others["house"])]
    known = dataclasses.replace(pack, places=as_places(others, pack))
    placed = geo_hotspots.geocode(asked[["address"]], known, lang="en")
    north = (placed["place_lat"] - asked["lat"]) * 111_195
    east = (placed["place_lng"] - asked["lon"]) * 111_195 * np.cos(np.radians(asked["lat"]))
    return placed.assign(metres=np.hypot(north, east), lat=asked["lat"], lon=asked["lon"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=2025)
    parser.add_argument("--wrong", type=int, default=15, help="print so many that are not found")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        pack = read_pack(build_pack(asked.data, Path(scratch)))
    rows = read_requests(asked.data)
    deal = np.random.default_rng(asked.seed).integers(asked.folds, size=len(rows))
    fold = pd.Series(deal, rows.index)
    found = pd.concat([place_fold(rows, fold, one, pack) for one in range(asked.folds)])
    near, n = int((found["metres"] <= _WITHIN_METRES).sum()), len(found)
    exact = found["place_status"].eq("located") & found["metres"].notna()
    print(f"{len(rows)} requests with a house, {n} of them at a house that occurs elsewhere")
    print(f"within {_WITHIN_METRES:.0f} m: {share(near, n)} %")
    right = int((found.loc[exact, "metres"] <= _WITHIN_METRES).sum())
    print(f"of those located: {share(right, int(exact.sum()))} %")
    print(found["place_status"].value_counts().to_string())
    wrong = found[~(found["metres"] <= _WITHIN_METRES)].sort_index()
    for row in wrong.head(asked.wrong).itertuples():
        print(f"  {row.address} | {row.place_status} {row.metres:.0f} m | {row.place_explanation}")


if __name__ == "__main__":
    main()
