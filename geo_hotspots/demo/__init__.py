"""A made-up year of hotline cases for Dongcheng, with its truth beside it.

The year runs over 52 ISO weeks, 2018-12-31 (Monday) to 2019-12-29 (Sunday). The ten largest
categories hold 62.59 % of the cases; 市场管理 comes in from 7 July, when 12315 was merged into
12345. No row speaks of a real person, and no phone number is one that is handed out.

Three stories are planted, and some sixty further points (`words.POINTS`):

1. 忠实里西区 2 and 3 号楼, 私装地锁: grows from May, peaks on 21 June; 230 locks are removed on
   27 June; quiet until 12 August, then back; removed again on 15 October; back again from
   25 November to the end of the year. Both are `rebounding`, for the second time.
2. 前门东大街2号楼, 房屋漏雨: on days with 8 mm of rain and the two after; a little snow melt late.
3. 赵家楼 hutongs, 路面积水: the morning after a night with 25 mm and more, at several doors.

`Demo.points` says what each planted point is, `Demo.truth` what each row truly is.
"""

from geo_hotspots.demo.make import Demo, make_demo, write_demo
from geo_hotspots.demo.rain import LAST_DAY

__all__ = ["LAST_DAY", "Demo", "make_demo", "write_demo"]
