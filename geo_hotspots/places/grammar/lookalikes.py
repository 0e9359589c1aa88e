"""Characters that the eye or the keyboard takes for one another."""

# Groups of characters that share most of their strokes, common in names of places first.
_GROUPS = (
    "土士工王玉主", "未末木本术禾", "己已巳", "天夫大太犬", "日曰目白自", "干千于午牛", "人入八",
    "石右古", "东车乐", "小少", "口囗回", "体休", "龙尤", "北比此", "西酉四", "市币布", "兴光",
    "条冬务", "里星黑", "外处", "内肉丙", "门们闩问间闻", "花华", "园圆", "桥侨轿", "板扳",
    "府附付", "馆管官宫", "崇祟", "坛云", "新亲", "安按", "红江", "和知", "平乎半", "水永冰",
    "巷港", "胡湖糊", "同周洞桐铜", "路露", "候侯", "晴睛清请情", "辛幸", "兔免", "鸟乌", "贝见",
    "今令", "瓜爪", "折拆", "即既", "住往注", "庄压", "广厂", "历厉", "斤斥", "且旦", "史吏",
    "方万", "代伐", "氏民", "风凤", "仓仑", "洒酒", "拦栏", "桃挑", "椿桩", "棉绵锦", "绿缘",
    "街衔", "苑宛", "院皖", "楼搂缕", "区匹", "井并开", "雨两", "甲田由申", "城诚", "台合",
    "寺诗", "佛拂", "灯打", "灵寻", "狮师", "帅师", "营宫", "炮饱", "炭岩", "芳芬", "青清",
    "礼札", "禄绿", "福富", "贤坚", "铁轶", "盆盒", "笔毛", "笋笫", "帽冒", "棚崩", "草早",
    "苏办", "柳卯",
)  # fmt: skip
_GROUPS_OF = {c: {i for i, g in enumerate(_GROUPS) if c in g} for c in "".join(_GROUPS)}


def looks_alike(a: str, b: str) -> bool:
    """Say whether two characters look alike.

    >>> looks_alike("未", "末"), looks_alike("未", "来")
    (True, False)
    """
    return bool(_GROUPS_OF.get(a, set()) & _GROUPS_OF.get(b, set()))
