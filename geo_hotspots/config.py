"""Settings: a TOML file over defaults, every value checked, every unknown key named.

Only `pipeline` and `cli` know the whole `Config`; a stage gets the two or three values it needs.
"""

import difflib
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from geo_hotspots.errors import ConfigError
from geo_hotspots.schema import RAW_TEXT


@dataclass(frozen=True)
class CasesConfig:
    """`[cases]`: how exports are read."""

    columns: dict[str, str] = field(default_factory=dict)  # our name -> the header in the file
    max_rejected_share: float = 0.5  # above it the run stops: half a file is not a week
    max_workbook_mb: float = 2000  # unpacked; a larger workbook is refused


@dataclass(frozen=True)
class DatumConfig:
    """`[datum]`: in which datum the cases' coordinates are, and in which results are given."""

    cases: Literal["auto", "wgs84", "cgcs2000", "gcj02", "bd09"] = "auto"
    crs: str = ""  # of coordinates in metres: EPSG code, WKT or PROJ string
    control_points: str = ""  # or a CSV of points known in both: name, x, y, lng, lat
    control_limit_m: float = 2.0  # leave-one-out error above which control points are refused
    out: Literal["wgs84", "pack"] = "wgs84"  # "pack": in the pack's own datum, marked as such


@dataclass(frozen=True)
class GridConfig:
    """`[grid]`: the H3 cells that areas are counted in."""

    resolution: int = 10  # of the tests; coarser where that makes more than 20,000 cells
    window_days: int = 91  # a quarter: weeks are too sparse for cells, years too slow


@dataclass(frozen=True)
class HotspotsConfig:
    """`[hotspots]`: what makes a repeat point."""

    category_level: int = 2  # which level of 大类->小类->细类 a point is about
    within_metres: float = 60.0  # largest diameter of a point made of unkeyed cases
    road_metres: float = 80.0  # the same for cases that name a road without a number
    attach_metres: float = 25.0  # an unkeyed case joins an address this near
    min_callers: int = 3
    min_days: int = 3
    fdr: float = 0.05
    window_days: int = 364
    group_callers: int = 5  # 群诉: so many callers ...
    group_days: int = 30  # ... within so many days


@dataclass(frozen=True)
class PrivacyConfig:
    """`[privacy]`: below these nothing is shown."""

    min_callers: int = 3  # distinct callers before a residential point leaves
    min_cell_cases: int = 3  # cases before a cell is drawn
    min_public: int = 10  # people before a number goes into the shareable set


@dataclass(frozen=True)
class RatesConfig:
    """`[rates]`: weights of the three rates (三率) in the composite, printed on the report."""

    responded: float = 0.30
    resolved: float = 0.35
    satisfied: float = 0.35


@dataclass(frozen=True)
class PriorityConfig:
    """`[priority]`: what lifts a point above its score, printed on the patrol list."""

    unresolved: float = 0.5
    rebound: float = 0.5
    group: float = 0.25


@dataclass(frozen=True)
class HistoryConfig:
    """`[history]`: how much of what is remembered a run looks at."""

    days: int = 1092  # three years; older cases stay in the history


@dataclass(frozen=True)
class ForecastConfig:
    """`[forecast]`: what next week's callers are expected from, besides the cases."""

    rain_days: str = ""  # a file of rain days (日期, 降雨量); none by default

    @property
    def rain_file(self) -> Path | None:
        """Give the file of rain days, where there is one."""
        return Path(self.rain_days) if self.rain_days else None


@dataclass(frozen=True)
class PatrolConfig:
    """`[patrol]`: the weekly list."""

    size: int = 50
    windows: tuple[str, ...] = ("9:30-10:30", "14:30-15:30")


@dataclass(frozen=True)
class BasemapConfig:
    """`[basemap]`: tiles under the pack's own lines; none unless asked for."""

    kind: Literal["none", "local", "xyz", "wmts", "tianditu", "pmtiles"] = "none"
    url: str = ""  # with {z}, {x}, {y}, and {key} where one is needed; for pmtiles a file
    datum: Literal["", "wgs84", "cgcs2000", "gcj02"] = ""  # must be said, except of 天地图
    attribution: str = ""
    approval: str = ""  # 审图号 of the tiles
    key_env: str = ""  # the environment variable that holds the key, never the key itself
    max_zoom: int = 18


@dataclass(frozen=True)
class DeliverConfig:
    """`[deliver]`: files beyond the usual ones."""

    shapefile: Literal["none", "utf-8", "gbk"] = "none"  # and its encoding


@dataclass(frozen=True)
class Config:
    """All settings of a run."""

    cases: CasesConfig = CasesConfig()
    datum: DatumConfig = DatumConfig()
    grid: GridConfig = GridConfig()
    hotspots: HotspotsConfig = HotspotsConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    rates: RatesConfig = RatesConfig()
    priority: PriorityConfig = PriorityConfig()
    forecast: ForecastConfig = ForecastConfig()
    patrol: PatrolConfig = PatrolConfig()
    basemap: BasemapConfig = BasemapConfig()
    deliver: DeliverConfig = DeliverConfig()
    history: HistoryConfig = HistoryConfig()


