"""From text as read to cases: times, levels of category, flags, clean text; or a reason why not."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo_hotspots.cases.privacy import find_secrets, hash_callers
from geo_hotspots.schema import CASES, RAW, RAW_TEXT
from geo_hotspots.words import Words

UNCATEGORISED = "未分类"
MAX_TEXT = 20_000  # characters; a longer cell is cut, and a note says so

_EARLIEST, _LATEST = np.datetime64("1990-01-01"), np.datetime64("2101-01-01")
_SHOWN = 30  # characters of a wrong time that a reason repeats
_NAMED = 5  # so many rows a note names one by one
_NOON, _SIXTY, _DAY, _MONTHS = 12, 60, 86_400, 12

# --- what flags are written as

_YES = """
    是 y yes true t 1 √ ✓ 对 响应 已响应 按时响应 及时响应 已联系 解决 已解决 基本解决 完全解决
    满意 非常满意 很满意 比较满意 基本满意
"""
_NO = """
    否 不是 n no false f 0 × ✗ x 未响应 没响应 超时响应 未联系 未解决 没解决 部分解决 不满意
    非常不满意 很不满意 一般
"""
_UNASKED = "- / 无 空 未知 未回访 待回访 未评价 未表态 无法评价 na n/a none null"
_FLAGS = dict.fromkeys(_YES.split(), True) | dict.fromkeys(_NO.split(), False)
_NOT_ASKED = {"", *_UNASKED.split()}

# --- what text must not hold

# Digits, letters and the space of full width become narrow; names are left as they are written.
_NARROW = {c: c - 0xFEE0 for r in ((0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B))
           for c in range(*r)}  # fmt: skip
_SPACES = dict.fromkeys([*b"\t\n\v\f\r", 0x85, 0xA0, 0x3000, 0x2028, 0x2029], " ")
# Other control characters, and the marks that hide text or turn its direction.
_HIDDEN = [
    *range(0x20), *range(0x7F, 0xA0), 0xAD, 0x061C, *range(0x200B, 0x2010),
    *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC),
]  # fmt: skip
_CLEAN: dict[int, Any] = dict.fromkeys(_HIDDEN) | _SPACES | _NARROW
_UNCLEAN = "[" + "".join(rf"\x{{{c:x}}}" for c in _CLEAN) + "]"


def normalise_cases(
    raw: pd.DataFrame, *, timezone: str, salt: bytes
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn rows of text into cases; give the others back with a reason.

    Every row of `raw` is in exactly one of the two frames, under the index that it has there.

    Parameters
    ----------
    raw
        Rows as `read_cases` gives them, with its `attrs` where there are any.
    timezone
        The pack's time zone, such as Asia/Shanghai. Times that name another (Z, +08:00), or stand
        under a header that says UTC, are converted; all others are local already.
    salt
        The key of the callers' hashes.

    Returns
    -------
    cases
        A frame that keeps `schema.CASES`. `attrs["notes"]` holds the reader's notes and what was
        cut or left out here.
    rejected
        `source, row, case_id, status, reason_zh, reason_en`; `status` is "rejected" (no usable
        time) or "superseded" (a later usable row has the same case id).
    """
    clean, notes = _clean(RAW.check(raw))
    clean["case_id"] = clean["case_id"].fillna(clean["source"] + "#" + clean["row"].astype("str"))
    reported_at, faults = _reported_at(clean["reported_at"], timezone, _utc(raw, "reported_at"))
    newer = _newer(clean, usable=faults.isna(), inexact=raw.attrs.get("inexact_ids", ()))
    kept = faults.isna().to_numpy() & (newer == np.arange(len(raw)))

    columns, flag_notes = _columns(clean[kept], raw=raw, timezone=timezone, salt=salt)
    cases = pd.DataFrame(columns | {"reported_at": reported_at[kept]}, index=raw.index[kept])
    cases.attrs["notes"] = (*raw.attrs.get("notes", ()), *notes, *flag_notes)
    rejected = _rejected(clean, faults, newer=newer, kept=kept)
    return CASES.check(cases[[*CASES.columns]]), rejected


def _utc(raw: pd.DataFrame, name: str) -> pd.Series:
    """Say which rows come from a file whose header for `name` says UTC."""
    return raw["source"].isin(raw.attrs.get("utc_columns", {}).get(name, ()))


