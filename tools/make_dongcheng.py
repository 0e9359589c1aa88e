"""Make the pack `boundaries/dongcheng` from its authored sources; the same bytes every time."""

import argparse
import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from dongcheng_areas import draw_boundaries
from dongcheng_names import describe_communities, describe_streets, place_former
from dongcheng_places import locate_places
from dongcheng_sources import Sources, read_sources

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "boundaries" / "sources" / "dongcheng"
PACK = ROOT / "boundaries" / "dongcheng"
FAR_METRES = 250  # a place that had to move further deserves a second look


def to_geojson(areas: gpd.GeoDataFrame) -> str:
    """Write areas as RFC 7946 GeoJSON, a line per feature so that changes can be read."""
    rows = areas.drop(columns="geometry").to_dict("records")
    features = [
        json.dumps(
            {
                "type": "Feature",
                "id": row["code"],
                "properties": row,
                "geometry": {"type": "Polygon", "coordinates": [rounded(polygon)]},
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for row, polygon in zip(rows, areas.geometry, strict=True)
    ]
    body = ",\n".join(features)
    return f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'


def rounded(polygon: shapely.Geometry) -> list[list[float]]:
    """List the vertices of the outer ring with six digits."""
    ring = shapely.get_coordinates(shapely.get_exterior_ring(polygon))
    return [[round(float(lng), 6), round(float(lat), 6)] for lng, lat in ring]


def make_pack(sources_folder: Path, pack: Path) -> str:
    """Write the three made files of the pack and give a report on them."""
    sources = read_sources(sources_folder)
    drawn_streets, drawn_communities = draw_boundaries(sources)
    streets = describe_streets(drawn_streets, sources)
    communities = describe_communities(drawn_communities, sources)
    places = locate_places(sources.places, streets, communities)

    pack.mkdir(parents=True, exist_ok=True)
    write_text(pack / "streets.geojson", to_geojson(streets))
    write_text(pack / "communities.geojson", to_geojson(communities))
    write_text(pack / "places.csv", places.to_csv(index=False, lineterminator="\n"))
    return report(sources, streets, communities, places)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with plain line ends on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


def report(
    sources: Sources,
    streets: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    places: pd.DataFrame,
) -> str:
    """Say what was made and what a reviewer should look at."""
    _, unplaced = place_former(sources)
    far = places["name"][places["uncertainty_m"] > FAR_METRES]
    spread = places.groupby("name")["street"].nunique()
    return "\n".join(
        [
            f"{len(streets)} streets, {len(communities)} communities, {len(places)} places",
            streets[["name", "area_km2"]].to_string(index=False),
            f"places by type: {places['type'].value_counts().to_dict()}",
            f"names in several streets: {', '.join(sorted(spread.index[spread > 1])) or 'none'}",
            f"points over {FAR_METRES} m outside their street: {', '.join(far) or 'none'}",
            f"former communities unplaced: {'、'.join(unplaced['former'])}",
        ]
    )


def main() -> None:
    """Rebuild the pack in place, or elsewhere to compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PACK, help="folder of the pack")
    print(make_pack(SOURCES, parser.parse_args().out))


if __name__ == "__main__":
    main()
