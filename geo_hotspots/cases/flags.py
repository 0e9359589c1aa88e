"""Yes and no as hotlines write them."""

import unicodedata

import numpy as np
import numpy.typing as npt
import pandas as pd

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


def parse_flags(text: pd.Series) -> tuple[pd.Series, npt.NDArray[np.bool_]]:
    """Read yes and no as hotlines write them; 一般 is not 满意, 部分解决 is not 解决.

    Parameters
    ----------
    text
        As written.

    Returns
    -------
    flags, is_unknown
        True, False, or missing where nobody was asked; and which values were no known word.

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
        is_unknown[codes],
    )
