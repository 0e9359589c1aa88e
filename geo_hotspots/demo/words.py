"""The words that the demo's cases are made of: categories, phrases, invented names.

Nothing here speaks of a real person, and no phone number is one that is handed out.
"""

from typing import NamedTuple

DISTRICT = "东城区"

# Shares of the level-1 categories in percent, largest first; the first ten make 62.59.
SHARES = {
    "物业管理": 10.90, "市容环卫": 9.20, "交通管理": 7.80, "违法建设": 6.60, "市场管理": 6.10,
    "停车管理": 5.40, "噪声扰民": 5.00, "市政设施": 4.40, "供热管理": 3.80, "街巷治理": 3.39,
    "房屋管理": 3.10, "拆迁安置": 3.00, "绿化管理": 2.90, "供水排水": 2.70, "医疗卫生": 2.60,
    "社会保障": 2.40, "教育管理": 2.30, "电力燃气": 2.20, "环境保护": 2.10, "养老服务": 2.00,
    "户籍治安": 1.90, "劳动用工": 1.80, "消防安全": 1.60, "公共厕所": 1.50, "通信服务": 1.40,
    "文化旅游": 1.20, "动物管理": 1.00, "民政服务": 0.80, "体育健身": 0.60, "其他咨询": 0.31,
}  # fmt: skip
TOP = 10
TOP_SHARE = 0.6259


class Leaf(NamedTuple):
    """A lowest category: how often, when, where it is reported, and in which words.

    `where` says at what kinds of address: h homes, d doors along a road, b other buildings,
    p public places, m medical ones, s schools.
    `season` and `hours` name profiles of `SEASONS` and `HOURS`.
    """

    path: str
    weight: int
    where: str
    season: str
    hours: str
    phrases: tuple[str, ...]


