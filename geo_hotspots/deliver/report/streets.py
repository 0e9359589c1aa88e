"""Small multiples in block two of the report: what each street's cases are about."""

import pandas as pd

from geo_hotspots.deliver.drawing.panels import Bar, Panel, panels
from geo_hotspots.deliver.report.view import Figure, Item, Story, Text
from geo_hotspots.hotspots.figures.summary import top_categories

BARS = 5
LEAST = 10  # cases; below it a share says nothing of a street


def streets_compared(story: Story) -> list[Item]:
    """Draw the largest categories of every street on one scale, beside the whole district's."""
    pen, current = story.pen, story.current
    top = top_categories(current, k=BARS)["category"].astype(str).tolist()
    by_street = {str(name): cases for name, cases in current.groupby("street")["category_1"]}
    named = [
        str(name) for name in story.streets["name"] if len(by_street.get(str(name), ())) >= LEAST
    ]
    if len(named) < 2:  # noqa: PLR2004 - one street has nothing to be compared with
        return []
    whole = _shares(current["category_1"], top)
    shown = [
        Panel(
            name,
            pen.say(f"{len(by_street[name])}件", pen.count(len(by_street[name]))),
            [Bar(*bar) for bar in zip(top, _shares(by_street[name], top), whole, strict=True)],
        )
        for name in named
    ]
    caption = pen.say(
        f"各街道诉求中全区前{len(top)}类的占比（红线为全区占比）",
        f"The {len(top)} largest categories in each subdistrict (red: their share of the whole)",
    )
    figure = Figure(caption, panels(shown, title=caption), is_wide=True)
    return [figure, *_left_out(len(story.streets) - len(named), story)]


def _shares(categories: "pd.Series[str]", top: list[str]) -> list[float]:
    counts = categories.value_counts()
    return [int(counts.get(name, 0)) / len(categories) for name in top]


def _left_out(n: int, story: Story) -> list[Item]:
    if not n:
        return []
    note = story.pen.say(
        f"另有{n}个街道诉求不足{LEAST}件，占比不稳，未画。",
        f"{n} more with fewer than {LEAST} cases are not drawn: too few for shares.",
    )
    return [Text(note, "note")]
