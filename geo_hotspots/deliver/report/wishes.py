"""The list of wishes (民意清单) in block seven: what each community asks for, in one line."""

import pandas as pd

from geo_hotspots.deliver.report.view import Cell, Grid, Head, Heading, Item, Story, Text

LEAST = 3  # cases; fewer are single people's matters, not a community's
SHARED = 2  # cases; a single one is a person's matter
NAMED = 3  # categories to a line
POINTED = 2  # points to a line
_DORMANT = ("quiet", "insufficient")


def wishes(story: Story) -> list[Item]:
    """Tell each community what its people asked for, where, and what they said is still open."""
    pen = story.pen
    head = Heading(pen.say("民意清单", "What each community asks for"))
    some = story.communities[story.communities["n"] >= LEAST]
    if some.empty:
        none = pen.say(
            f"本期没有诉求达到{LEAST}件的社区。", f"No community had {LEAST} cases or more."
        )
        return [head, Text(none)]
    ordered = some.sort_values(
        ["street", "n", "code"], ascending=[True, False, True], kind="stable"
    )
    streets = {str(name): i for i, name in enumerate(story.streets["name"])}
    ordered = ordered.sort_values("street", key=lambda s: s.map(streets), kind="stable")
    about, points, still_open = _categories(story), _points(story), _open(story)
    scattered = pen.say("分散，无集中诉求", "nothing in common")
    rows: list[list[Cell]] = [
        [
            str(street), str(name), pen.count(int(n)),
            about.get(code, scattered), points.get(code, "—"), str(still_open.get(code, 0)),
        ]
        for street, name, code, n in zip(
            ordered["street"], ordered["name"], ordered["code"], ordered["n"], strict=True
        )
    ]  # fmt: skip
    heads = [
        Head(pen.say("街道", "subdistrict"), "key"), Head(pen.say("社区", "community"), "key"),
        Head(pen.say("诉求量", "cases"), "num"), Head(pen.say("主要诉求", "mostly about")),
        Head(pen.say("需盯点位", "points to watch")),
        Head(pen.say("未解决/不满意", "unresolved or unsatisfied"), "num"),
    ]  # fmt: skip
    sentence = pen.say(
        f"本期诉求达到{LEAST}件的{len(rows)}个社区，供社区对照办理；未解决/不满意只计回访中明确作答的。",
        f"{len(rows)} communities with {LEAST} cases or more; open ones count answers only.",
    )
    return [head, Text(sentence), Grid(head.text, heads, rows)]


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
        for name, category in zip(first["name"], first["category"], strict=True)
    ]
    by_area = pd.Series(words, index=first.index, dtype="str").groupby(first["community_code"])
    return {str(code): pen.listing(list(names)) for code, names in by_area}


def _open(story: Story) -> dict[str, int]:
    """Count, by community, who said that something is not resolved or not satisfying."""
    cases = story.current
    is_open = cases["resolved"].eq(other=False) | cases["satisfied"].eq(other=False)
    counts = cases.loc[is_open.fillna(value=False).astype(bool), "community_code"].value_counts()
    return {str(code): int(n) for code, n in counts.items()}