# path | weight within its level 1 | where | season | hours | phrases
_LEAVES = """
物业管理->房屋漏雨|14|h|rain|day|屋顶漏雨,墙面渗水发霉/下雨后顶层漏水,多次报修未修
物业管理->电梯故障|16|h|flat|day|电梯经常停运,老人上下楼困难/电梯运行时异响,担心有安全隐患
物业管理->楼道堆物|22|h|flat|day|楼道内堆放杂物,影响通行/楼门内堆物占用消防通道
物业管理->物业收费|12|h|flat|day|物业费上涨未公示/收取停车费不开票据
物业管理->公共维修->门禁损坏|12|h|flat|evening|单元门禁损坏长期无人修理/楼门关不上,陌生人随意进出
物业管理->公共维修->楼道照明|12|h|flat|evening|楼道灯不亮,夜间出行不便/声控灯损坏
物业管理->物业服务|12|h|flat|day|物业人员态度不好,报修无人上门/保洁不到位,垃圾桶满溢
市容环卫->垃圾清运->生活垃圾|30|hd|summer|morning|生活垃圾清运不及时,异味严重/垃圾桶满溢,垃圾散落一地
市容环卫->垃圾清运->大件垃圾|26|hd|flat|day|废旧沙发床垫堆放多日无人清理/大件垃圾占用通道
市容环卫->垃圾清运->建筑垃圾|18|hd|flat|day|装修渣土堆放无人清运/建筑垃圾遗撒
市容环卫->道路保洁|14|d|flat|morning|落叶尘土无人清扫/地面有油污
市容环卫->小广告|12|hd|flat|day|墙面张贴大量小广告/电线杆上贴满小广告
交通管理->乱停车->占用便道|34|d|flat|day|机动车长期占用便道,行人只能走机动车道/便道停满车辆,盲道被占
交通管理->乱停车->堵塞出入口|22|hd|flat|evening|出入口被车辆堵住,消防车进不来/违停车辆堵门
交通管理->共享单车|22|dpb|summer|morning|共享单车乱停乱放,影响通行/单车堆积无人整理
交通管理->信号灯|10|d|flat|day|信号灯配时不合理/红绿灯故障
交通管理->交通拥堵|12|dps|flat|morning|早晚高峰拥堵严重/接送学生车辆造成拥堵
违法建设->新增违建|34|hd|flat|day|有人正在私自搭建房屋/平房院内私自加盖二层
违法建设->楼顶违建|14|h|flat|day|楼顶私搭阳光房/顶层住户私自搭建
违法建设->侵占公共空间|30|hd|flat|day|私搭棚子占用公共过道/圈占公共绿地种菜
违法建设->开墙打洞|22|d|flat|day|临街房屋开墙打洞经营/墙面被打开做门脸
市场管理->消费纠纷|40|d|market|day|购买商品出现质量问题,商家拒绝退货/预付卡充值后门店关门
市场管理->无照经营|22|d|market|evening|有人无照经营小吃/流动商贩占道经营
市场管理->食品安全|22|d|market|day|用餐后身体不适,怀疑食品不洁/售卖过期食品
市场管理->价格收费|16|d|market|day|未明码标价,结账金额与标示不符/乱收服务费
停车管理->私装地锁|30|h|flat|evening|有人私自安装地锁,占用公共停车位/多个车位被私装地锁
停车管理->停车难|34|h|flat|evening|车位不足,晚上回家无处停车/外来车辆占用居民车位
停车管理->停车收费|22|db|flat|day|路侧停车计费有误/停车管理员收费不给发票
停车管理->僵尸车|14|hd|flat|day|废弃车辆长期停放落满灰尘/报废车占用车位
噪声扰民->施工噪声->夜间施工|34|hd|summer|night|夜间施工噪声扰民,无法休息/凌晨仍在施工
噪声扰民->施工噪声->装修扰民|16|h|flat|morning|邻居周末装修扰民/午休时间装修
噪声扰民->广场舞|20|hp|summer|evening|广场舞音响声音过大/早晚跳舞放音乐扰民
噪声扰民->餐饮噪声|18|d|summer|night|餐馆食客深夜喧哗/排烟风机噪声大
噪声扰民->犬吠|12|h|flat|night|邻居养狗夜间吠叫/犬只叫声影响休息
市政设施->路面积水|22|d|rain|morning|雨后积水严重,行人无法通过/排水不畅,积水没过脚面
市政设施->道路破损|30|d|flat|day|地砖松动破损,老人易摔倒/坑洼不平
市政设施->路灯不亮|22|d|flat|night|路灯不亮,夜间漆黑/路灯忽明忽暗
市政设施->井盖问题|26|d|flat|day|井盖松动,车辆经过异响/井盖缺失有危险
供热管理->暖气不热|70|h|heating|evening|暖气不热,室温只有十五度/暖气片冰凉,家中有老人孩子
供热管理->供热漏水|16|h|heating|day|暖气管道漏水/供暖试水时跑水
供热管理->供热收费|14|h|heating|day|供热费计费面积有误/报停供暖未退费
街巷治理->架空线|22|d|flat|day|架空线杂乱低垂,有安全隐患/线缆脱落
街巷治理->牌匾标识|18|d|flat|day|牌匾陈旧有脱落风险/门店招牌被拆除后未恢复
街巷治理->占道堆物|34|d|flat|day|杂物占道堆放/花盆旧物占用过道
街巷治理->环境提升|26|d|flat|day|墙面施工后未恢复/整治施工进度缓慢
房屋管理->公房维修|55|hd|rain|day|直管公房年久失修,屋面破损/平房墙体开裂
房屋管理->房屋租赁|30|h|flat|day|有人群租,人员混杂/中介不退押金
房屋管理->危房鉴定|15|hd|flat|day|房屋倾斜,请求鉴定/承重墙被拆
拆迁安置->补偿政策|60|hd|flat|day|咨询腾退补偿标准/对补偿方案有疑问
拆迁安置->安置房|40|hd|flat|day|安置房迟迟未交付/安置房质量问题
绿化管理->树木修剪|55|hd|summer|day|树枝遮挡窗户请求修剪/枯枝有掉落危险
绿化管理->绿地养护|30|hp|summer|day|绿地黄土裸露/花草无人浇水
绿化管理->虫害|15|hd|summer|day|树上虫害严重/树木滴油
供水排水->停水|35|h|flat|evening|突然停水无通知/水压过低
供水排水->下水堵塞|45|hd|flat|day|下水道堵塞,污水外溢/化粪池满溢,臭味扰民
供水排水->水质|20|h|flat|day|自来水发黄/水中有异味
医疗卫生->医院服务|60|hm|flat|day|挂号难,窗口排队时间长/医护人员解释不清
医疗卫生->病媒防治|40|hd|summer|day|老鼠较多请求消杀/蚊虫多请求消杀
社会保障->医保报销|60|h|flat|day|咨询医保报销进度/异地就医备案未通过
社会保障->养老金|40|h|flat|day|养老金发放有误/咨询退休手续
教育管理->入学咨询|60|hs|summer|day|咨询入学政策/学区划分有疑问
教育管理->校外培训|40|d|market|day|培训机构关门不退费/培训机构虚假宣传
电力燃气->停电|45|h|summer|evening|多次停电/电压不稳,电器损坏
电力燃气->燃气报修|30|h|flat|day|燃气表故障/闻到燃气味
电力燃气->充电设施|25|h|flat|evening|电动车充电桩损坏/飞线充电
环境保护->餐饮油烟|60|d|summer|evening|餐馆油烟直排,居民不敢开窗/油烟净化器未开启
环境保护->扬尘|40|d|flat|day|工地未苫盖,扬尘严重/渣土车遗撒扬尘
养老服务->养老驿站|55|d|flat|day|养老驿站服务不到位/咨询居家养老服务
养老服务->老年餐桌|45|d|flat|day|老年餐桌菜品少价格高/助餐点停止营业
户籍治安->治安问题|60|hd|flat|night|有人夜间聚众喝酒滋事/自行车被盗
户籍治安->户籍办理|40|h|flat|day|咨询户口迁入/居住证办理进度
劳动用工->拖欠工资|70|d|flat|day|单位拖欠工资/离职后不结算工资
劳动用工->劳动合同|30|d|flat|day|单位未签合同/未缴纳社保
消防安全->消防通道|55|hd|flat|evening|消防通道被占用/消防栓被遮挡
消防安全->电动车上楼|45|h|flat|evening|电动车推入楼道充电/楼内存放电瓶车
公共厕所->厕所保洁|60|d|summer|day|公厕异味大,保洁不及时/公厕地面湿滑
公共厕所->厕所设施|40|d|flat|day|公厕冲水设备损坏/公厕无照明
通信服务->信号差|50|h|flat|day|手机信号差/宽带频繁掉线
通信服务->线缆迁改|50|hd|flat|day|通信线缆垂落/通信箱门损坏
文化旅游->景区秩序|60|dp|summer|day|黑导游揽客/游客过多秩序混乱
文化旅游->文物保护|40|d|flat|day|文物建筑年久失修/老院落门墩被破坏
动物管理->犬只管理|70|hd|flat|evening|遛狗不牵绳/犬只粪便无人清理
动物管理->流浪动物|30|hd|flat|day|流浪猫聚集/流浪狗追人
民政服务->低保救助|60|h|flat|day|咨询低保申请/临时救助未发放
民政服务->殡葬服务|40|h|flat|day|咨询殡葬补贴/焚烧祭品烟雾扰民
体育健身->健身器材|100|hp|flat|day|健身器材损坏/健身器材不足
其他咨询->政策咨询|100|h|flat|day|咨询办事流程/咨询办公时间
"""