# Setting -> smallest and largest value that makes sense, ends included.
_RANGES: dict[str, tuple[float, float]] = {
    "cases.max_rejected_share": (0, 1),
    "cases.max_workbook_mb": (1, 1_000_000),
    "datum.control_limit_m": (0.001, 100),
    "grid.resolution": (5, 11),
    "grid.window_days": (7, 3660),
    "hotspots.category_level": (1, 3),
    "hotspots.within_metres": (1, 500),
    "hotspots.road_metres": (1, 500),
    "hotspots.attach_metres": (0, 200),
    "hotspots.min_callers": (1, 1000),
    "hotspots.min_days": (1, 364),
    "hotspots.fdr": (1e-6, 0.5),
    "hotspots.window_days": (28, 3660),
    "hotspots.group_callers": (2, 1000),
    "hotspots.group_days": (1, 364),
    "privacy.min_callers": (1, 1000),
    "privacy.min_cell_cases": (1, 1000),
    "privacy.min_public": (10, 1000),
    "rates.responded": (0, 1),
    "rates.resolved": (0, 1),
    "rates.satisfied": (0, 1),
    "priority.unresolved": (0, 10),
    "priority.rebound": (0, 10),
    "priority.group": (0, 10),
    "patrol.size": (1, 10_000),
    "basemap.max_zoom": (3, 22),
    "history.days": (728, 36_600),
}


def read_config(path: Path | None) -> Config:
    """Read settings from a TOML file; without one, the defaults.

    Raises
    ------
    ConfigError
        The file is missing or not TOML, or a setting is unknown, of another type or out of range.
    """
    if path is None:
        return Config()
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(
            f"配置文件 {path.name} 打不开：{error.strerror}；请检查路径",
            f"the settings file {path.name} cannot be opened: {error.strerror}; check the path",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"配置文件 {path.name} 不是合格的 TOML：{error}",
            f"the settings file {path.name} is not valid TOML: {error}",
        ) from error
    config: Config = _fill(Config, raw, path.name, ())
    return config


def _fill(kind: Any, raw: dict[str, Any], file: str, at: tuple[str, ...]) -> Any:
    """Build the dataclass `kind` from a TOML table, section by section."""
    hints = get_type_hints(kind)
    names = [f.name for f in fields(kind)]
    values = {}
    for key, value in raw.items():
        place = ".".join((*at, key))
        if key not in names:
            raise _unknown(place, key, names, file)
        if is_dataclass(hints[key]):
            if not isinstance(value, dict):
                raise _wrong_type(place, value, "table", file)
            values[key] = _fill(hints[key], value, file, (*at, key))
        else:
            values[key] = _checked(place, value, hints[key], file)
    return kind(**values)


def _checked(place: str, value: Any, hint: Any, file: str) -> Any:
    """Give `value` in the type the setting has, once it is known to make sense."""
    kind = get_origin(hint) or hint
    if kind is dict:
        return _checked_columns(place, value, file)
    if kind is tuple:
        if not (isinstance(value, list) and value and all(isinstance(v, str) for v in value)):
            raise _wrong_type(place, value, "list of texts", file)
        return tuple(value)
    if kind is Literal:
        if value not in get_args(hint):
            raise _wrong_type(place, value, " | ".join(get_args(hint)), file)
        return value
    if kind is str:
        if not isinstance(value, str):
            raise _wrong_type(place, value, "text", file)
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (kind is int and not isinstance(value, int)):
        raise _wrong_type(place, value, "whole number" if kind is int else "number", file)
    low, high = _RANGES[place]
    if not low <= value <= high:
        raise ConfigError(
            f"{file} 中 {place} = {value} 超出范围，应在 {low} 到 {high} 之间",
            f"{file}: {place} is {value}; it must lie between {low} and {high}",
        )
    return kind(value)


def _checked_columns(place: str, value: Any, file: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise _wrong_type(place, value, "table of texts", file)
    for key in value:
        if key not in RAW_TEXT:
            raise _unknown(f"{place}.{key}", key, list(RAW_TEXT), file)
    return dict(value)


def _unknown(place: str, key: str, names: list[str], file: str) -> ConfigError:
    near = difflib.get_close_matches(key, names, n=1)
    return ConfigError(
        f"{file} 中没有名为 {place!r} 的设置" + (f"；是否指 {near[0]!r}？" if near else ""),
        f"{file} has no setting {place!r}" + (f"; did you mean {near[0]!r}?" if near else ""),
    )


def _wrong_type(place: str, value: Any, wanted: str, file: str) -> ConfigError:
    return ConfigError(
        f"{file} 中 {place} = {value!r} 类型不对，应为 {wanted}",
        f"{file}: {place} is {value!r}; it must be a {wanted}",
    )
