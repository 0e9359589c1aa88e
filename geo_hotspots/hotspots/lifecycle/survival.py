"""How long rectifications hold: Kaplan-Meier by category, with Greenwood's interval."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

ALL = "all"


def trace_survival(rebounds: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Estimate the share of rectifications that still hold after so many days.

    Parameters
    ----------
    rebounds
        `days` and `is_back` of each rectification (`rebounds.list_rebounds`): days until the
        trouble came back, or, where it has not, for which the point was watched.
    level
        Of the interval.

    Returns
    -------
    curve
        One row per day on which one came back: `days`, `at_risk` (held and watched until then),
        `back`, `holds`, `low`, `high` (log-minus-log, within 0 and 1).

    References
    ----------
    Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete observations.
    Journal of the American Statistical Association, 53, 457-481. Greenwood, M. (1926).
    Kalbfleisch, J. D. & Prentice, R. L. (2002) for the log-minus-log interval.
    """
    days = rebounds["days"].to_numpy(float)
    at = np.unique(days[rebounds["is_back"].to_numpy(bool)])
    at_risk = (days[None, :] >= at[:, None]).sum(axis=1)
    back = ((days[None, :] == at[:, None]) & rebounds["is_back"].to_numpy(bool)).sum(axis=1)
    holds = np.cumprod(1 - back / at_risk)
    left = np.where(at_risk > back, at_risk - back, 1)
    greenwood = np.cumsum(np.where(at_risk > back, back / (at_risk * left), np.inf))
    inside = (holds > 0) & (holds < 1)
    log = np.log(np.where(inside, holds, 0.5))
    spread = ndtri(0.5 + level / 2) * np.sqrt(np.where(inside, greenwood, 0.0)) / log
    low = np.where(inside, np.exp(log * np.exp(-spread)), holds)
    high = np.where(inside, np.exp(log * np.exp(spread)), holds)
    return pd.DataFrame(
        {"days": at, "at_risk": at_risk, "back": back, "holds": holds, "low": low, "high": high}
    )


def survival_by(
    rebounds: pd.DataFrame, category: pd.Series, *, days: tuple[int, ...] = (28, 91, 182)
) -> pd.DataFrame:
    """Give the share that holds after some days, by category and for all.

    Parameters
    ----------
    category
        Of each rectification, indexed as `rebounds`.

    Returns
    -------
    table
        Indexed by category, the most rectified first, `all` on top: `n`, `back`, `median_days`
        (missing where half still hold) and per day `holds_28`, `low_28`, `high_28`, …
    """
    order = category.value_counts().index.tolist()
    parts = {ALL: rebounds} | {str(c): rebounds[category == c] for c in order}
    return pd.DataFrame({name: _row(part, days) for name, part in parts.items()}).T


def _row(rebounds: pd.DataFrame, days: tuple[int, ...]) -> dict[str, float]:
    curve = trace_survival(rebounds)
    half = curve.loc[curve["holds"] <= 0.5, "days"]  # noqa: PLR2004 - the median
    row = {
        "n": float(len(rebounds)), "back": float(rebounds["is_back"].sum()),
        "median_days": float(half.min()) if len(half) else float("nan"),
    }  # fmt: skip
    for day in days:
        upto = curve[curve["days"] <= day]
        last = upto.iloc[-1] if len(upto) else {"holds": 1.0, "low": 1.0, "high": 1.0}
        row |= {f"{key}_{day}": float(last[key]) for key in ("holds", "low", "high")}
    return row