LEAVES = tuple(
    Leaf(path, int(weight), where, season, hours, tuple(phrases.split("/")))
    for path, weight, where, season, hours, phrases in (line.split("|") for line in _LEAVES.split())
)

# Weights of the months, January first. "rain" follows the rain days, "market" starts on 7 July.
SEASONS = {
    "flat": (90, 85, 98, 98, 100, 102, 104, 104, 104, 104, 108, 108),
    "summer": (45, 45, 65, 85, 115, 150, 165, 160, 125, 90, 65, 50),
    "heating": (110, 80, 55, 6, 1, 1, 1, 1, 3, 30, 260, 170),
    "rain": (14, 14, 20, 30, 40, 55, 60, 60, 50, 30, 20, 14),
    "market": (0, 0, 0, 0, 0, 0, 100, 105, 112, 118, 124, 130),
}
WEEKDAYS = (1.18, 1.12, 1.08, 1.06, 1.02, 0.80, 0.74)  # Monday first

# Weights of the hours of the day, 0 o'clock first.
HOURS = {
    "day": (1, 1, 1, 1, 1, 2, 4, 10, 22, 30, 28, 20, 12, 14, 24, 26, 22, 16, 12, 10, 8, 6, 3, 2),
    "morning": (1, 1, 1, 1, 2, 5, 14, 30, 34, 28, 20, 12, 8, 8, 12, 12, 10, 9, 8, 6, 5, 3, 2, 1),
    "evening": (2, 1, 1, 1, 1, 2, 4, 9, 14, 15, 12, 9, 8, 8, 10, 12, 16, 26, 32, 32, 26, 18, 9, 4),
    "night": (18, 12, 9, 6, 4, 4, 5, 7, 9, 9, 7, 5, 4, 4, 5, 5, 5, 6, 9, 14, 20, 30, 34, 28),
}

