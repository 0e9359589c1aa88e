"""Messy addresses and complaints with known truth, drawn from a seed.

A text begins as the plate at the door would have it and goes through operators: prefixes come and
go, numbers change script, 甲 moves, aliases stand in, a character is misheard, dropped or
exchanged, the whole is buried in a complaint. The rates are those that were measured on, or
assumed of, hotline texts; `typos` scales the errors of hearing and typing alone.

The truth keeps the finest level that the text itself can support. Errors that turn one name into
another, or leave two names equally near, are not made: no reader could undo them.
"""

import numpy as np
import pandas as pd
from messy_city import City
from messy_draw import Drawing
from messy_text import REPORTING_SEEDS, TUNING_SEEDS, Rates

__all__ = ["REPORTING_SEEDS", "TUNING_SEEDS", "Rates", "draw_texts"]


def draw_texts(
    city: City, n: int, *, seed: int, typos: float = 1.0, complaints: bool = False,
    rates: Rates | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Draw messy texts with their truth.

    Parameters
    ----------
    seed
        One of `TUNING_SEEDS` leaves out every fifth road name and one whole street.
    typos
        Multiplies the rates of homophones, dropped, swapped and look-alike characters.
    complaints
        Whether the address column is empty and the place stands in 60-150 characters of text.

    Returns
    -------
    texts
        `address`, `content` and the fields of `Text`; `supports` says whether the text tells a
        community at all (a road through three of them does not).
    """
    rng = np.random.default_rng(seed)
    draw = Drawing(city, (rates or Rates()).with_typos(typos), rng, tuning=seed in TUNING_SEEDS)
    texts = [draw.one(complaint=complaints) for _ in range(n)]
    table = pd.DataFrame([vars(t) for t in texts])
    table["supports"] = table["communities"].map(len).eq(1) | table["kind"].eq("cross")
    blank = pd.Series([None] * n, dtype="str")
    table["address"] = blank if complaints else table["text"].astype("str")
    table["content"] = table["text"].astype("str") if complaints else blank
    return table.drop(columns="text")
