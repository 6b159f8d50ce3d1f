"""Makes the workbook that `benches/run` works on, with openpyxl: made-up people in order of birth.

    book.py OUT ROWS COLUMNS
"""

import datetime
import random
import sys

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
GIVEN = "芳娜敏静丽艳娟霞秀英慧玲桂兰玉萍红梅雪琳晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯毓悦昭冰爽琬茗羽希宁欣飘育滢馥"
DISTRICTS = ["拱墅区", "西湖区", "余杭区", "上城区", "滨江区", "萧山区", "临平区", "钱塘区", "富阳区"]
ROADS = ["灯芯巷", "东山弄", "人民路", "文晖路", "古墩路", "莫干山路", "石祥路", "沈半路", "丽水路", "湖墅南路", "登云路"]
MOBILES = ["135", "136", "137", "138", "139", "150", "151", "152", "157", "158", "159", "182", "187", "188", "189", "133"]

PLAIN = ["住院号", "产妇姓名", "分娩时间", "新生儿性别", "体重(g)", "联系电话", "家庭住址"]
EXTRA = ["孕周", "分娩方式", "年龄", "出院日期", "身长(cm)", "产次", "区域", "备注"]


def person(rng, minutes, record):
    """One row in the order of PLAIN."""
    born = datetime.datetime(2010, 1, 1) + datetime.timedelta(minutes=minutes)
    name = rng.choice(SURNAMES) + rng.choice(GIVEN) + (rng.choice(GIVEN) if rng.random() < 0.7 else "")
    where = f"{rng.choice(DISTRICTS)}{rng.choice(ROADS)}{rng.randint(1, 999)}号{rng.randint(1, 60)}幢{rng.randint(101, 3604)}室"
    phone = rng.choice(MOBILES) + f"{rng.randrange(10**8):08d}"
    weight = int(rng.gauss(3300, 420)) // 10 * 10
    return [f"ZY{record:08d}", name, born.strftime("%Y-%m-%d %H:%M"), rng.choice("男女"), str(weight), phone, where]


def people(rng, step):
    """Rows without end, `step` minutes apart in the mean, record numbers growing with gaps."""
    minutes, record = 0.0, 10_000_000
    while True:
        minutes += rng.expovariate(1 / step)
        record += 1 if rng.random() < 0.8 else rng.randint(2, 9)
        yield person(rng, minutes, record)


def xlsx(path, count, columns):
    import openpyxl

    rng = random.Random(2)
    rows = people(rng, 3)
    extra = [
        lambda: f"{rng.randint(36, 41)}+{rng.randint(0, 6)}",
        lambda: rng.choice(["顺产", "剖宫产"]),
        lambda: rng.randint(20, 42),
        lambda: f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
        lambda: rng.randint(46, 53),
        lambda: rng.randint(1, 3),
        lambda: rng.choice(DISTRICTS),
        lambda: "",
    ]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    sheet.append((PLAIN + EXTRA)[:columns])
    for _ in range(count):
        row = next(rows)
        row[4] = int(row[4])
        sheet.append((row + [make() for make in extra])[:columns])
    book.save(path)


def main():
    path, count, columns = sys.argv[1:]
    xlsx(path, int(count), int(columns))


if __name__ == "__main__":
    main()
