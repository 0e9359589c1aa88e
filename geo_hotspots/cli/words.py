"""What the command line says of its commands and options, in both languages."""

from geo_hotspots.words import Words

COMMANDS = {
    "geo-hotspots": Words(
        "12345 热线诉求 → 地点 → 重复点位与热区 → 地图、巡查清单、分析报告。全程不联网。",
        "Hotline cases to places, repeat points and hot areas; to a map, a patrol list and a "
        "report. Never touches a network.",
    ),
    "run": Words(
        "读入工单，完成全部分析，写出一个成果文件夹。",
        "Read cases, find points and areas, and write a folder with every result.",
    ),
    "backtest": Words(
        "回测：过去一年每周只用当时已知的数据排清单，与随后一周对照，写出命中率。",
        "Backtest: list each week of the last year from what was known then, hold it against the "
        "week after, write how often it was right.",
    ),
    "demo": Words(
        "用编造的东城区一年工单走两周全程；每页都标明“演示数据”。",
        "Go the whole way on a made-up year of Dongcheng, two Mondays on; every page says so.",
    ),
    "check": Words(
        "读入并定位，只说明会怎样，不写任何文件；给出成果文件夹时，检查其中每个文件。",
        "Read and locate, say what would happen, write nothing; of a run folder, check each file.",
    ),
    "geocode": Words(
        "只做定位，写出逐行台账；或抽样供人工标注、给标注表打分。",
        "Only locate: write the ledger, or a sample to label by hand; or score a labelled sheet.",
    ),
    "pack": Words("边界与地名包：制作与检查。", "Packs of boundaries and places: build and check."),
    "pack build": Words(
        "把边界与地名文件做成一个包，并报告重叠、缝隙、重名和放错的地点。",
        "Make a pack from boundary and place files; report overlaps, gaps, duplicate names and "
        "misplaced places.",
    ),
    "pack check": Words(
        "检查一个包：拓扑、重名、位置。", "Check a pack: topology, names, positions."
    ),
}

COMMANDS |= {
    "feedback": Words(
        "读回填好的巡查清单（patrol.xlsx）和整改台账，记入历史库。",
        "Read filled patrol lists (patrol.xlsx) and registers of rectifications into the history.",
    ),
    "history": Words(
        "历史库：查看、导出、永久删除。", "The history: look, export, delete for good."
    ),
    "history info": Words("历史库里有什么。", "What is in the history."),
    "history export": Words(
        "导出为 Parquet；不含盐，默认也不含诉求原文、来电人和核查人。",
        "Export as Parquet: never the salt, and neither complaint text nor callers nor patrols' "
        "names unless asked for.",
    ),
    "history forget": Words(
        "永久删除某件诉求，或某来电人的全部诉求，连同文件中的字节；以后读到也不再记。",
        "Delete a case, or all cases of a caller, for good: the file's bytes too, and from coming "
        "back.",
    ),
}

