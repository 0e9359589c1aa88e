"""Draw the streets and communities of the Dongcheng pack from lines and seeds.

Streets are the faces between real main roads (`lines.csv`, role `street`) and the outline of the
district. Communities are the cells around authored seeds, kept apart by lesser roads (role
`inner`). All lines are noded together on a grid of six digits before any face is built, so
neighbours share every vertex and rounding can open no gap.
"""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from dongcheng_sources import GRID, Points, SourceError, Sources

SQUEEZE = np.cos(np.radians(39.91))  # a degree of longitude in degrees of latitude here
Boundaries = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]
Shapes = npt.NDArray[np.object_]


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
