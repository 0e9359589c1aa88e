"""Who called and what tells who they are: hashed on reading, searched for before leaving."""

import hashlib
import re
import unicodedata

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo_hotspots.columns import may_match

# Words that stand where a caller should: nobody is named.
_NOBODY = {
    "匿名", "匿名市民", "匿名人", "不愿透露", "无", "没有", "空", "不详", "未知", "未提供",
    "未留", "保密", "要求保密", "隐私", "市民", "群众", "居民", "业主", "来电人", "诉求人",
    "反映人", "热心市民", "先生", "女士", "小姐", "男士", "无名氏", "网友", "nan", "none",
    "null", "na", "n/a", "unknown", "anonymous",
}  # fmt: skip
# A family name alone (张先生) is shared by thousands: two of them are not one caller.
_FAMILY_NAME = re.compile(r".{1,2}(?:先生|女士|小姐|男士|同志|师傅|阿姨|大爷|大妈|老师|某某?)")
_DECIMALS, _COUNTRY = re.compile(r"(?<=\d)\.0$"), re.compile(r"\+86\D")
_NO_DIGIT, _DRESS, _LETTER = re.compile(r"\D"), re.compile(r"[\s\-()+,;/]"), re.compile(r"\w")

_MOBILE = r"1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
_MOBILE_DIGITS = 11
_ANY_MOBILE = re.compile(rf"(?<!\d)(?:(?:00|\+)?86)?({_MOBILE})(?!\d)")
_ALONE = r"(?<![\dA-Za-z.]){}(?![\dA-Za-z])"  # not inside a case number, a cell or a coordinate

# What must not leave, by kind. Order matters: an ID number holds what looks like a phone.
_SECRETS = {
    "id_number": _ALONE.format(
        r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    ),
    "phone": "|".join(
        (
            _ALONE.format(r"(?:\+?86[- ]?)?" + _MOBILE),
            _ALONE.format(r"0\d{2,3}[- ]?[2-8]\d{6,7}"),
            _ALONE.format(r"[5-8]\d{7}"),
            _ALONE.format(r"[48]00[- ]?\d{3,4}[- ]?\d{3,4}"),
        )
    ),
    "room": "|".join(
        (
            r"(?<!\d)\d{1,2}单元\d{3,4}(?!\d)(?:室|号|房)?",
            r"(?<!\d)\d{3,4}(?:室|号房|房间)",
            _ALONE.format(r"(?<!-)\d{1,2}-\d{1,2}-\d{3,4}(?!-)"),
        )
    ),
}
_NUMBERS = f"{_SECRETS['id_number']}|{_SECRETS['phone']}"
_LONG_NUMBER = r"\d[\d\- ]{6,}[\dXx]"  # every one of them has so many characters
_PATTERN = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _SECRETS.items())


def hash_callers(callers: pd.Series, *, salt: bytes) -> pd.Series:
    """Put a keyed hash in place of each caller, so that callers can be counted, not called.

    One phone number in different dress (+86, spaces, dashes, a name beside it) is one caller.
    Without the salt nobody can try out all phone numbers; it never leaves the local machine.

    Parameters
    ----------
    callers
        Phone numbers or names as the export has them.
    salt
        The key, at least one byte.

    Returns
    -------
    hashes
        32 hexadecimal digits, indexed as `callers`; missing where nobody is named
        (blank, 匿名, 保密, a row of one digit, a family name with 先生 or 女士).

    Raises
    ------
    ValueError
        The salt is empty: the hash of a phone number without one can be reversed.
    """
    if not salt:
        raise ValueError("the salt must not be empty")
    keyed = hashlib.blake2b(key=hashlib.blake2b(salt).digest(), digest_size=16)

    def digest(person: str) -> str | None:
        if not person:
            return None
        mac = keyed.copy()
        mac.update(person.encode("utf-8", "replace"))
        return mac.hexdigest()

    codes, distinct = pd.factorize(callers.astype("str"))
    hashed = pd.Series([*map(digest, _persons(distinct)), None], dtype="str")
    return pd.Series(hashed.array.take(codes), index=callers.index, name=callers.name)


def _persons(callers: pd.Index) -> list[str]:
    """Give one spelling to each caller; most exports write a plain number, which is its own."""
    texts = pa.array(callers, pa.large_string())
    is_mobile = pc.equal(pc.binary_length(texts), _MOBILE_DIGITS)
    is_plain = pc.and_(is_mobile, pc.ascii_is_decimal(texts)).to_pylist()
    return [
        caller if plain and caller.strip(caller[0]) else normalise_caller(caller)
        for caller, plain in zip(callers.tolist(), is_plain, strict=True)
    ]


def normalise_caller(caller: str) -> str:
    """Give one spelling to one caller; an empty text where nobody is named.

    >>> normalise_caller("+86 138-0000-1234"), normalise_caller("李红 13800001234")
    ('13800001234', '13800001234')
    >>> normalise_caller("匿名"), normalise_caller("00000000"), normalise_caller("张先生")
    ('', '', '')
    """
    text = unicodedata.normalize("NFKC", caller).casefold().strip()
    text = _DECIMALS.sub("", text)
    mobile = _ANY_MOBILE.search(_COUNTRY.sub("", text))
    if mobile:
        return _NO_DIGIT.sub("", mobile[1])
    text = _DRESS.sub("", text)
    if text in _NOBODY or _FAMILY_NAME.fullmatch(text) or not _LETTER.search(text):
        return ""
    return "" if len(set(text.replace("*", ""))) == 1 else text


def find_secrets(text: pd.Series) -> pd.DataFrame:
    """Find phone numbers, ID numbers and room numbers in texts.

    Parameters
    ----------
    text
        Anything that is about to leave.

    Returns
    -------
    secrets
        `kind` (phone, id_number, room) and `value`, one row for each find, indexed by the text
        that holds it: an empty frame is what one wants to see.
    """
    found = [
        (at, match.lastgroup, match.group())
        for at, value in text.dropna().astype("str").items()
        for match in re.finditer(_PATTERN, value)
    ]
    index = pd.Index([at for at, _, _ in found], name=text.index.name)
    rows = [(kind, value) for _, kind, value in found]
    return pd.DataFrame(rows, columns=["kind", "value"], index=index, dtype="str")


def strike_numbers(text: pd.Series) -> pd.Series:
    """Put `***` in place of telephone and ID numbers: they name a person and tell no place.

    Parameters
    ----------
    text
        What citizens or operators wrote.

    Returns
    -------
    struck
        The same texts without, indexed as `text`.
    """
    text = text.astype("str")
    if not may_match(text, _LONG_NUMBER):
        return text
    # Few texts hold a long number, and a compiled search finds those a hundred times as fast.
    has = pc.match_substring_regex(pa.array(text), _LONG_NUMBER)
    suspect = has.to_numpy(zero_copy_only=False) == True  # noqa: E712  missing is neither
    struck = text.copy()
    struck[suspect] = text[suspect].str.replace(_NUMBERS, "***", regex=True)
    return struck


def scrub(text: pd.Series) -> pd.Series:
    """Put `***` in place of phone numbers, ID numbers and room numbers.

    Parameters
    ----------
    text
        Texts with secrets in them.

    Returns
    -------
    scrubbed
        The same texts without, indexed as `text`.
    """
    codes, distinct = pd.factorize(text.astype("str"))
    clean = pd.Series([re.sub(_PATTERN, "***", value) for value in distinct] + [None], dtype="str")
    return pd.Series(clean.array.take(codes), index=text.index, name=text.name)
