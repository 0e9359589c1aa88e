"""Make the pack `boundaries/dongcheng` from its authored sources; the same bytes every time.

Streets are the faces between real main roads (`lines.csv`, role `street`) and the outline of the
district. Communities are the cells around authored seeds, kept apart by lesser roads (role
`inner`). All lines are noded together on a grid of six digits before any face is built, so
neighbours share every vertex and rounding can open no gap.
"""

import argparse
import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "boundaries" / "sources" / "dongcheng"
PACK = ROOT / "boundaries" / "dongcheng"

GRID = 1e-6  # six digits, about a decimetre
STOP_DEGREES = 3e-4  # about 30 m
METRES = "EPSG:4548"  # CGCS2000, three-degree zone at 117°E
SQUEEZE = np.cos(np.radians(39.91))  # a degree of longitude in degrees of latitude here
INSIDE_METRES = 20.0  # how far inside its street and community a place is pulled
NAMESAKE_METRES = 400.0  # how far off a place may lie and still be in the community of its name
FAR_METRES = 250  # a place that had to move further deserves a second look
DOOR_STEP = 10  # every fifth door of a side
ALIAS_SEPARATOR = "|"
FIRST_OF_CHONGWEN = "110101011"  # the southern streets were Chongwen district until 2010

# How far off an authored point may be: half the length of a usual road, a yard's width.
NAMED_AFTER = ("hutong", "compound", "building")  # short enough to lie in one community
UNCERTAINTY_M = {
    "road": 250,
    "door": 150,
    "hutong": 150,
    "compound": 100,
    "building": 60,
    "poi": 80,
    "intersection": 50,
}
# The others are their own level. A door is counted off along its road, which tells the side and
# the street, not the spot.
LEVEL = {"road": "road", "hutong": "road", "door": "road"}
LETTER = {
    "road": "R",
    "hutong": "H",
    "compound": "C",
    "building": "B",
    "door": "D",
    "poi": "P",
    "intersection": "X",
}
PLACE_COLUMNS = [
    "id", "name", "type", "aliases", "community", "street", "lng", "lat", "level",
    "uncertainty_m", "source",
]  # fmt: skip

# Former communities whose place a community of today has taken, beyond those of the same name.
SUCCESSORS = {
    ("永定门外街道", "李村"): "李村社区",
    ("永定门外街道", "管村"): "管村社区",
    ("天坛街道", "金鱼池中区社区"): "金鱼池社区",
    ("天坛街道", "金鱼池西区社区"): "金鱼池西社区",
    ("天坛街道", "永内大街社区"): "永定门内社区",
    ("天坛街道", "永内东街社区"): "永定门内社区",
    ("和平里街道", "交通社区"): "交林社区",
    ("和平里街道", "林调社区"): "交林社区",
    ("东华门街道", "甘雨社区"): "灯市口社区",
}
STREET_ALIASES = {
    "崇文门外街道": ["崇外街道"],
    "永定门外街道": ["永外街道"],
    "体育馆路街道": ["体育馆街道"],
    "朝阳门街道": ["朝内街道"],
    # People say these for the neighbourhood, which the street is; 东四 or 东直门 may mean several.
    "和平里街道": ["和平里"],
    "北新桥街道": ["北新桥"],
    "东花市街道": ["东花市"],
    "龙潭街道": ["龙潭"],
    "交道口街道": ["交道口"],
    "东华门街道": ["东华门"],
    "天坛街道": ["天坛"],
    "建国门街道": ["建国门"],
}
Boundaries = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]
Points = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]


class SourceError(ValueError):
    """An authored source contradicts itself or another one."""


@dataclass(frozen=True)
class Sources:
    """What is authored or taken over, as read."""

    outline: shapely.Geometry
    lines: gpd.GeoDataFrame
    seeds: gpd.GeoDataFrame
    streets: pd.DataFrame
    communities: pd.DataFrame
    former: pd.DataFrame
    places: pd.DataFrame