# Complaints per street, in hundreds: homes and visitors make them, not acres.
STREET_SIZES = {
    "东华门街道": 9, "景山街道": 7, "交道口街道": 8, "安定门街道": 8, "北新桥街道": 12,
    "东四街道": 8, "朝阳门街道": 8, "建国门街道": 11, "东直门街道": 13, "和平里街道": 19,
    "前门街道": 6, "崇文门外街道": 10, "东花市街道": 12, "龙潭街道": 12, "体育馆路街道": 10,
    "天坛街道": 11, "永定门外街道": 16,
}  # fmt: skip
STREET_SIZE = 9  # of a street that is not listed

CHANNELS = {"12345热线": 74, "网络": 12, "微信": 8, "市长信箱": 4, "领导留言板": 2}
OPENINGS = (
    "市民来电反映,", "来电人称,", "诉求人表示,", "居民多次反映,", "网民留言,", "市民再次来电,",
)  # fmt: skip
ASKS = (
    ",希望尽快处理。", ",请核实解决。", ",请相关部门到现场查看。", ",望给予答复。", ",情况较急。",
)  # fmt: skip
OFFICES = {
    "市场管理": "区市场监督管理局", "交通管理": "交通支队", "供热管理": "区城市管理委员会",
    "医疗卫生": "区卫生健康委员会", "教育管理": "区教育委员会", "社会保障": "区医疗保障局",
    "劳动用工": "区人力资源和社会保障局", "绿化管理": "区园林绿化局",
    "房屋管理": "区房屋管理局", "拆迁安置": "区房屋征收中心", "户籍治安": "公安分局",
}  # fmt: skip
SURNAMES = tuple("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜")

# What stands before a place: c the city, d the district, s the street.
PREFIX_CHANCES = {"": 46, "d": 16, "cd": 8, "s": 12, "ds": 14, "cds": 4}
# How a building's number is followed: the first is the canonical form.
BLOCK_CHANCES = {"号楼": 78, "栋": 5, "楼": 8, "#楼": 5, "#": 2, "幢": 2}
TRAIL_CHANCES = {"": 72, "附近": 9, "门口": 8, "对面": 4, "旁": 4, "北侧": 3}

# Names that no gazetteer of the district holds.
UNKNOWN_NAMES = (
    "瑞禾嘉苑", "星澜公馆", "福泽里新区", "锦程家园", "云杉公寓", "怡景花苑", "金穗大厦",
    "丰润里小区", "小石虎夹道", "老柳树巷", "顺意胡同", "德馨苑", "悦来商城", "海棠坞小区",
)  # fmt: skip
# District, its street, a road there, and about where it lies (WGS84).
OUTSIDE = (
    ("西城区", "德胜街道", "德胜门外大街", 116.3735, 39.9560),
    ("西城区", "展览路街道", "车公庄大街", 116.3475, 39.9323),
    ("西城区", "广安门内街道", "广安门内大街", 116.3560, 39.8893),
    ("西城区", "金融街街道", "丰盛胡同", 116.3640, 39.9200),
    ("朝阳区", "三里屯街道", "三里屯路", 116.4510, 39.9360),
    ("朝阳区", "呼家楼街道", "呼家楼北街", 116.4600, 39.9245),
    ("朝阳区", "双井街道", "广渠路", 116.4620, 39.8930),
    ("朝阳区", "和平街街道", "樱花园东街", 116.4210, 39.9760),
    ("丰台区", "方庄街道", "蒲芳路", 116.4330, 39.8640),
    ("海淀区", "北太平庄街道", "新街口外大街", 116.3680, 39.9600),
)  # fmt: skip

