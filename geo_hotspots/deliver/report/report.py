"""The analysis report of a period (接诉即办工作分析报告): one page for screen and paper."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo_hotspots.config import RatesConfig
from geo_hotspots.deliver.offline import render_page
from geo_hotspots.deliver.report.blocks import categories, overall
from geo_hotspots.deliver.report.outlook import issues, method, watched
from geo_hotspots.deliver.report.places import areas, points
from geo_hotspots.deliver.report.returns import RATE, answers, returns
from geo_hotspots.deliver.report.times import times
from geo_hotspots.deliver.report.view import DIGITS_ZH, REPORT, WORDS, Block, Paper, Pen, Story
from geo_hotspots.deliver.writing import writing
from geo_hotspots.hotspots.areas.survey import Areas
from geo_hotspots.hotspots.figures.changes import Comparison, compare, earlier, elapsed, year_before
from geo_hotspots.hotspots.figures.summary import within
from geo_hotspots.schema import Masthead
from geo_hotspots.words import LIFECYCLE

BLOCKS = (overall, categories, times, points, areas, returns, issues, method)


def tell_story(
    *,
    cases: pd.DataFrame,
    hotspots: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    account: dict[str, int],
    masthead: Masthead,
    weights: RatesConfig,
    n_later: int = 0,
    n_forgotten: int = 0,
    n_remembered: int = 0,
    areas: Areas | None = None,
    held: pd.DataFrame | None = None,
) -> Paper:
    """Write the report of `masthead.period`, in `masthead.lang`, as values to be laid out.

    Of the cases only counts are told; citizens' words and callers are not read.

    Parameters
    ----------
    cases
        Every usable case up to the last day counted, earlier ones too, with schema.CASES,
        schema.PLACED and `hotspot_id`.
    hotspots
        The points that may be shown: schema.HOTSPOT_COLUMNS and point geometry.
    communities, streets
        schema.AREA_COLUMNS and geometry, for the same period.
    account
        Rows read per ledger status.
    weights
        Of the three rates in the composite.
    n_later
        Usable cases after the last day counted, which are in the account and nowhere else.
    n_forgotten
        Usable cases that were deleted from the history for good: in the account and nowhere else.
    n_remembered
        Cases that earlier runs read, which are counted and not in the account.
    held
        What has become of the rectifications (`hotspots.held.judge_works`), where there are any.
    areas
        Hot cells and what emerges; None leaves both out.

    Returns
    -------
    paper
        What `write_report` and `docx.write_docx` lay out: the same sentences, numbers and
        drawings.

    Raises
    ------
    SchemaError
        The account and the cases do not agree.
    """
    now = elapsed(masthead.period, masthead.as_of)
    story = Story(
        cases=cases,
        current=within(cases, now),
        now=now,
        before=earlier(masthead.period, now),
        year_ago=year_before(now),
        hotspots=pd.DataFrame(hotspots),
        communities=pd.DataFrame(communities),
        streets=pd.DataFrame(streets),
        account=account,
        weights=weights,
        n_later=n_later,
        n_forgotten=n_forgotten,
        n_remembered=n_remembered,
        masthead=masthead,
        pen=Pen(masthead.lang),
        areas=areas,
        held=held,
    )
    pen = story.pen
    return Paper(
        heading=pen.say(
            f"{masthead.place}市民热线“接诉即办”工作分析报告",
            f"{masthead.place}: analysis of hotline cases",
        ),
        period=pen.title(masthead.period),
        span=pen.span(now),
        made=pen.say(
            f"数据截至{pen.full_day(masthead.as_of)}", f"data up to {pen.full_day(masthead.as_of)}"
        ),
        marks=_marks(story),
        figures=_figures(story),
        opening=pen.say("", " ").join(_opening(story)),
        blocks=_numbered(story, [block(story) for block in BLOCKS]),
        masthead=masthead,
    )


def write_report(path: Path, paper: Paper) -> None:
    """Write the report as a page: no network, no script, A4 in print.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    page = render_report(paper)
    with writing(path, REPORT):
        path.write_text(page, encoding="utf-8", newline="\n")


def render_report(paper: Paper) -> str:
    """Give the page as text."""
    lang = paper.masthead.lang
    return render_page(
        "report.html.j2",
        title=f"{paper.heading} {paper.period}",
        lang=lang,
        css=["report.css"],
        paper=paper,
        mast=paper.masthead,
        words={name: word.say(lang) for name, word in WORDS.items()},
    )


def _numbered(story: Story, blocks: list[Block]) -> list[Block]:
    numbers = [
        story.pen.say(f"{zh}、", f"{i}. ") for i, zh in enumerate(DIGITS_ZH[: len(blocks)], 1)
    ]
    return [Block(n + b.title, b.items) for n, b in zip(numbers, blocks, strict=True)]


def _marks(story: Story) -> list[str]:
    pen, mast = story.pen, story.masthead
    demo = pen.say("演示数据", "demonstration data")
    approximate = pen.say("示意边界", "approximate boundaries")
    return [demo] * mast.is_demo + [approximate] * mast.is_approximate


