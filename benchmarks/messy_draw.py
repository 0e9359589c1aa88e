"""The operators that make a plain address messy, over one city and one stream of chance."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from messy_city import City, degrees
from messy_text import HELD_OUT_STREET, Rates, Text, is_unseen
from messy_words import (
    ASKS,
    DETAILS,
    ELSEWHERE,
    HOMES,
    HOMES_BEHIND,
    INVENTED_BODY,
    INVENTED_LAST,
    LINKS,
    NOWHERE,
    OPENINGS,
    PHRASES,
    RELATIONS,
)
from misspell import Speller, write_number

_KINDS = {
    "door": 0.32, "building": 0.27, "compound": 0.12, "poi": 0.12, "road": 0.07,
    "community": 0.04, "cross": 0.04, "segment": 0.02,
}  # fmt: skip
_NEGATIVES = {"nowhere": 0.4, "invented": 0.3, "elsewhere": 0.3}
_CROSSING_METRES = 60.0  # the communities this near to a crossing may be named for it


class Drawing:
    """The operators, over one city and one stream of random numbers."""

    def __init__(self, city: City, rates: Rates, rng: np.random.Generator, *, tuning: bool) -> None:
        self.city, self.rates, self.rng = city, rates, rng
        self.speller = Speller(city.names, rng)
        things = city.things
        if tuning:
            hidden = things["parent"].map(is_unseen) | things["street"].eq(HELD_OUT_STREET)
            things = things[~hidden]
        # What is also another's alias can mean either of the two.
        things = things[~things["name"].isin(city.things["aliases"].str.split(";").explode())]
        kinds = things["type"].replace({"hutong": "road"})
        listed, missing = things["is_listed"], things[~things["is_listed"]]
        self.things = {k: list(t.itertuples()) for k, t in things[listed].groupby(kinds[listed])}
        self.unlisted = {k: list(t.itertuples()) for k, t in missing.groupby("type")}
        twice = city.things["name"].value_counts()
        self.twice = frozenset(twice[twice > 1].index)
        self.passes = city.lines.drop_duplicates("name").set_index("name")["passes"].to_dict()
        self.crossings = _crossings(city, set(self.passes) & {r.name for r in self.things["road"]})
        self.namesakes = _namesakes(city.things, self.passes)
        areas = city.pack.communities
        self.communities = list(areas[~(tuning & areas["street"].eq(HELD_OUT_STREET))].itertuples())
        self.streets = city.pack.streets["name"].tolist()
        self.borders = shapely.STRtree(areas.geometry.to_numpy())

    def one(self, *, complaint: bool) -> Text:
        """Draw one text."""
        if self.happens("negatives"):
            text = self.negative(self.pick_weighted(_NEGATIVES))
        else:
            text = self.positive(self.pick_weighted(_KINDS))
        if complaint:
            text.text = self.bury(text)
        elif text.level != "none" and self.happens("embedded"):
            text.operators.append("embedded")
            text.text = self.bury(text)
        elif text.level != "none" and self.happens("complaint"):
            before = self.rng.random() < 0.5
            text.text = (self.pick(OPENINGS) if before else "") + text.text
            text.text += self.pick(PHRASES) if not before or self.rng.random() < 0.5 else ""
        if self.happens("full_width"):
            text.operators.append("full_width")
            text.text = text.text.translate(_FULL_WIDTH)
        return text

    def negative(self, kind: str) -> Text:
        """Write a text that names no place here."""
        text = Text(kind)
        if kind == "nowhere":
            text.text = self.pick(NOWHERE)
        elif kind == "elsewhere":
            place, where = self.pick(ELSEWHERE)
            text.text = (where if self.rng.random() < 0.7 else "") + place
        else:
            name = self.pick(INVENTED_BODY) + self.pick(INVENTED_LAST)
            while name in self.city.names or self.speller.nearest(name):
                name = self.pick(INVENTED_BODY) + self.pick(INVENTED_LAST)
            number = f"{int(self.rng.integers(1, 120))}号" if self.rng.random() < 0.7 else ""
            text.text = ("东城区" if self.rng.random() < 0.3 else "") + name + number
        return text

    def positive(self, kind: str) -> Text:
        """Write the address of a place, messily."""
        if kind == "cross":
            return self.cross()
        if kind == "segment":
            return self.segment()
        if kind == "community":
            return self.community()
        is_missing = kind in self.unlisted and self.happens("unlisted")
        thing = self.pick((self.unlisted if is_missing else self.things)[kind])
        text = Text(
            kind, place_id=thing.id, parent=thing.parent, level=thing.level,
            communities=frozenset([thing.community]), street=thing.street,
            lng=thing.lng, lat=thing.lat, is_listed=thing.is_listed,
            is_unseen=is_unseen(thing.parent) or thing.street == HELD_OUT_STREET,
        )  # fmt: skip
        if kind == "road":
            text.communities = self.passes[thing.name]
        name = self.spell(thing.parent, thing.aliases, text)
        number = write_number(thing.written, self.rng, self.rates, text.operators)
        room = self.room(text) if kind == "building" else ""
        gap = " " if number and self.rng.random() < 0.03 else ""
        body = name + gap + number + room + self.relation(kind)
        text.text = self.prefix(text, must_say_street=thing.name in self.twice) + body
        return text

    def community(self) -> Text:
        """Write a community with or without its last word."""
        area = self.pick(self.communities)
        inside = area.geometry.representative_point()
        text = Text(
            "community", place_id=area.code, level="community", communities=frozenset([area.name]),
            street=area.street, lng=inside.x, lat=inside.y,
        )  # fmt: skip
        bare = area.name.removesuffix("社区")
        text.communities |= self.namesakes.get(bare, frozenset())
        ending = self.pick(["社区", "社区居委会", ""] if len(bare) > 2 else ["社区", "社区居委会"])
        name = self.misspell(bare, text)
        text.text = self.prefix(text) + name + ending + self.relation("any")
        return text

    def cross(self) -> Text:
        """Write the crossing of two roads."""
        one, other, at = self.pick(self.crossings)
        lng, lat = degrees(at.x, at.y)
        near = self.borders.query(
            shapely.Point(lng, lat), "dwithin", distance=_CROSSING_METRES / 98_000
        )
        names = self.city.pack.communities["name"].to_numpy()[near]
        text = Text(
            "cross",
            parent=one,
            level="intersection",
            communities=frozenset(names),
            lng=lng,
            lat=lat,
        )
        text.is_unseen = is_unseen(one) or is_unseen(other)
        a, b = self.spell(one, "", text), other
        form = self.pick(
            ["{a}与{b}交叉口", "{a}和{b}路口", "{a}与{b}交汇处", "{a}、{b}交叉口", "{a}{b}路口"]
        )
        text.text = self.prefix(text) + form.format(a=a, b=b) + self.relation("cross")
        return text

    def segment(self) -> Text:
        """Write a stretch of a road between two others."""
        one, other, at = self.pick(self.crossings)
        ends = [o for a, o, _ in self.crossings if a == one and o != other]
        if not ends:
            return self.cross()
        lng, lat = degrees(at.x, at.y)
        text = Text(
            "segment", parent=one, level="road", communities=self.passes[one], lng=lng, lat=lat
        )
        text.is_unseen = is_unseen(one)
        a = self.spell(one, "", text)
        form = self.pick(
            ["{a}（{b}至{c}段）", "{a}{b}到{c}之间", "{a}（{b}-{c}）", "{a}{b}至{c}段"]
        )
        text.text = self.prefix(text) + form.format(a=a, b=other, c=self.pick(ends))
        return text

    def spell(self, name: str, aliases: str, text: Text) -> str:
        """Choose an alias or another script for an ordinal, then make the errors."""
        fit = [a for a in aliases.split(";") if len(a) > 2 and self.is_alone(a)]
        if fit and self.happens("alias"):
            text.operators.append("alias")
            name = self.pick(fit)
        elif self.happens("ordinal"):
            name = self.speller.with_digits(name, text.operators)
        return self.misspell(name, text)

    def is_alone(self, name: str) -> bool:
        """Say whether a name has one bearer and one sound."""
        return self.city.bearers[name] == 1 and self.speller.is_alone(name)

    def misspell(self, name: str, text: Text) -> str:
        """Make each error of hearing and typing at its rate."""
        for error in ("homophone", "drop", "swap", "look_alike"):
            if self.happens(error):
                wrong = self.speller.misspell(name, error)
                if wrong != name:
                    text.operators.append(error)
                    return wrong
        return name

    def prefix(self, text: Text, *, must_say_street: bool = False) -> str:
        """Write what stands before the name."""
        street = text.street
        if street and self.happens("wrong_street") and not must_say_street:
            street = self.pick(self.streets)
            text.operators.append("wrong_street")
        if must_say_street:
            return "东城区" + street
        if self.happens("bare"):
            return ""
        before = self.pick(["东城区", "北京市东城区", "东城区" + street, street, "北京市"])
        if len(text.communities) == 1 and text.kind != "community":
            before += next(iter(text.communities)) if self.happens("community_prefix") else ""
        return before

    def relation(self, kind: str) -> str:
        """Write what stands behind: near, opposite, the north gate."""
        if kind == "cross" or not self.happens("relation"):
            return ""
        extra = {"road": "road", "building": "home", "compound": "home"}.get(kind, "any")
        return self.pick(RELATIONS["any"] + RELATIONS[extra])

    def room(self, text: Text) -> str:
        """Write unit and room behind a building."""
        if not self.happens("room"):
            return ""
        text.operators.append("room")
        unit, floor, room = (
            self.rng.integers(1, 6),
            self.rng.integers(1, 16),
            self.rng.integers(1, 5),
        )
        return self.pick([f"{unit}单元{floor}0{room}室", f"{unit}门{floor}0{room}", f"{unit}单元"])

    def bury(self, text: Text) -> str:
        """Bury a text in 60-150 characters, now and then beside the caller's own home."""
        place, opening = text.text, self.pick(OPENINGS)
        if text.level != "none" and self.happens("second_place"):
            text.operators.append("second_place")
            home = self.home()
            if self.rng.random() < 0.7:
                body = self.pick(HOMES).format(home=home) + self.pick(LINKS).format(place=place)
                body = opening + "：" + body + self.pick(PHRASES)
            else:
                body = (
                    opening + place + self.pick(PHRASES) + self.pick(HOMES_BEHIND).format(home=home)
                )
        else:
            body = opening + place + (self.pick(PHRASES) if text.kind != "nowhere" else "")
        goal = int(self.rng.integers(60, 151))
        for detail in self.rng.permutation(DETAILS).tolist():
            if len(body) + len(detail) > goal:
                break
            body += "，" + detail
        return body + self.pick(ASKS)

    def home(self) -> str:
        """Name a home: mostly here, one in five elsewhere."""
        if self.rng.random() < 0.2:
            place, where = self.pick(ELSEWHERE)
            return where + place
        thing = self.pick(self.things["building"])
        return str(thing.name)

    def happens(self, operator: str) -> bool:
        """Throw the coin of an operator."""
        return bool(self.rng.random() < getattr(self.rates, operator))

    def pick(self, among: Sequence[Any]) -> Any:
        """Choose one evenly."""
        return among[int(self.rng.integers(len(among)))]

    def pick_weighted(self, shares: dict[str, float]) -> str:
        """Choose one by its share."""
        return list(shares)[int(self.rng.choice(len(shares), p=list(shares.values())))]


def _namesakes(
    things: pd.DataFrame, passes: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """List the communities of whatever goes by a name, its last word (胡同, 街) left out too."""
    found: dict[str, frozenset[str]] = {}
    for thing in things[things["written"] == ""].itertuples():
        areas = passes.get(thing.name, frozenset([thing.community]))
        for name in (thing.name, _LAST_WORD.sub("", thing.name)):
            found[name] = found.get(name, frozenset()) | areas
    return found


_LAST_WORD = re.compile(r"(?:胡同|大街|街|路|巷|小区)$")


def _crossings(city: City, names: set[str]) -> list[tuple[str, str, shapely.Point]]:
    """List the pairs of roads whose lines cross, with the point."""
    lines = city.lines[city.lines["name"].isin(names)].reset_index(drop=True)
    shapes = lines["geometry"].to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, "crosses")
    at = shapely.intersection(shapes[one], shapes[other])
    label = lines["name"].to_numpy()
    return [(label[i], label[j], p) for i, j, p in zip(one, other, at, strict=True)]


_FULL_WIDTH = str.maketrans("0123456789-#", "０１２３４５６７８９－＃")
