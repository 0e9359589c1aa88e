"""Make `roads.geojson` of the pack `boundaries/dongcheng`: main roads, to find one's way by.

The lines are those that the boundaries were drawn along (`lines.csv`), cut at the district's
outline. What is no road there (a wall, a moat, the back of a lane) is left out.
"""

import argparse
import json
import re
from pathlib import Path

import shapely
from dongcheng_sources import read_outline, read_table
from make_dongcheng import PACK, SOURCES, write_text

NO_ROAD = re.compile(r"(侧|墙|岸|护城河)$")
RANK = {"street": "main", "inner": "lesser"}


def read_roads(folder: Path) -> list[tuple[str, str, shapely.Geometry]]:
    """Give name, rank and line of each road, cut at the outline."""
    outline = read_outline(folder / "outline_wgs84.geojson")
    roads = []
    for row in read_table(folder / "lines.csv").itertuples():
        names = [name for name in row.name.split() if not NO_ROAD.search(name)]
        corners = [tuple(map(float, pair.split())) for pair in row.points.split(";")]
        line = shapely.intersection(shapely.LineString(corners), outline)
        if names and not line.is_empty:
            roads.append((" ".join(names), RANK[row.role], line))
    return roads


def to_geojson(roads: list[tuple[str, str, shapely.Geometry]]) -> str:
    """Write one feature a line, in the order of the source."""
    features = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"name": name, "rank": rank},
                "geometry": json.loads(shapely.to_geojson(shapely.set_precision(line, 1e-6))),
            },
            ensure_ascii=False,
        )
        for name, rank, line in roads
    ]
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"


def main() -> None:
    """Make the file in place, or elsewhere to compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PACK, help="folder of the pack")
    write_text(parser.parse_args().out / "roads.geojson", to_geojson(read_roads(SOURCES)))


if __name__ == "__main__":
    main()
