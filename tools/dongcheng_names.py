"""Say what the streets and communities of the Dongcheng pack are called, today and formerly."""

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd
from dongcheng_sources import Sources

METRES = "EPSG:4548"  # CGCS2000, three-degree zone at 117°E
ALIAS_SEPARATOR = "|"
FIRST_OF_CHONGWEN = "110101011"  # the southern streets were Chongwen district until 2010
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