PLACE_SOURCE_COLUMNS = ["name", "type", "aliases", "street", "lng", "lat", "uncertainty_m"]


def read_sources(folder: Path) -> Sources:
    """Read all sources of the pack from `folder`."""
    seeds = read_table(folder / "seeds.csv")
    communities = read_table(folder / "communities_2023.csv")
    return Sources(
        outline=read_outline(folder / "outline_wgs84.geojson"),
        lines=read_lines(folder / "lines.csv"),
        seeds=to_points(seeds.merge(communities[["code", "street_code"]], on="code")),
        streets=read_table(folder / "streets_2023.csv"),
        communities=communities,
        former=read_table(folder / "communities_former.csv"),
        places=read_places(sorted(folder.glob("places_*.csv")), folder / "numbers.csv"),
    )


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV as text; blanks stay blank."""
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")


def read_outline(path: Path) -> shapely.Geometry:
    """Read the one polygon of the district."""
    feature = json.loads(path.read_text(encoding="utf-8"))["features"][0]
    parts = shapely.get_parts(shapely.from_geojson(json.dumps(feature["geometry"])))
    if len(parts) != 1:
        raise SourceError(f"{path.name} has {len(parts)} parts; the district is one")
    ring = np.round(shapely.get_coordinates(shapely.get_exterior_ring(parts[0])), 6)
    stops = [with_stops(start, end) for start, end in itertools.pairwise(ring)]
    return shapely.Polygon(np.vstack(stops))


def with_stops(start: Points, end: Points) -> Points:
    """Give the start of an edge and, about every `STOP_DEGREES`, a point that lies on it.

    Where a road meets the outline, the outline bends to a vertex of six digits. The shorter the
    edge, the less that moves the outline, so long edges are divided first, at those points of
    the grid which they (all but) touch.
    """
    run = end - start
    longer = int(np.argmax(np.abs(run)))
    n = int(np.hypot(*run) / STOP_DEGREES) + 1
    stops = [start]
    for k in range(1, n):
        near = np.round(start[longer] + run[longer] * k / n, 6) + np.arange(-100, 101) * GRID
        points = start + np.outer((near - start[longer]) / run[longer], run)
        off = np.abs(points - np.round(points, 6)).max(axis=1)
        stops.append(np.round(points[np.argmin(off)], 6))
    return np.array(stops)


def read_lines(path: Path) -> gpd.GeoDataFrame:
    """Read the roads that bound streets and communities: `role`, `name`, `geometry`."""
    table = read_table(path)
    geometry = [shapely.from_wkt(f"LINESTRING ({p.replace(';', ', ')})") for p in table["points"]]
    return gpd.GeoDataFrame(table[["role", "name"]], geometry=geometry, crs="EPSG:4326")


def read_places(paths: Iterable[Path], numbers: Path) -> pd.DataFrame:
    """Read the authored places and number the doors; a name stands once per street and type."""
    tables = [read_table(path) for path in paths]
    tables.append(count_doors(read_table(numbers)))
    places = pd.concat([pd.DataFrame(columns=PLACE_SOURCE_COLUMNS, dtype="str"), *tables])
    places = places[PLACE_SOURCE_COLUMNS].fillna("").map(str.strip)
    twice = places[places.duplicated(["name", "street", "type"])]
    if len(twice):
        raise SourceError(f"places stand twice: {twice[['name', 'street']].to_numpy().tolist()}")
    return places.reset_index(drop=True)


def count_doors(numbers: pd.DataFrame) -> pd.DataFrame:
    """Count the doors of one side of a road along a straight line, every fifth and the last.

    On a road between two streets the number tells the side and so the street: north odd and
    counted from the east, west odd and counted from the north (GB/T 35639-2017, annex B). A
    door that is left out lies between its neighbours of the same side.
    """
    sides = [number_side(row) for row in numbers.to_dict("records")]
    empty = pd.DataFrame(columns=PLACE_SOURCE_COLUMNS, dtype="str")
    return pd.concat([empty, *sides], ignore_index=True)


def number_side(side: dict[Hashable, str]) -> pd.DataFrame:
    """List the doors of one line of `numbers.csv`."""
    last = int(side["last"])
    values = [*range(int(side["first"]), last, DOOR_STEP), last]
    ends = (values[0], last)
    lng = np.interp(values, ends, (float(side["lng"]), float(side["last_lng"])))
    lat = np.interp(values, ends, (float(side["lat"]), float(side["last_lat"])))
    doors = pd.DataFrame({"name": [f"{side['road']}{n}号" for n in values]}, dtype="str")
    return doors.assign(
        type="door",
        aliases="",
        street=side["street"],
        lng=[f"{x:.5f}" for x in lng],
        lat=[f"{y:.5f}" for y in lat],
        uncertainty_m="",
    )


def to_points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Make points of the columns `lng` and `lat`."""
    lng, lat = table["lng"].astype(float), table["lat"].astype(float)
    rest = table.drop(columns=["lng", "lat"])
    return gpd.GeoDataFrame(rest, geometry=gpd.points_from_xy(lng, lat, crs="EPSG:4326"))


