"""Real, noisy names of places against the embedded gazetteer: how many find their street.

    python benchmarks/real_places.py FILE.csv

FILE has the columns `street` (true) and `place` (as someone wrote it); it is no part of the
project. Prints counts only, by what the geocoder answered, with Wilson intervals; and the same
without the rows whose own name gives the lie to their street: 杨家园西里 filed under another
street than the one in which the official list has the community 杨家园.
"""

import argparse
import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from geo_hotspots.config import Config
from geo_hotspots.pipeline import locate
from geo_hotspots.places.packs.pack import Pack, current_names, read_pack

_SHORT = 2


def answer(path: Path, work: Path) -> pd.DataFrame:
    """Geocode each name by its text alone, and set the true street beside the answer."""
    truth = pd.read_csv(path, dtype="str")
    pack = read_pack("dongcheng")
    cases = pd.DataFrame(
        {
            "工单编号": [f"R{i}" for i in range(len(truth))],
            "来电时间": "2026-01-01 09:00",
            "问题分类": "其他",
            "地址": truth["place"],
        }
    )
    cases.to_csv(work, index=False)
    placed = pd.concat(locate([work], pack, Config(), salt=b"none").ledger)
    by_case = placed.set_index("case_id").reindex(cases["工单编号"])
    return pd.DataFrame(
        {
            "truth": current_names(truth["street"], pack.streets)
            .fillna(truth["street"])
            .to_numpy(),
            "street": by_case["street"].to_numpy(),
            "is_belied": belied(truth["place"], truth["street"], pack),
            "status": by_case["status"].to_numpy(),
            "score": by_case["score"].astype(float).to_numpy(),
        }
    )


def belied(place: pd.Series, street: pd.Series, pack: Pack) -> np.ndarray:
    """Say whose name holds that of a community in another street, by the official list alone.

    A name of two characters, 民安, counts only as 民安小区 or 民安社区.
    """
    short = pack.communities["name"].str.removesuffix("社区")
    home = dict(zip(short, pack.communities["street"], strict=True))
    words = sorted(home, key=len, reverse=True)
    long = "|".join(re.escape(w) for w in words if len(w) > _SHORT)
    brief = "|".join(re.escape(w) for w in words if len(w) <= _SHORT)
    found = place.str.extract(f"({long})|({brief})(?:小区|社区)")
    said = found[0].fillna(found[1]).map(home)
    filed = current_names(street, pack.streets)
    return (said.notna() & filed.notna() & said.ne(filed)).to_numpy()


def share(n: int, of: int) -> str:
    """Write a share with its Wilson interval."""
    interval = binomtest(n, of).proportion_ci(method="wilson")
    return f"{n}/{of} = {n / of:.1%} ({interval.low:.1%}-{interval.high:.1%})"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = answer(asked.file, Path(folder) / "places.csv")
    right = rows["street"].eq(rows["truth"])
    wrong = rows["street"].notna() & ~right
    rows["answer"] = right.map({True: "right", False: "none"}).mask(wrong, "wrong")
    for words, some in (("all rows", rows), ("less those belied", rows[~rows["is_belied"]])):
        print(f"{words}: {len(some)}")
        for kind in ("right", "wrong", "none"):
            print(f"  {kind:<6}", share(int(some["answer"].eq(kind).sum()), len(some)))
    print(pd.crosstab(rows["status"], rows["answer"]).to_string())


if __name__ == "__main__":
    main()