OPTIONS = {
    "--lang": Words("界面与成果的语言（默认 zh）", "Language of messages and results (default zh)"),
    "--version": Words("显示版本", "Show the version"),
    "--pack": Words(
        "边界与地名包：文件夹，或内置包的名字",
        "Pack of boundaries and places: a folder, or the name of an embedded one",
    ),
    "--config": Words("配置文件（TOML）", "Settings (TOML)"),
    "--json": Words("以 JSON 输出结果", "Print results as JSON"),
    "--as-of": Words(
        "统计截止日（默认：最近有诉求的一天）",
        "Last day counted (default: the newest day with cases)",
    ),
    "--period": Words("报告周期：日、周、月", "Period of the report"),
    "--rectifications": Words(
        "整改台账（点位、类别、整改日期）", "Register of rectifications (point, category, date)"
    ),
    "--history": Words(
        "历史库：记住各周的诉求、点位、整改和巡查（默认：成果所在文件夹里的 history.duckdb）",
        "The history: remembers cases, points, rectifications and visits from week to week "
        "(default: history.duckdb beside the run folders)",
    ),
    "history --history": Words("历史库文件", "The history"),
    "feedback --as-of": Words(
        "自哪一个统计截止日起计入（默认：最近一次运行的次日）",
        "The first day whose run knows of it (default: the day after the latest run)",
    ),
    "feedback --out": Words(
        "未指明 --history 时，用 DIR/包名/history.duckdb",
        "Without --history, the history is DIR/pack/history.duckdb",
    ),
    "export --out": Words("写出的文件夹", "The folder to write"),
    "--private": Words(
        "连同诉求原文、来电人散列、核查人与备注（自己备份用）",
        "Complaint text, callers' hashes, patrols' names and notes too (for a backup of your own)",
    ),
    "--case": Words("工单编号；可重复", "Id of a case; repeatable"),
    "--callers": Words(
        "从标准输入逐行读来电号码（或逐个询问）", "Read callers' numbers from stdin, one a line"
    ),
    "--yes": Words("不再询问", "Do not ask"),
    "--no-history": Words(
        "不用也不写历史库，只看这一次", "Neither use nor write a history: look just this once"
    ),
    "--shapefile": Words(
        "另写 Shapefile，并指定其中文编码", "Write Shapefiles too, their texts in this encoding"
    ),
    "--rain-days": Words(
        "降雨日表（日期、降雨量，毫米）：漏雨、积水等随雨而来的类别按此预计",
        "Rain days (日期, 降雨量 in mm): what comes with the rain is forecast by them",
    ),
    "--rain": Words(
        "预报有大雨：清单按雨后来电预计排列",
        "Heavy rain is forecast: list the points by what the rain will bring",
    ),
    "--public": Words(
        "另写一份可对外提供的汇总：上一整月，每个数不少于 10 人，没有点位",
        "Write a set to be shared too: the last whole month, no number of fewer than 10 people, "
        "no points",
    ),
    "--workers": Words(
        "由本机几个进程分担（结果逐字节相同；不写则十万件以上每核一个，最多四个）",
        "Processes that share the work (the same bytes come out; by default one a core, at most "
        "four, from some 100,000 cases on)",
    ),
    "--cluster": Words(
        "由 dask.distributed 集群分担（需 geo-hotspots[cluster]；见 docs/scale.md）",
        "Let a dask.distributed cluster share the work (needs geo-hotspots[cluster]; see "
        "docs/scale.md)",
    ),
    "run --out": Words("成果放在 DIR/包名/周期 下", "Results go to DIR/pack/period"),
    "backtest --out": Words("结果放在 DIR/包名/backtest 下", "Results go to DIR/pack/backtest"),
    "demo --out": Words("成果放在 DIR/demo 下", "Results go to DIR/demo"),
    "geocode --out": Words("写出的台账或标注表（CSV）", "The ledger or sheet to write (CSV)"),
    "--sample": Words(
        "不写台账，按得分分层抽 N 行写成标注表",
        "Write a sample of N rows to label, even over scores, instead of the ledger",
    ),
    "--with-text": Words(
        "标注表里带上原地址、标题和内容（含个人信息，仅供内部标注）",
        "Put address, title and content into the sheet (private: to be labelled in the office)",
    ),
    "--labelled": Words(
        "人工标注好的表：打印定位率与各得分段的正确率；同时给工单则重新定位后再比",
        "A sheet labelled by hand: print how many were placed, and how right by score; with "
        "cases, as they are placed now",
    ),
    "build --out": Words("写出的包", "The pack to write"),
    "--name": Words("包名（也是成果文件夹名）", "Name of the pack, and of its results' folder"),
    "--title": Words("标题，如“东城区”", "Title, such as 东城区"),
    "--communities": Words(
        "社区边界：Shapefile、GeoJSON、GPKG 或 CSV（WKT）",
        "Communities: Shapefile, GeoJSON, GPKG or CSV (WKT)",
    ),
    "--streets": Words("街道边界", "Streets (sub-districts)"),
    "--places": Words("地名地址表", "Places"),
    "--responsible": Words("责任人表（CSV）", "Responsible persons (CSV)"),
    "--column": Words(
        "列名对应，如 name=NTAName、places.lng=X；可重复",
        "Column names, such as name=NTAName or places.lng=X; repeatable",
    ),
    "--crs": Words(
        "文件未注明时的坐标参考，如 EPSG:4548", "CRS where a file states none, such as EPSG:4548"
    ),
    "--datum": Words(
        "边界与地名的坐标系：wgs84、cgcs2000、gcj02 或 bd09",
        "Datum of boundaries and places: wgs84, cgcs2000, gcj02 or bd09",
    ),
    "--timezone": Words("时区", "Time zone"),
    "--approximate/--exact": Words(
        "是否示意边界（每页注明）", "Whether the boundaries are approximate (every page says so)"
    ),
    "--title-en": Words("英文标题", "English title"),
    "--code": Words("行政区划代码", "Official code"),
    "--vintage": Words("数据时点", "Date of the data"),
    "--source": Words("来源", "Source"),
    "--licence": Words("许可", "Licence"),
    "--footer": Words("页脚", "Footer"),
    "--footer-en": Words("英文页脚", "English footer"),
    "--approval": Words("审图号", "Map approval number"),
}
