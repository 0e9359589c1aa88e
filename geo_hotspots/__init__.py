"""Find where the next complaint would come from: hotline cases to places, points and patrols."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from geo_hotspots.words import Lang

if TYPE_CHECKING:  # heavy, and the command line reads the version from here
    import pandas as pd

    from geo_hotspots.places.packs.pack import Pack

__version__ = "0.1.0"
__all__ = ["__version__", "geocode"]


def geocode(
    frame: "pd.DataFrame",
    pack: "Pack | str" = "dongcheng",
    *,
    columns: Mapping[str, str] | None = None,
    lang: Lang = "zh",
) -> "pd.DataFrame":
    """Say of every row of a frame where it lies.

    Parameters
    ----------
    frame
        Rows under any headers that an export may have (地址, 主要内容, 经度, address, ...); nothing
        but something that says where is needed.
    pack
        Boundaries and places: a pack, its folder, or the name of an embedded one.
    columns
        Our name -> header, where recognition needs help.
    lang
        The language of the explanations.

    Returns
    -------
    placed
        The same rows in the same order under the same index, with the columns `place_status,
        place_level, place_source, place_id, place_key, place_name, place_street,
        place_community_code, place_community, place_lng, place_lat` (WGS84)`,
        place_uncertainty_m, place_score` and `place_explanation` behind their own. `attrs["notes"]`
        holds what should be known before trusting them.

    Raises
    ------
    InputError
        No header says where, or two could be meant by one column.
    PackError
        There is no such pack, or it is broken.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"地址": ["忠实里西区２栋", "东四十条甲22号"]})
    >>> geocode(rows)[["place_level", "place_community"]].values.tolist()[0]
    ['building', '忠实里社区']
    """
    from geo_hotspots.config import CasesConfig, Config  # noqa: PLC0415 - heavy, as the next
    from geo_hotspots.geocoding import geocode_frame  # noqa: PLC0415

    config = Config(cases=CasesConfig(columns=dict(columns or {})))
    return geocode_frame(frame, pack, config=config, lang=lang)
