"""How many listed points were planted, and how many planted points are listed, on made-up years.

    python benchmarks/demo_points.py 101 102 103

Each number is a seed of the demo. A listed point counts as planted when most of its cases are;
the others are busy buildings of the background.
"""

import sys
import tempfile
from datetime import date
from pathlib import Path

from geo_hotspots import pipeline
from geo_hotspots.config import Config
from geo_hotspots.demo import make_demo, write_demo
from geo_hotspots.places.packs.pack import Pack, read_pack
from geo_hotspots.schema import Period

AS_OF = date(2019, 12, 29)


def score(pack: Pack, seed: int) -> str:
    """Run one year and write its line."""
    demo = make_demo(pack, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        cases, *_ = write_demo(demo, Path(folder))
        located = pipeline.locate([cases], pack, Config(), salt=b"benchmark")
    period = Period.holding(AS_OF, "week")
    found = pipeline.analyse(located, pack, Config(), period=period, as_of=AS_OF).cases
    truth = demo.truth["point"].to_numpy()[found.index]
    listed = found.assign(planted=truth).dropna(subset="hotspot_id")
    main = listed.groupby("hotspot_id")["planted"].agg(lambda p: p.value_counts().index[0])
    crowd = demo.points[demo.points["n_callers"] >= 5]
    precision, recall = (main != 0).mean(), crowd.index.isin(main).mean()
    return f"{seed:>6} {len(main):>7} {precision:>10.2f} {recall:>22.2f} of {len(crowd)}"


def main() -> None:
    """Print a line per seed."""
    print("  seed  listed  precision  recall (5 callers up)")
    pack = read_pack("dongcheng")
    for seed in sys.argv[1:] or ["101"]:
        print(score(pack, int(seed)))


if __name__ == "__main__":
    main()