def _columns(
    clean: pd.DataFrame, *, raw: pd.DataFrame, timezone: str, salt: bytes
) -> tuple[dict[str, pd.Series], list[Words]]:
    """Give the columns of the contract but for `reported_at`, and notes on the flags."""
    columns: dict[str, pd.Series] = {
        name: clean[name]
        for name in ("source", "row", "case_id", "content", "title", "address", "department")
    }
    columns["channel"] = clean["channel"]
    columns |= {f"{name}_given": clean[name] for name in ("district", "street", "community")}
    columns |= {f"{name}_given": parse_degrees(clean[name]) for name in ("lng", "lat")}
    columns |= _categories(clean)
    columns["caller"] = hash_callers(clean["caller"], salt=salt)
    for name in ("closed_at", "replied_at", "due_at"):
        utc = _utc(raw, name).loc[clean.index]
        columns[name] = _in_range(parse_times(clean[name], timezone=timezone, utc=utc))
    notes = []
    for name in ("responded", "resolved", "satisfied"):
        columns[name], n_unknown = parse_flags(clean[name])
        if n_unknown:
            notes.append(_unread_flags(name, n_unknown))
    return columns, notes


def _unread_flags(name: str, n: int) -> Words:
    return Words(
        f"{name} 列有 {n} 个值既不是“是”也不是“否”,按未回访处理",
        f"column {name}: {n} values are neither yes nor no and count as not asked",
    )


# --- rows that are not cases