# What people, or programs in their name, type into forms. Pages and sheets must bear it.
HOSTILE = (
    '=HYPERLINK("https://example.invalid","点此查看")',
    "<script>document.title='x'</script>",
    "{{7*7}}",
    '"><img src=x onerror=alert(1)>',
    "@SUM(1+1)*9",
    "-2+3+cmd|' /C calc'!A0",
    "行分隔\u2028</script><!--",
)
BROKEN_TIMES = (
    "", "2019-13-45 08:00:00", "昨天下午", "0000-00-00 00:00:00", "2019-02-30 10:00:00", "—",
    "2019-06-31 09:00:00", "不详", "25:61", "2019年",
)  # fmt: skip

# Repeat points besides the stories: pattern, path up to the level that a point is about, how many.
POINTS = (
    ("group", "供热管理->暖气不热", 2), ("group", "物业管理->电梯故障", 1),
    ("group", "供水排水->停水", 1), ("group", "噪声扰民->施工噪声", 2),
    ("group", "电力燃气->停电", 1), ("group", "养老服务->老年餐桌", 1),
    ("persistent", "市容环卫->垃圾清运", 5), ("persistent", "交通管理->乱停车", 4),
    ("persistent", "物业管理->楼道堆物", 2), ("persistent", "违法建设->侵占公共空间", 2),
    ("persistent", "环境保护->餐饮油烟", 1),
    ("intensifying", "噪声扰民->施工噪声", 2), ("intensifying", "停车管理->停车难", 2),
    ("intensifying", "市场管理->无照经营", 2),
    ("diminishing", "街巷治理->占道堆物", 2), ("diminishing", "供水排水->下水堵塞", 2),
    ("diminishing", "市政设施->道路破损", 2),
    ("new", "市场管理->消费纠纷", 2), ("new", "消防安全->电动车上楼", 1),
    ("new", "市容环卫->垃圾清运", 2), ("new", "物业管理->公共维修", 1),
    ("new", "供热管理->暖气不热", 1),
    ("quiet", "噪声扰民->广场舞", 2), ("quiet", "交通管理->共享单车", 2),
    ("quiet", "绿化管理->树木修剪", 2), ("quiet", "违法建设->新增违建", 2),
    ("sporadic", "市政设施->井盖问题", 2), ("sporadic", "公共厕所->厕所保洁", 2),
    ("sporadic", "户籍治安->治安问题", 2),
    ("rebounding", "停车管理->私装地锁", 2), ("rebounding", "街巷治理->占道堆物", 2),
    ("rebounding", "违法建设->新增违建", 1),
    ("rain", "物业管理->房屋漏雨", 2), ("rain", "市政设施->路面积水", 2),
    ("single_caller", "噪声扰民->犬吠", 3), ("single_caller", "物业管理->物业服务", 4),
    ("single_caller", "违法建设->新增违建", 3), ("single_caller", "环境保护->餐饮油烟", 2),
    ("single_caller", "房屋管理->公房维修", 3),
)  # fmt: skip
GROUP_WEEKS = (46, 46, 30, 25, 20, 34, 32, 50)  # in which week of the year each burst comes
WORKS = {  # what was done where a pattern is ended by a rectification
    "私装地锁": "拆除私装地锁", "占道堆物": "清理占道杂物", "新增违建": "拆除违法建设",
    "广场舞": "协调音量与时段", "共享单车": "施划停放区并清运", "树木修剪": "修剪树木",
}  # fmt: skip