def _figures(story: Story) -> list[tuple[str, str]]:
    """Give the five numbers that head the page."""
    pen = story.pen
    top = story.top
    few = story.current["category_1"].nunique() <= len(top)
    share = f"{top['cumulative_pct'].iloc[-1]:.2f}%" if len(top) else "—"
    largest = (
        (pen.say("诉求类别（类）", "categories"), pen.count(len(top)))
        if few
        else (pen.say(f"{pen.top(len(top))}类占比", f"top {len(top)} categories"), share)
    )
    ranked = story.hotspots[story.hotspots["kind"] != "single_caller"]
    alive = int((ranked["lifecycle"] != "quiet").sum())
    before, year_ago = _compared(story)
    return [
        (pen.say("诉求总量（件）", "cases"), pen.count(len(story.current))),
        (pen.say("环比", "on period before"), pen.against(before.n, before.n_prev)),
        (pen.say("同比", "on year before"), pen.against(year_ago.n, year_ago.n_prev)),
        largest,
        (pen.say("三率综合得分", "call-back score"), pen.score(story.score)),
        (pen.say("活跃点位（处）", "live points"), pen.count(alive)),
    ]


def _compared(story: Story) -> tuple[Comparison, Comparison]:
    return (
        compare(story.cases, story.now, story.before),
        compare(story.cases, story.now, story.year_ago),
    )


def _opening(story: Story) -> list[str]:
    """Write the summary: how many, what about, where, what people said, what to do."""
    sentences = [_how_many(story), _what_about(story), _where(story), _said(story), _next(story)]
    return [sentence for sentence in sentences if sentence]


def _how_many(story: Story) -> str:
    pen, n = story.pen, len(story.current)
    before, year_ago = _compared(story)
    known = [(c, year) for c, year in ((before, False), (year_ago, True)) if c.n_prev is not None]
    tail = pen.say("，", ", ").join(["", *(pen.moved(c, year=year) for c, year in known)])
    period, place = pen.title(story.masthead.period), story.masthead.place
    on = "On" if story.masthead.period.kind == "day" else "In"
    return pen.say(
        f"{period}，{place}共受理市民热线诉求{n}件{tail}。",
        f"{on} {period}, {place} had {pen.count(n)} cases{tail}.",
    )


def _what_about(story: Story) -> str:
    pen = story.pen
    top = story.top
    if top.empty:
        return ""
    names = pen.listing(top["category"].astype(str).head(3).tolist())
    share = f"{top['cumulative_pct'].iloc[-1]:.2f}%"
    if story.current["category_1"].nunique() <= len(top):
        return pen.say(f"诉求主要集中在{names}。", f"Most are about {names}.")
    return pen.say(
        f"诉求主要集中在{names}，{pen.top(len(top))}类合计占全部热线案件的{share}。",
        f"Most are about {names}; the {len(top)} largest categories hold {share}.",
    )


def _where(story: Story) -> str:
    pen = story.pen
    if story.hotspots.empty:
        return pen.say(
            "未发现达到列出标准的重复点位。", "No place repeats often enough to be listed."
        )
    kinds = story.hotspots["kind"].value_counts()
    ranked = story.hotspots["lifecycle"][story.hotspots["kind"] != "single_caller"]
    states = [(s, int((ranked == s).sum())) for s in ("rebounding", "intensifying", "new", "quiet")]
    some = [pen.say(f"{LIFECYCLE[s].zh}{n}处", f"{n} {LIFECYCLE[s].en}") for s, n in states if n]
    repeat, group, single = (int(kinds.get(k, 0)) for k in ("repeat", "group", "single_caller"))
    apart = pen.say(f"；另有一人多诉{single}处，单列", f"; {single} of single callers apart")
    return pen.say(
        f"共识别群诉点位{group}处、重复点位{repeat}处{'，其中' * bool(some)}{'、'.join(some)}"
        f"{apart if single else ''}。",
        f"{group} group complaints and {repeat} repeat points are known{': ' * bool(some)}"
        f"{', '.join(some)}{apart if single else ''}.",
    )


def _said(story: Story) -> str:
    pen = story.pen
    said = answers(story.current)
    if not all(a.asked for a in said.values()):
        return ""
    rates = [
        f"{RATE[r].say(pen.lang)}{pen.say('', ' ')}{pen.rate(a.yes, a.asked)}"
        for r, a in said.items()
    ]
    return pen.say(
        f"回访显示，{pen.listing(rates)}，三率综合得分{pen.score(story.score)}。",
        f"Called back, citizens said: {pen.listing(rates)}; composite {pen.score(story.score)}.",
    )


def _next(story: Story) -> str:
    pen = story.pen
    names = [
        pen.say(f"{row['name']}（{row['category']}）", f"{row['name']} ({row['category']})")
        for row in watched(story).head(3).to_dict("records")
    ]
    if not names:
        return ""
    return pen.say(f"下期请重点关注{pen.listing(names)}。", f"Watch next: {pen.listing(names)}.")
