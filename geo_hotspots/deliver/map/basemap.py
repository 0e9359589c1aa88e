"""Tiles under the pack's own lines: only what the settings name, in a datum that they declare.

Without `[basemap]` a map asks nobody for anything. With it, the page's policy opens for that one
host and no other. Tiles in GCJ-02 (AMap, Tencent) lie about 550 m from where WGS84 says, so a
datum has to be declared; the page then moves the tiles, never the cases.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from geo_hotspots.config import BasemapConfig
from geo_hotspots.deliver.map.pmtiles import read_pmtiles
from geo_hotspots.errors import ConfigError

# Whose tiles are in GCJ-02 whatever anybody says, and whose fit no tile scheme of ours.
_GCJ02_HOSTS = ("autonavi.com", "amap.com", "gtimg.com", "qq.com", "google.cn")
_OWN_SCHEME = ("baidu.com", "bdimg.com", "bdstatic.com")
_TIANDITU = (
    "https://t0.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
)
_EXAMPLE = "tiles/{z}/{x}/{y}.png"
_WMTS_NAMES = {"{TileMatrix}": "{z}", "{TileRow}": "{y}", "{TileCol}": "{x}"}
_HOST = re.compile(r"[a-z0-9.-]+(:\d+)?")


@dataclass(frozen=True)
class Basemap:
    """What a page needs to draw tiles.

    Attributes
    ----------
    urls
        Templates with ``{z}``, ``{x}`` and ``{y}``, the lowest layer first; empty where the
        tiles are in the page.
    datum
        The tiles' and the page's, each ``wgs84`` or ``gcj02``: ``gcj02>wgs84``.
    sources
        What the page's policy lets pictures come from.
    tiles
        Embedded tiles: ``z/x/y`` to a ``data:`` address.
    """

    urls: tuple[str, ...]
    datum: str
    attribution: str
    approval: str
    max_zoom: int
    sources: tuple[str, ...] = ()
    tiles: dict[str, str] = field(default_factory=dict)

    @property
    def layer(self) -> dict[str, Any]:
        """Give what enters the page."""
        return {
            "urls": self.urls, "datum": self.datum, "attribution": self.attribution,
            "approval": self.approval, "max_zoom": self.max_zoom, "tiles": self.tiles,
        }  # fmt: skip


def plan_basemap(
    settings: BasemapConfig,
    *,
    key: str = "",
    bounds: Sequence[float] = (-180, -85, 180, 85),
    under: str = "wgs84",
) -> Basemap | None:
    """Check the settings of `[basemap]` and make of them what a page needs; None without tiles.

    Parameters
    ----------
    settings
        As configured.
    key
        The key that `settings.key_env` holds. It ends up in the page, for whoever gets the file.
    bounds
        West, south, east, north in degrees: of an archive only the tiles there are embedded.
    under
        The datum of the page that the tiles lie under.

    Raises
    ------
    ConfigError
        The address, the datum or the key is missing or contradicts another setting, or the
        archive cannot be embedded.
    """
    if settings.kind == "none":
        return None
    datum = _datum(settings)
    if under not in ("wgs84", "cgcs2000", "gcj02"):
        raise ConfigError(
            f"成果用 {under} 时不能加底图；请去掉 [basemap] 或 datum.out",
            f"results in {under} cannot have tiles under them; drop [basemap] or datum.out",
        )
    datum += ">gcj02" if under == "gcj02" else ">wgs84"
    about = (datum, settings.attribution, settings.approval, settings.max_zoom)
    if settings.kind == "pmtiles":
        tiles = read_pmtiles(Path(settings.url), bounds=bounds, max_zoom=settings.max_zoom)
        deepest = max(int(name.split("/")[0]) for name in tiles)
        return Basemap((), *about[:3], min(deepest, settings.max_zoom), tiles=tiles)
    if settings.kind == "local":
        return Basemap((_local(settings.url),), *about, sources=("'self'", "file:"))
    urls = tuple(_with_key(url, settings, key) for url in _templates(settings))
    if settings.kind == "tianditu" and not settings.attribution:
        about = (datum, "天地图", settings.approval, settings.max_zoom)
    return Basemap(urls, *about, sources=tuple(dict.fromkeys(_source(url) for url in urls)))


def _datum(settings: BasemapConfig) -> str:
    """Give the datum to draw in: CGCS2000 is WGS84 here; nothing is assumed."""
    host = (urlsplit(settings.url).hostname or "") if "://" in settings.url else ""
    if _belongs(host, _OWN_SCHEME):
        raise ConfigError(
            f"basemap.url 的 {host} 用自己的瓦片规则和 BD-09，无法与本图叠加；请换其他底图",
            f"basemap.url: {host} has tiles of its own scheme in BD-09, which fit no map of ours; "
            "take other tiles",
        )
    if settings.kind == "tianditu":
        return "wgs84"
    if not settings.datum:
        raise ConfigError(
            "basemap.datum 没有写明；高德、腾讯等 GCJ-02 瓦片会偏约 550 米，"
            "请写 wgs84、cgcs2000 或 gcj02",
            "basemap.datum is not declared; tiles in GCJ-02 (AMap, Tencent) lie some 550 m off: "
            "say wgs84, cgcs2000 or gcj02",
        )
    if _belongs(host, _GCJ02_HOSTS) and settings.datum != "gcj02":
        raise ConfigError(
            f"{host} 的瓦片是 GCJ-02，basemap.datum 却写作 {settings.datum}；请改为 gcj02",
            f"the tiles of {host} are in GCJ-02, but basemap.datum says {settings.datum}; "
            "make it gcj02",
        )
    return "gcj02" if settings.datum == "gcj02" else "wgs84"


def _belongs(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def _templates(settings: BasemapConfig) -> list[str]:
    """Give the address of each layer with ``{z}``, ``{x}``, ``{y}``."""
    if settings.kind == "tianditu":
        return [_TIANDITU.replace("{layer}", layer) for layer in ("vec", "cva")]
    url = settings.url
    for theirs, ours in _WMTS_NAMES.items():
        url = url.replace(theirs, ours)
    if urlsplit(url).scheme not in ("http", "https") or not _has_places(url):
        wanted = (
            "{TileMatrix}, {TileRow}, {TileCol}" if settings.kind == "wmts" else "{z}, {x}, {y}"
        )
        raise ConfigError(
            f"basemap.url = {settings.url!r} 不是瓦片地址；应以 http(s):// 开头，含 {wanted}",
            f"basemap.url is {settings.url!r}; it must begin with http(s):// and hold {wanted}",
        )
    return [url]


def _has_places(url: str) -> bool:
    return all(place in url for place in ("{z}", "{x}")) and ("{y}" in url or "{-y}" in url)


def _local(url: str) -> str:
    """Give the template of a folder beside the page."""
    path = url.replace("\\", "/").removeprefix("./")
    if ":" in path or path.startswith("/") or ".." in path.split("/") or not _has_places(path):
        raise ConfigError(
            f"basemap.url = {url!r} 不对；local 应写地图旁边的文件夹，如 " + _EXAMPLE,
            f"basemap.url is {url!r}; for local name a folder beside the map: " + _EXAMPLE,
        )
    return path


def _with_key(url: str, settings: BasemapConfig, key: str) -> str:
    if "{key}" in url and not key:
        raise ConfigError(
            f"底图需要密钥，环境变量 {settings.key_env or '（basemap.key_env 未设）'} 中没有",
            "the tiles need a key, and the environment variable "
            f"{settings.key_env or '(basemap.key_env is not set)'} holds none",
        )
    return url.replace("{key}", quote(key, safe=""))


def _source(url: str) -> str:
    """Give the one host that the page may ask, as its policy writes it."""
    parts = urlsplit(url)
    if not _HOST.fullmatch(parts.netloc.lower()):
        raise ConfigError(
            f"basemap.url 的主机 {parts.netloc!r} 不对；请写一台确定的主机",
            f"basemap.url: {parts.netloc!r} is not one certain host; name one",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"
