"""The cases' own coordinates, taken to WGS84 where their datum is known, else left unused."""

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_hotspots.places.datum import Datum, to_wgs84
from geo_hotspots.places.datum_detect import Detection, detect_datum
from geo_hotspots.places.datum_range import COORDINATE_FAULTS
from geo_hotspots.places.pack import current_names
from geo_hotspots.words import Lang

DeclaredDatum = Datum | Literal["auto"]


def restore_points(
    cases: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    declared: DeclaredDatum = "auto",
    lang: Lang = "zh",
) -> tuple[pd.DataFrame, Detection]:
    """Give the coordinates of cases in WGS84, and what was found out about their datum.

    Parameters
    ----------
    cases
        `lng_given`, `lat_given` in an unknown datum and `community_given`.
    declared
        The datum of the file where the user knows it; "auto" asks the numbers, and numbers
        that do not answer are not used.

    Returns
    -------
    points
        `lng`, `lat` (WGS84, missing where unusable) and `problem`: missing, "datum_unknown",
        or a sentence for the explanation; indexed as `cases`.
    detection
        The evidence, for the account of the run.
    """
    lng, lat = cases["lng_given"].astype(float), cases["lat_given"].astype(float)
    area = communities.geometry.union_all()
    named = current_names(cases["community_given"], communities)
    shapes = communities.drop_duplicates("name").set_index("name").geometry
    detection = detect_datum(lng, lat, study_area=area, communities_given=named.map(shapes))
    datum = detection.datum if declared == "auto" else declared
    flags = detection.flags
    swapped = flags.eq("swapped")
    x, y = lng.where(~swapped, lat), lat.where(~swapped, lng)
    usable = (flags.isna() | swapped) & x.notna()
    points = pd.DataFrame({"lng": np.nan, "lat": np.nan}, index=cases.index)
    if datum is not None and usable.any():
        points.loc[usable, "lng"], points.loc[usable, "lat"] = to_wgs84(
            x[usable], y[usable], datum=datum
        )
    words = {key: fault.say(lang) for key, fault in COORDINATE_FAULTS.items() if key != "missing"}
    problem = flags.map(words)
    if datum is None:
        problem = problem.mask(usable, "datum_unknown")
    points["problem"] = problem.astype("str")
    return points, detection
