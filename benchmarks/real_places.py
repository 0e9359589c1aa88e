"""Real, noisy names of places against the embedded gazetteer: how many find their street.

    python benchmarks/real_places.py FILE.csv

FILE has the columns `street` (true) and `place` (as someone wrote it); it is no part of the
project. Prints counts only, by what the geocoder answered, with Wilson intervals.
"""

import argparse
import tempfile
from pathlib import Path

import pandas as pd
from scipy.stats import binomtest

from geo_hotspots.config import Config
from geo_hotspots.pipeline import locate
from geo_hotspots.places.packs.pack import current_names, read_pack


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
    placed = locate([work], pack, Config(), salt=b"none").ledger
    by_case = placed.set_index("case_id").reindex(cases["工单编号"])
    return pd.DataFrame(
        {
            "truth": current_names(truth["street"], pack.streets)
            .fillna(truth["street"])
            .to_numpy(),
            "street": by_case["street"].to_numpy(),
            "status": by_case["status"].to_numpy(),
            "score": by_case["score"].astype(float).to_numpy(),
        }
    )


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
    print("right street  ", share(int(right.sum()), len(rows)))
    print("wrong street  ", share(int(wrong.sum()), len(rows)))
    print("no answer     ", share(int(rows["street"].isna().sum()), len(rows)))
    table = rows.assign(answer=right.map({True: "right", False: "-"}).mask(wrong, "wrong"))
    print(pd.crosstab(table["status"], table["answer"]).to_string())


if __name__ == "__main__":
    main()