def draw_boundaries(sources: Sources) -> Boundaries:
    """Divide the outline into streets and communities which share every vertex.

    Returns
    -------
    streets, communities
        `code` and `geometry`; a street is exactly the union of its communities.
    """
    ring = shapely.boundary(sources.outline)
    main = sources.lines.loc[sources.lines["role"] == "street", "geometry"].to_numpy()
    everything = sources.lines.geometry.to_numpy()
    seeds = sources.seeds

    streets = name_faces(faces_between([ring, *main], sources.outline), seeds["street_code"], seeds)
    sectors = faces_between([ring, *everything], sources.outline)
    cells = [shapely.boundary(cell) for cell in cells_of(sectors, seeds)]
    pieces = faces_between([ring, *everything, *cells], sources.outline)

    inner = pieces.representative_point()
    faces = gpd.GeoDataFrame(
        {
            "street_code": streets["label"].to_numpy()[index_of(inner, streets.geometry)],
            "code": nearest_seeds(inner, sectors, seeds),
        },
        geometry=pieces,
    )
    communities = merge_faces(absorb_strays(faces))
    street_of = communities["code"].str[:9]
    return merge_faces(communities.assign(code=street_of)), communities


def faces_between(lines: Iterable[shapely.Geometry], outline: shapely.Geometry) -> gpd.GeoSeries:
    """List the faces inside `outline` between lines noded on the six-digit grid.

    Sorted by an inner point, since the order of faces is the library's affair.
    """
    noded = shapely.union_all(list(lines), grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inner = shapely.point_on_surface(faces)
    order = np.lexsort((shapely.get_y(inner), shapely.get_x(inner)))
    is_inside = shapely.intersects(outline, inner)
    return gpd.GeoSeries(faces[order][is_inside[order]], crs="EPSG:4326")


def index_of(points: gpd.GeoSeries, faces: gpd.GeoSeries) -> npt.NDArray[np.intp]:
    """Give for each point the position of the face that holds it."""
    point, face = faces.sindex.query(points, predicate="intersects")
    found = np.full(len(points), -1)
    found[point] = face
    if (found < 0).any():
        raise SourceError(f"{points.iloc[int((found < 0).argmax())]} lies in no face")
    return found


def name_faces(
    faces: gpd.GeoSeries, labels: pd.Series, seeds: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Label each face with the one label that its seeds share.

    Raises
    ------
    SourceError
        A face holds seeds of two labels, or none at all: a line or a seed is misdrawn.
    """
    held = index_of(seeds.geometry, faces)
    found = labels.groupby(held).unique().reindex(range(len(faces)))
    for position, names in found.items():
        if not isinstance(names, np.ndarray | pd.api.extensions.ExtensionArray) or len(names) != 1:
            where = faces.iloc[int(str(position))].representative_point()
            who = seeds["name"][held == position].tolist()
            raise SourceError(f"the face at {where} holds seeds of {names}: {who}")
    return gpd.GeoDataFrame({"label": [names[0] for names in found]}, geometry=faces)


def cells_of(sectors: gpd.GeoSeries, seeds: gpd.GeoDataFrame) -> list[shapely.Geometry]:
    """Cut every sector into the cells nearest to each of its seeds (Voronoi, in metres)."""
    held = index_of(seeds.geometry, sectors)
    cells: list[shapely.Geometry] = []
    for position in np.unique(held):
        sector, inside = sectors.iloc[position], seeds.geometry[held == position]
        if len(inside) > 1:
            cloud = shapely.multipoints(metres_like(inside))
            around = shapely.voronoi_polygons(cloud, extend_to=stretch(sector))
            cells += list(shapely.intersection(shrink(shapely.get_parts(around)), sector))
    return cells


def nearest_seeds(
    points: gpd.GeoSeries, sectors: gpd.GeoSeries, seeds: gpd.GeoDataFrame
) -> list[str | None]:
    """Give the code of the nearest seed in the same sector; None where a sector has no seed."""
    home, held = index_of(points, sectors), index_of(seeds.geometry, sectors)
    there, here = metres_like(seeds.geometry), metres_like(points)
    away = np.hypot(*(here[:, None, :] - there[None, :, :]).transpose(2, 0, 1))
    away[home[:, None] != held[None, :]] = np.inf
    codes = seeds["code"].to_numpy()
    nearest = codes[away.argmin(axis=1)]
    return [c if np.isfinite(d) else None for c, d in zip(nearest, away.min(axis=1), strict=True)]


def metres_like(points: gpd.GeoSeries) -> Points:
    """Give coordinates with equal units on both axes (degrees of latitude)."""
    return np.column_stack([points.x * SQUEEZE, points.y])


def stretch(geometry: shapely.Geometry) -> shapely.Geometry:
    """Turn longitudes into units of latitude."""
    return shapely.transform(geometry, lambda p: p * [SQUEEZE, 1.0])


def shrink(cells: Shapes) -> Shapes:
    """Turn units of latitude back into longitudes."""
    return shapely.transform(cells, lambda p: p / [SQUEEZE, 1.0])


def absorb_strays(faces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give every face without a code, or cut off from its community, to a neighbour.

    The neighbour is the community of the same street with which it shares the longest border,
    which may need several rounds; the main part of a community is its largest.
    """
    faces = faces.assign(code=cut_off(faces))
    while faces["code"].isna().any():
        taken = faces["code"].copy()
        for row in faces.index[faces["code"].isna()]:
            taken[row] = closest_neighbour(faces, row)
        if taken.isna().sum() == faces["code"].isna().sum():
            where = faces[taken.isna()].representative_point().iloc[0]
            raise SourceError(f"the face at {where} has no neighbour in its street")
        faces = faces.assign(code=taken)
    return faces


def cut_off(faces: gpd.GeoDataFrame) -> pd.Series:
    """Give the codes of the faces, missing where a face hangs not on its main part."""
    codes = faces["code"].copy()
    codes[codes.notna() & (codes.str[:9] != faces["street_code"])] = None
    for code in codes.dropna().unique():
        parts = faces.geometry[codes == code]
        whole = shapely.get_parts(shapely.coverage_union_all(parts.to_numpy()))
        main = whole[np.argmax(shapely.area(whole))]
        is_main = shapely.contains(main, parts.representative_point().to_numpy())
        codes[parts.index[~is_main]] = None
    return codes


def closest_neighbour(faces: gpd.GeoDataFrame, row: int) -> str | None:
    """Name the community of the same street with the longest border to the face at `row`."""
    near = faces[(faces["street_code"] == faces.loc[row, "street_code"]) & faces["code"].notna()]
    border = shapely.intersection(near.geometry.to_numpy(), faces.geometry[row])
    shared = pd.Series(shapely.length(border), index=near.index).groupby(near["code"]).sum()
    return str(shared.idxmax()) if len(shared) and shared.max() > 0 else None


def merge_faces(faces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join the faces of each code without moving a vertex."""
    codes = sorted(faces["code"].unique())
    merged = [
        shapely.coverage_union_all(faces.geometry[faces["code"] == code].to_numpy())
        for code in codes
    ]
    return gpd.GeoDataFrame({"code": codes}, geometry=[tidy(g) for g in merged], crs="EPSG:4326")


def tidy(polygon: shapely.Geometry) -> shapely.Geometry:
    """Round to six digits, turn counterclockwise, start at the westernmost vertex."""
    whole = [part for part in shapely.get_parts(polygon) if part.area > 0]
    if len(whole) != 1:
        where = min(whole, key=lambda part: part.area).representative_point()
        raise SourceError(f"a part of {len(whole)} is cut off at {where}")
    ring = np.round(shapely.get_coordinates(shapely.get_exterior_ring(whole[0])), 6)[:-1]
    ring = np.roll(ring, -np.lexsort((ring[:, 1], ring[:, 0]))[0], axis=0)
    return shapely.orient_polygons(shapely.Polygon(ring))


def describe_streets(drawn: gpd.GeoDataFrame, sources: Sources) -> gpd.GeoDataFrame:
    """Add what the pack says of a street: name, short name, aliases, former district, area."""
    streets = drawn.merge(sources.streets, on="code", validate="1:1")
    short = streets["name"].str.removesuffix("街道")
    is_south = streets["code"] >= FIRST_OF_CHONGWEN
    aliases = [join_aliases([*STREET_ALIASES.get(n, []), f"{n}办事处"]) for n in streets["name"]]
    return streets.assign(
        short_name=short,
        aliases=aliases,
        former_district=is_south.map({True: "崇文区", False: "东城区"}),
        area_km2=(streets.to_crs(METRES).area / 1e6).round(3),
    )[["code", "name", "short_name", "aliases", "former_district", "area_km2", "geometry"]]


def describe_communities(drawn: gpd.GeoDataFrame, sources: Sources) -> gpd.GeoDataFrame:
    """Add what the pack says of a community: name, street, aliases."""
    table = sources.communities.rename(columns={"name": "official", "street_name": "street"})
    communities = drawn.merge(table, on="code", validate="1:1")
    communities["name"] = communities["official"].str.removesuffix("居委会")
    former, _ = place_former(sources)
    earlier = former.groupby(["street", "name"])["former"].agg(list).to_dict()
    keys = zip(communities["street"], communities["name"], communities["official"], strict=True)
    communities["aliases"] = [join_aliases([o, *earlier.get((s, n), [])]) for s, n, o in keys]
    return communities[["code", "name", "street_code", "street", "aliases", "geometry"]]


def place_former(sources: Sources) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tell which former communities live on under another name, and which are unplaced."""
    today = sources.communities.assign(name=sources.communities["name"].str.removesuffix("居委会"))
    known = set(zip(today["street_name"], today["name"], strict=True))
    pairs = list(sources.former.itertuples(index=False, name=None))
    gone = [pair for pair in pairs if pair not in known]
    columns = ["street", "name", "former"]
    rows = [(street, SUCCESSORS.get((street, name)), name) for street, name in gone]
    table = pd.DataFrame(rows, columns=columns)
    return table.dropna(subset="name"), table[table["name"].isna()]


def join_aliases(names: Iterable[str]) -> str:
    """Join the names that are not blank, each once, in order."""
    return ALIAS_SEPARATOR.join(dict.fromkeys(name.strip() for name in names if name.strip()))


def locate_places(
    places: pd.DataFrame, streets: gpd.GeoDataFrame, communities: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Turn authored places into rows of the pack, each inside its street and a community.

    A place says its street; its point is only approximate. Where the two disagree the street
    wins, and the point moves to the nearest spot `INSIDE_METRES` inside the community found.
    """
    home = dict(zip(streets["name"], streets.geometry.to_crs(METRES), strict=True))
    unknown = sorted(set(places["street"]) - set(home))
    if unknown:
        raise SourceError(f"places name streets that do not exist: {unknown}")
    strange = sorted(set(places["type"]) - set(LETTER))
    if strange:
        raise SourceError(f"places have types that do not exist: {strange}")
    given = to_points(places).geometry.to_crs(METRES)
    areas = communities.geometry.to_crs(METRES)
    where = index_of(pull_inside(given, [home[street] for street in places["street"]]), areas)
    where = prefer_namesakes(where, places, communities, given)
    pulled = pull_inside(given, areas.iloc[where])
    point = shapely.get_coordinates(pulled.to_crs("EPSG:4326").to_numpy())
    moved = (np.ceil(given.distance(pulled) / 10) * 10).astype(int)
    keys = zip(places["type"], places["name"], places["street"], strict=True)
    said = pd.to_numeric(places["uncertainty_m"]).fillna(places["type"].map(UNCERTAINTY_M))
    table = places.assign(
        id=[place_id(*key) for key in keys],
        aliases=[join_aliases(text.replace("；", ";").split(";")) for text in places["aliases"]],
        community=communities["name"].to_numpy()[where],
        lng=[f"{lng:.6f}" for lng in point[:, 0]],
        lat=[f"{lat:.6f}" for lat in point[:, 1]],
        level=places["type"].replace(LEVEL),
        uncertainty_m=np.maximum(said, moved).astype(int),
        source="authored",
    )
    twice = [key for key, n in Counter(table["id"]).items() if n > 1]
    if twice:
        raise SourceError(f"place ids collide: {twice}")
    return table[PLACE_COLUMNS].sort_values(["street", "type", "name"], ignore_index=True)


def prefer_namesakes(
    where: npt.NDArray[np.intp],
    places: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    points: gpd.GeoSeries,
) -> npt.NDArray[np.intp]:
    """Put 赵家楼胡同 into 赵家楼社区, since a name tells more than an approximate point.

    Only within the stated street, and not where the point is too far off to be a slip.
    """
    areas = communities.geometry.to_crs(METRES)
    stems = communities["name"].str.removesuffix("社区")
    words = list(enumerate(zip(stems, communities["street"], strict=True)))
    chosen = where.copy()
    for row, (kind, name, street) in enumerate(places[["type", "name", "street"]].to_numpy()):
        known = {
            stem: position
            for position, (stem, home) in words
            if home == street and name.startswith(stem) and not street.startswith(stem)
        }
        if kind in NAMED_AFTER and known:
            best = known[max(known, key=len)]
            if areas.iloc[best].distance(points.iloc[row]) < NAMESAKE_METRES:
                chosen[row] = best
    return chosen


def pull_inside(points: gpd.GeoSeries, homes: Iterable[shapely.Geometry]) -> gpd.GeoSeries:
    """Move each point that is not well inside its home to the nearest spot that is; in metres."""
    inner = shapely.buffer(np.array(list(homes)), -INSIDE_METRES)
    way = shapely.shortest_line(inner, points.to_numpy())
    return gpd.GeoSeries(shapely.get_point(way, 0), crs=points.crs)


def place_id(kind: str, name: str, street: str) -> str:
    """Make an id that stays the same wherever the row stands.

    >>> place_id("hutong", "菊儿胡同", "交道口街道")
    'DC-H-3341f4fe'
    """
    digest = hashlib.sha256(f"{kind}/{name}/{street}".encode()).hexdigest()
    return f"DC-{LETTER[kind]}-{digest[:8]}"


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
