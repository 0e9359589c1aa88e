"""Times as people and programs write them, to local time without a zone."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_EARLIEST, _LATEST = np.datetime64("1990-01-01"), np.datetime64("2101-01-01")
_NOON, _SIXTY, _DAY, _MONTHS = 12, 60, 86_400, 12
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


def parse_times(
    text: pd.Series, *, timezone: str, utc: pd.Series, is_whole: bool = True
) -> pd.Series:
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
    is_whole
        Whether this is the whole column. A part of one says nothing of which number is the month,
        and such times stay missing.

    Returns
    -------
    times
        Local times without zone, to the second, indexed as `text`; missing where there is none.
    """
    if text.isna().all():
        return pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    stamp = _read_usual(text.astype("str"))
    offset = pd.Series(np.nan, index=text.index)
    odd = stamp.isna() & text.notna()
    if odd.any():
        codes, distinct = pd.factorize(text[odd].astype("str"))
        stamps, offsets = _read_times(pd.Series(distinct, dtype="str"), is_whole=is_whole)
        stamp[odd] = stamps.array.take(codes)
        offset[odd] = offsets.array.take(codes)
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


def in_range(times: pd.Series) -> pd.Series:
    """Keep the times from 1990 to 2100: no other is one of a hotline."""
    return times.where((times >= _EARLIEST) & (times < _LATEST))


def _read_usual(text: pd.Series) -> pd.Series:
    """Read what is written 2019-06-21 09:30:00, as nearly all exports do; missing otherwise.

    Arrow reads leniently, the 31st of June as the 1st of July; what it would write otherwise than
    it is written is not read here.
    """
    written = pa.array(text)
    read = pc.strptime(written, "%Y-%m-%d %H:%M:%S", "s", error_is_null=True)
    is_same = pc.equal(read.cast(written.type), written)
    usual = pc.if_else(is_same, read.cast(pa.timestamp("us")), None)
    return pd.Series(usual.to_pandas().to_numpy(), index=text.index)


def _read_times(text: pd.Series, *, is_whole: bool) -> tuple[pd.Series, pd.Series]:
    """Give the time as written, and minutes from UTC where a zone is written."""
    plain = pc.match_substring_regex(pa.array(text), _PLAIN).to_numpy(zero_copy_only=False)
    stamps = pd.to_datetime(text.where(plain), format="ISO8601", errors="coerce")
    stamps = stamps.astype("datetime64[us]")
    offsets = pd.Series(np.nan, index=text.index)
    odd = text[stamps.isna()]
    if odd.empty:
        return stamps, offsets
    folded = odd.str.normalize("NFKC").str.lower().str.strip()
    for pattern, spelling in _SPELLINGS:
        folded = folded.str.replace(pattern, spelling, regex=True)
    for pattern in (_YEAR_FIRST, _DIGITS, *([_YEAR_LAST] if is_whole else [])):
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
