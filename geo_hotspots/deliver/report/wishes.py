"""The list of wishes (民意清单) in block seven: what each community asks for, in one line."""

import pandas as pd

from geo_hotspots.deliver.report.view import Cell, Grid, Head, Heading, Item, Part, Story, Text

LEAST = 3  # cases; fewer are single people's matters, not a community's
SHARED = 2  # cases; a single one is a person's matter
NAMED = 3  # categories to a line
POINTED = 2  # points to a line
_DORMANT = ("quiet", "insufficient")


def wishes(story: Story) -> list[Item]:
    """Tell each community what its people asked for, where, and what they said is still open.

    Where they asked for nothing in common, only the numbers are told, beside the street's name.
    """
    pen = story.pen
    head = Heading(pen.say("民意清单", "What each community asks for"))
    some = story.communities[story.communities["n"] >= LEAST]
    if some.empty:
        none = pen.say(
            f"本期没有诉求达到{LEAST}件的社区。", f"No community had {LEAST} cases or more."
        )
        return [head, Text(none)]
    heads = [
        Head(pen.say("社区", "community"), "key"), Head(pen.say("诉求量", "cases"), "num"),
        Head(pen.say("主要诉求", "mostly about")), Head(pen.say("需盯点位", "points to watch")),
        Head(pen.say("未解决/不满意", "unresolved or unsatisfied"), "num"),
    ]  # fmt: skip
    sentence = pen.say(
        f"本期诉求达到{LEAST}件的{len(some)}个社区，供社区对照办理；未解决/不满意只计回访中明确作答的。"
        "诉求分散、又无需盯点位的社区，列在街道名后，依次为诉求量和未解决/不满意件数。",
        f"{len(some)} communities with {LEAST} cases or more; open ones count answers only. Those "
        "with nothing in common stand beside the street's name, with their cases and open ones.",
    )
    rows, parts = _rows(some, story)
    return [head, Text(sentence), Grid(head.text, heads, rows, parts=parts, is_dense=True)]


def _rows(some: pd.DataFrame, story: Story) -> tuple[list[list[Cell]], list[Part]]:
    """Give the rows street by street, the busiest community first, and what heads each row."""
    pen = story.pen
    about, points, still_open = _categories(story), _points(story), _open(story)
    scattered = pen.say("分散，无集中诉求", "nothing in common")
    rows: list[list[Cell]] = []
    parts: list[Part] = []
    some = some.sort_values(["n", "code"], ascending=[False, True], kind="stable")
    told_of = some[["code", "name", "n"]]
    by_street = dict(tuple(told_of.groupby(some["street"].astype("str").fillna(""))))
    known = [name for name in story.streets["name"].astype("str") if name in by_street]
    for street in dict.fromkeys([*known, *by_street]):
        told: list[list[Cell]] = []
        aside: list[str] = []
        for code, name, n in by_street[street].itertuples(index=False):
            left = still_open.get(code, 0)
            if street and told and code not in about and code not in points:
                aside.append(pen.say(f"{name} {n}/{left}", f"{name} {n:,}/{left}"))
                continue
            said = about.get(code, scattered), points.get(code, "—")
            told.append([str(name), pen.count(int(n)), *said, str(left)])
        rows += told
        parts += [Part(street, pen.listing(aside)), *[Part()] * (len(told) - 1)]
    return rows, parts


def _categories(story: Story) -> dict[str, str]:
    """Name each community's largest categories, at the finest level that says more."""
    pen, cases = story.pen, story.current
    finest = cases["category_2"].fillna(cases["category_1"])
    counts = cases.groupby(["community_code", finest.rename("name")]).size()
    table = counts[counts >= SHARED].rename("n").reset_index()
    table = table.sort_values(["community_code", "n", "name"], ascending=[True, False, True])
    said: dict[str, list[str]] = {}
    for code, name, n in table.groupby("community_code").head(NAMED).itertuples(index=False):
        said.setdefault(code, []).append(f"{name}{pen.say(f'（{n}）', f' ({n})')}")
    return {code: pen.listing(names) for code, names in said.items()}


def _points(story: Story) -> dict[str, str]:
    """Name the first points of each community that still live."""
    pen, found = story.pen, story.hotspots
    alive = found[(found["kind"] != "single_caller") & ~found["lifecycle"].isin(_DORMANT)]
    first = alive.sort_values(["rank", "hotspot_id"]).groupby("community_code").head(POINTED)
    words = [
        pen.say(f"{name}（{category}）", f"{name} ({category})")
        for name, category in zip(first["name"], first["category"].map(_finest), strict=True)
    ]
    by_area = pd.Series(words, index=first.index, dtype="str").groupby(first["community_code"])
    return {str(code): pen.listing(list(names)) for code, names in by_area}


def _finest(category: str) -> str:
    return category.rsplit("/", 1)[-1]


def _open(story: Story) -> dict[str, int]:
    """Count, by community, who said that something is not resolved or not satisfying."""
    cases = story.current
    is_open = cases["resolved"].eq(other=False) | cases["satisfied"].eq(other=False)
    counts = cases.loc[is_open.fillna(value=False).astype(bool), "community_code"].value_counts()
    return {str(code): int(n) for code, n in counts.items()}
