"""The tool's words in Chinese and English: one place, so that every page says the same.

A `Words` is one text in both languages. Enumerations of the contract (statuses, levels,
kinds, lifecycles) have their names here; pages and messages bring their own pairs.
"""

from typing import Literal, NamedTuple

Lang = Literal["zh", "en"]


class Words(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str

    def say(self, lang: Lang) -> str:
        """Give the text in `lang`."""
        return self.zh if lang == "zh" else self.en


RANKER = {
    "count_1": Words("近1周件数", "count of 1 week"),
    "count_4": Words("近4周件数", "count of 4 weeks"),
    "count_13": Words("近13周件数", "count of 13 weeks"),
    "count_52": Words("近52周件数", "count of 52 weeks"),
    "ewma_0.1": Words("指数平均 0.1", "exponential mean, 0.1"),
    "ewma_0.2": Words("指数平均 0.2", "exponential mean, 0.2"),
    "ewma_0.3": Words("指数平均 0.3", "exponential mean, 0.3"),
    "ring_4": Words("近4周含周边", "4 weeks, with neighbours"),
    "ring_52": Words("近52周含周边", "52 weeks, with neighbours"),
    "states": Words("状态滤波", "state filter"),
    "states_dated": Words("状态滤波（含整改日期）", "state filter with rectifications"),
    "mixture": Words("多半衰期混合", "mixture of half-lives"),
    "chosen": Words("本工具采用", "what the tool uses"),
}

STATUS = {
    "located": Words("已定位", "located"),
    "located_low": Words("已定位（待核）", "located, to be reviewed"),
    "area_only": Words("仅到片区", "area only"),
    "ambiguous": Words("地名有歧义", "ambiguous"),
    "outside_area": Words("不在本区", "outside the area"),
    "name_not_in_gazetteer": Words("地名未收录", "name not in the gazetteer"),
    "no_place_in_text": Words("未写地点", "no place in the text"),
    "coordinate_conflict": Words("坐标与文字矛盾", "coordinate conflicts with the text"),
    "datum_unknown": Words("坐标系不明", "datum unknown"),
    "rejected": Words("无法使用", "rejected"),
    "superseded": Words("已被后一行更新", "superseded by a later row"),
}

LEVEL = {
    "building": Words("楼栋", "building"),
    "door": Words("门牌", "door"),
    "compound": Words("小区院落", "compound"),
    "poi": Words("单位地点", "place of interest"),
    "intersection": Words("路口", "intersection"),
    "door_interpolated": Words("门牌（推算）", "door, interpolated"),
    "road": Words("道路胡同", "road"),
    "community": Words("社区", "community"),
    "street": Words("街道", "street"),
    "district": Words("区", "district"),
    "none": Words("无", "none"),
}

KIND = {
    "group": Words("群诉", "group complaint"),
    "repeat": Words("重复点位", "repeat point"),
    "single_caller": Words("一人多诉", "single caller"),
}

LIFECYCLE = {
    "new": Words("新增", "new"),
    "intensifying": Words("加剧", "intensifying"),
    "persistent": Words("持续", "persistent"),
    "diminishing": Words("减弱", "diminishing"),
    "sporadic": Words("反复", "sporadic"),
    "rebounding": Words("反弹", "rebounding"),
    "quiet": Words("平息", "quiet"),
    "insufficient": Words("样本不足", "insufficient"),
}

# The classes of emerging hot spot analysis, named as its Chinese edition names them.
TREND = {
    "new_hot": Words("新增热点", "new hot spot"),
    "consecutive_hot": Words("连续热点", "consecutive hot spot"),
    "intensifying_hot": Words("加强热点", "intensifying hot spot"),
    "persistent_hot": Words("持续热点", "persistent hot spot"),
    "diminishing_hot": Words("逐渐减弱热点", "diminishing hot spot"),
    "sporadic_hot": Words("分散热点", "sporadic hot spot"),
    "oscillating_hot": Words("振荡热点", "oscillating hot spot"),
    "historical_hot": Words("历史热点", "historical hot spot"),
    "new_cold": Words("新增冷点", "new cold spot"),
    "consecutive_cold": Words("连续冷点", "consecutive cold spot"),
    "intensifying_cold": Words("加强冷点", "intensifying cold spot"),
    "persistent_cold": Words("持续冷点", "persistent cold spot"),
    "diminishing_cold": Words("逐渐减弱冷点", "diminishing cold spot"),
    "sporadic_cold": Words("分散冷点", "sporadic cold spot"),
    "oscillating_cold": Words("振荡冷点", "oscillating cold spot"),
    "historical_cold": Words("历史冷点", "historical cold spot"),
    "none": Words("无明显模式", "no pattern"),
}

SIGNAL = {
    "alarm": Words("预警", "alarm"),
    "watch": Words("关注", "watch"),
}

CLUSTER = {
    "new": Words("新出现", "new"),
    "ongoing": Words("持续中", "ongoing"),
    "scope_change": Words("口径变化", "change of scope"),
}

OUTCOME = {
    "not_found": Words("未发现", "not found"),
    "handled": Words("已处置", "handled"),
    "reported": Words("已上报", "reported"),
    "persists": Words("仍存在", "persists"),
    "not_checked": Words("无法核实", "could not be checked"),
}