def _reported_at(text: pd.Series, timezone: str, utc: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Give the time of each report, and what is wrong where there is none that can be used."""
    times = parse_times(text, timezone=timezone, utc=utc)
    faults = pd.Series(pd.NA, index=text.index, dtype="str")
    faults = faults.mask(_in_range(times).isna(), "range")
    faults = faults.mask(times.isna(), "time").mask(text.isna(), "missing")
    return times, faults


def _in_range(times: pd.Series) -> pd.Series:
    return times.where((times >= _EARLIEST) & (times < _LATEST))


def _newer(clean: pd.DataFrame, *, usable: pd.Series, inexact: Sequence[str]) -> np.ndarray:
    """Give for each row the position of the last usable row of the same case, or -1.

    Where a spreadsheet has cut the digits of the ids, different cases look the same: there the
    time of the report must agree as well.
    """
    exact = ~clean["source"].isin(inexact)
    key = clean["case_id"].where(exact, clean["case_id"] + "|" + clean["reported_at"].fillna(""))
    codes, distinct = pd.factorize(key)
    last = np.full(len(distinct), -1)
    positions = np.flatnonzero(usable)
    np.maximum.at(last, codes[positions], positions)
    return last[codes]


def _rejected(
    clean: pd.DataFrame, faults: pd.Series, *, newer: np.ndarray, kept: np.ndarray
) -> pd.DataFrame:
    """Give the rows that are not cases, each with its reason in both languages."""
    out, faults = clean.loc[~kept, ["source", "row", "case_id", "reported_at"]], faults[~kept]
    by = clean[["source", "row"]].iloc[newer[~kept]]
    by = (by["source"] + "#" + by["row"].astype("str")).set_axis(out.index)
    shown = _shown(out["reported_at"])
    reasons = {
        "missing": ("来电时间为空", "there is no time of the report"),
        "time": ("来电时间不是时间:" + shown, "the time of the report is not a time: " + shown),
        "range": (
            "来电时间不在 1990 至 2100 年:" + shown,
            "the time of the report is not between 1990 and 2100: " + shown,
        ),
    }
    rejected = out[["source", "row", "case_id"]].assign(
        status=np.where(faults.isna(), "superseded", "rejected"),
        reason_zh="同一工单在后面有更新:" + by,
        reason_en="a later row updates the same case: " + by,
    )
    for fault, (zh, en) in reasons.items():
        rejected["reason_zh"] = rejected["reason_zh"].mask(faults == fault, zh)
        rejected["reason_en"] = rejected["reason_en"].mask(faults == fault, en)
    return rejected.astype({"status": "str"})


def _shown(text: pd.Series) -> pd.Series:
    """Give a wrong time as a reason may repeat it: the ledger leaves, a caller's words do not."""
    is_plain = text.str.fullmatch(rf"[\d\s:/.+\-年月日时分秒点TZ]{{1,{_SHOWN}}}", na=False)
    is_plain &= ~text.index.isin(find_secrets(text[is_plain]).index)
    return text.where(is_plain, "***").astype("str")


# --- text


def _clean(raw: pd.DataFrame) -> tuple[pd.DataFrame, list[Words]]:
    """Clean every text column; note where a cell was cut."""
    clean = raw.assign(source=raw["source"].astype("str"))
    notes = []
    for name in RAW_TEXT:
        clean[name] = clean_text(raw[name])
        long = clean[name].str.len() > MAX_TEXT
        if long.any():
            clean[name] = clean[name].str.slice(0, MAX_TEXT)
            notes.append(_cut(name, raw.loc[long, ["source", "row"]]))
    return clean, notes


def _cut(name: str, where: pd.DataFrame) -> Words:
    named = ", ".join(f"{at.source}#{at.row}" for at in where.head(_NAMED).itertuples())
    named += " …" if len(where) > _NAMED else ""
    return Words(
        f"{name} 列有 {len(where)} 个单元格超过 {MAX_TEXT} 字,已截断({named})",
        f"column {name}: {len(where)} cells of more than {MAX_TEXT} characters were cut ({named})",
    )


def clean_text(text: pd.Series) -> pd.Series:
    r"""Strip text, narrow its digits and letters, and take out what cannot be seen.

    Parameters
    ----------
    text
        As read.

    Returns
    -------
    clean
        On one line, without control characters or marks that turn the direction of writing;
        missing where nothing is left. Names stay as they are written.

    Examples
    --------
    >>> clean_text(pd.Series(["\u3000忠实里２号楼\n３层 ", " "])).tolist()
    ['忠实里2号楼 3层', nan]
    """
    clean = text.astype("str")
    if clean.isna().all():
        return clean
    unclean = pc.match_substring_regex(pa.array(clean), _UNCLEAN)
    dirty = unclean.to_numpy(zero_copy_only=False) == True  # noqa: E712  missing is neither
    clean = clean.mask(dirty, clean[dirty].str.translate(_CLEAN)) if dirty.any() else clean
    clean = clean.str.strip()
    return clean.mask(clean == "")


# --- times

_TAIL = (
    r"(?:[t ]+(?P<half>am|pm)? *(?P<h>\d{1,2})(?::(?P<i>\d{1,2})(?::(?P<s>\d{1,2})(?:[.,]\d+)?)?)?"
    r":? *(?P<late>am|pm)? *(?P<zone>z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?)? *$"
)
_YEAR_FIRST = r"^(?P<y>\d{4})[-/.] ?(?P<m>\d{1,2})[-/.] ?(?P<d>\d{1,2})" + _TAIL
_YEAR_LAST = r"^(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4})" + _TAIL
_DIGITS = (
    r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[t ]?(?P<h>\d{2}):?(?P<i>\d{2}):?(?P<s>\d{2})?"
    r"(?:[.,]?\d{3})?(?P<zone>z|[+-]\d{2}(?::?\d{2})?)?)?$"
)
_PLAIN = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?$"
_SERIAL = r"^\d{5}(?:\.\d+)?$"
_FIRST_SERIAL, _LAST_SERIAL = 25_569, 80_000  # spreadsheet days: 1970 to 2119
_SPELLINGS = (  # how people write a time -> how the patterns above expect it
    (r"\(?(?:星期|周)[一二三四五六日天]\)?", " "),
    (r"[年月]", "-"),
    (r"[日号]", " "),
    (r"[时点]", ":"),
    (r"分(?:钟)?", ":"),
    (r"秒", ""),
    (r"上午|早上|早晨|凌晨", " am "),
    (r"下午|晚上|傍晚|中午", " pm "),
    (r"\s+", " "),
    (r"[: ]+$|^ ", ""),
    (r" ?: ?", ":"),
)


def parse_times(text: pd.Series, *, timezone: str, utc: pd.Series) -> pd.Series:
    """Read times in many spellings, also mixed in one column.

    ISO 8601, 2019/6/21 9:30, 2019年6月21日 下午3时20分, 20190621, 20190621093000, serial days of a
    spreadsheet, and 06/21/2019 where the whole column leaves no doubt which number is the month.

    Parameters
    ----------
    text
        As written.
    timezone
        Where local time is kept.
    utc
        Which rows are in UTC when they name no zone.

    Returns
    -------
    times
        Local times without zone, to the second, indexed as `text`; missing where there is none.
    """
    if text.isna().all():
        return pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    codes, distinct = pd.factorize(text.astype("str"))
    stamps, offsets = _read_times(pd.Series(distinct, dtype="str"))
    stamp = pd.Series(stamps.array.take(codes, allow_fill=True), index=text.index)
    offset = pd.Series(offsets.array.take(codes, allow_fill=True), index=text.index)
    offset = offset.mask(offset.isna() & utc, 0.0)
    # Far from today time zones are unknown or undefined; such times are refused later anyhow.
    zoned = offset.notna() & stamp.between("1900-01-01", "2200-01-01")
    if zoned.any():
        instant = stamp[zoned] - pd.to_timedelta(offset[zoned], unit="min").astype(
            "timedelta64[us]"
        )
        local = instant.dt.tz_localize("UTC").dt.tz_convert(timezone).dt.tz_localize(None)
        stamp = stamp.mask(zoned, local)
    times: pd.Series = stamp.dt.floor("s")
    return times


def _read_times(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Give the time as written, and minutes from UTC where a zone is written."""
    plain = text.str.match(_PLAIN).fillna(value=False).astype(bool)
    stamps = pd.to_datetime(text.where(plain), format="ISO8601", errors="coerce")
    stamps = stamps.astype("datetime64[us]")
    offsets = pd.Series(np.nan, index=text.index)
    odd = text[stamps.isna()]
    if odd.empty:
        return stamps, offsets
    folded = odd.str.normalize("NFKC").str.lower().str.strip()
    for pattern, spelling in _SPELLINGS:
        folded = folded.str.replace(pattern, spelling, regex=True)
    for pattern in (_YEAR_FIRST, _DIGITS, _YEAR_LAST):
        fields = _fields(folded[stamps[folded.index].isna()], pattern)
        stamps = stamps.fillna(_assemble(fields))
        offsets = offsets.fillna(_offset(fields["zone"]))
    return stamps.fillna(_serial_days(folded)), offsets


def _fields(text: pd.Series, pattern: str) -> pd.DataFrame:
    """Give what each group of the pattern matched, for the rows that it matches at all."""
    found = pc.extract_regex(pa.array(text), pattern)
    is_match = pc.is_valid(found)
    index = text.index[is_match.to_pandas()]
    found = found.filter(is_match)
    names = re.findall(r"\?P<(\w+)>", pattern)
    fields = {name: pc.struct_field(found, name).to_pandas().to_numpy() for name in names}
    return pd.DataFrame(
        fields, index=index, columns=[*names, *{"half", "late", "zone"} - {*names}], dtype="str"
    )


def _assemble(fields: pd.DataFrame) -> pd.Series:
    """Put a time together; missing where a number is not one of a calendar or a clock."""
    number = fields.drop(columns=["half", "late", "zone"]).apply(pd.to_numeric, errors="coerce")
    number = number.astype("float64")  # of no rows at all they would still be text
    if "a" in number:
        number["m"], number["d"] = _month_and_day(number["a"], number["b"])
    clock = number.reindex(columns=["h", "i", "s"]).fillna(0)
    half = fields["half"].fillna("") + fields["late"].fillna("")
    hour = clock["h"].mask((half == "am") & (clock["h"] == _NOON), 0)
    hour = hour.mask((half == "pm") & (clock["h"] < _NOON), clock["h"] + _NOON)
    seconds = hour * 3600 + clock["i"] * 60 + clock["s"]
    in_clock = (clock["i"] < _SIXTY) & (clock["s"] < _SIXTY) & (seconds <= _DAY)
    days = pd.to_datetime(
        pd.DataFrame({"year": number["y"], "month": number["m"], "day": number["d"]}),
        errors="coerce",
    )
    times = days.astype("datetime64[us]") + pd.to_timedelta(seconds, unit="s")
    checked: pd.Series = times.where(in_clock).astype("datetime64[us]")
    return checked


def _month_and_day(a: pd.Series, b: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Tell 06/21 from 21/06 by the whole column; where it leaves a doubt, read neither."""
    a_is_day, b_is_day = bool((a > _MONTHS).any()), bool((b > _MONTHS).any())
    if a_is_day == b_is_day:
        return a * np.nan, b * np.nan
    return (b, a) if a_is_day else (a, b)


def _offset(zone: pd.Series) -> pd.Series:
    """Give minutes east of UTC."""
    signed = zone.where(zone.str.startswith(("+", "-"))).str.replace(":", "")
    number = pd.to_numeric(signed.str.pad(5, side="right", fillchar="0")).astype("float64")
    minutes = (number.abs() // 100 * 60 + number.abs() % 100).mul(np.sign(number))
    offset: pd.Series = minutes.mask(zone.isin(["z", "utc", "gmt"]), 0.0)
    return offset


def _serial_days(text: pd.Series) -> pd.Series:
    """Read days since 1899-12-30, as a spreadsheet counts them."""
    days = pd.to_numeric(text.where(text.str.match(_SERIAL).fillna(value=False)), errors="coerce")
    days = days.where(days.between(_FIRST_SERIAL, _LAST_SERIAL))
    seconds = (days * _DAY).round()
    return (pd.Timestamp("1899-12-30") + pd.to_timedelta(seconds, unit="s")).astype(
        "datetime64[us]"
    )


# --- categories, flags, coordinates

_ARROW = r"[-—–―－]*(?:>|＞|→|»|&gt;)+|[|｜]"
_WEAK = (r"[/／]", r"[-—–]")  # levels in one export, part of a name in another


def _categories(clean: pd.DataFrame) -> dict[str, pd.Series]:
    """Split categories into levels, once for each distinct one."""
    names = ["category", "category_2", "category_3"]
    codes = clean.groupby(names, dropna=False, sort=False).ngroup().to_numpy()
    _, first = np.unique(codes, return_index=True)
    distinct = clean[names].iloc[first]
    splitter = _splitter(distinct["category"].dropna().drop_duplicates())
    levels = [_levels(row, splitter) for row in distinct.itertuples(index=False)]
    columns = {"category": ["->".join(each) for each in levels]}
    columns |= {
        f"category_{k + 1}": [each[min(k, len(each) - 1)] for each in levels] for k in range(3)
    }
    return {
        name: pd.Series(pd.array(values, dtype="str").take(codes), index=clean.index)
        for name, values in columns.items()
    }


def _splitter(distinct: pd.Series) -> re.Pattern[str]:
    """Find what separates levels: arrows always, a slash or a dash where most names have one."""
    separators = [_ARROW]
    unsplit = distinct[~distinct.str.contains(_ARROW, regex=True)]
    separators += [
        weak for weak in _WEAK if len(unsplit) and unsplit.str.contains(weak).mean() > 1 / 2
    ]
    return re.compile("|".join(separators))


def _levels(written: Iterable[Any], splitter: re.Pattern[str]) -> list[str]:
    """List the levels of one category; a further column adds what the first does not say."""
    parts = (
        part.strip() for text in written if isinstance(text, str) for part in splitter.split(text)
    )
    return list(dict.fromkeys(filter(None, parts))) or [UNCATEGORISED]


def parse_flags(text: pd.Series) -> tuple[pd.Series, int]:
    """Read yes and no as hotlines write them; 一般 is not 满意, 部分解决 is not 解决.

    Parameters
    ----------
    text
        As written.

    Returns
    -------
    flags, n_unknown
        True, False, or missing where nobody was asked; and how many values were no known word.

    Examples
    --------
    >>> parse_flags(pd.Series(["是", "未解决", "未回访", None, "?"]))[0].tolist()
    [True, False, <NA>, <NA>, <NA>]
    """
    codes, distinct = pd.factorize(text.astype("str"))
    words = [unicodedata.normalize("NFKC", word).casefold().strip() for word in distinct]
    flags = pd.array([_FLAGS.get(word) for word in words] + [None], dtype="boolean")
    is_unknown = np.array(
        [word not in _FLAGS and word not in _NOT_ASKED for word in words] + [False]
    )
    return (
        pd.Series(flags.take(codes), index=text.index, name=text.name),
        int(is_unknown[codes].sum()),
    )


def parse_degrees(text: pd.Series) -> pd.Series:
    """Read longitudes or latitudes; ranges and datum are for others to judge.

    Parameters
    ----------
    text
        Decimal degrees, also with °, E, N, 东经, a decimal comma; or degrees, minutes, seconds.

    Returns
    -------
    degrees
        Missing where there is no number; south and west are negative.

    Examples
    --------
    >>> parse_degrees(pd.Series(["116.4°E", "116,4", "东经116°24′0″", "x"])).tolist()
    [116.4, 116.4, 116.4, nan]
    """
    text = text.astype("str")
    degrees = pd.to_numeric(text, errors="coerce").astype("float64")
    odd = text[degrees.isna() & text.notna()]
    if not odd.empty:
        degrees = degrees.fillna(_odd_degrees(odd))
    finite: pd.Series = degrees.where(np.isfinite(degrees))
    return finite


def _odd_degrees(text: pd.Series) -> pd.Series:
    west = text.str.contains(r"[WwSs西南]", regex=True)
    bare = text.str.replace(r"[A-Za-z东西南北经纬度\s]", "", regex=True).str.strip(",")
    bare = bare.str.replace(",", ".")
    parts = bare.str.extract(
        r"^(-?\d+(?:\.\d+)?)°?(?:(\d+(?:\.\d+)?)[′'’](?:(\d+(?:\.\d+)?)[″\"”]?)?)?$"
    )
    number = parts.apply(pd.to_numeric, errors="coerce").astype("float64")
    size = number[0].abs() + number[1].fillna(0) / 60 + number[2].fillna(0) / 3600
    degrees: pd.Series = size.where(~(west | bare.str.startswith("-")), -size)
    return degrees
