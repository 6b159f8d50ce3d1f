#!/usr/bin/env python3
"""Makes lists of other shapes than the repository's own, for judge.py: lists.py FOLDER [--seed N]

They were looked at while the program was fitted, and made more lifelike meanwhile (segments, house numbers, older identity numbers): judge by unseen ones. A confinement company's leads, a vaccination clinic's register,
an English maternity unit's export, an American courier's manifest. All people are made up; phone numbers are of reserved or random ranges."""
import argparse, csv, datetime as dt, os, random

FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
FEMALE = "婷雅静敏丽娜倩雪梅慧颖琳玲洁芳艳娟霞莉萍晶莹欣怡佳蕾璐瑶思梦诗雨晨嘉琪文君岚妍薇蓉"
MALE = "伟强磊军洋勇杰涛明超刚辉鹏飞宇浩博文俊峰志远建国子轩天昊然泽睿翔凯斌"
ROADS = "中山 人民 解放 长江 黄河 太湖 五一 芙蓉 湘江 韶山 雨花 劳动 城南 开福 麓谷 枫林 桐梓坡 金星 银盆 观沙 岳华 含光 车站 东风 南湖".split()
COMPOUNDS = "保利 万科 恒大 碧桂园 中海 华润 龙湖 绿地 金地 融创 旭辉 阳光城 中建 鑫远 佳兆业 湘域 汇金 水岸 御景 香樟".split()
ENDS = "花园 国际 城 名邸 小区 公馆 一号 新城 苑 家园".split()
DISTRICTS = "岳麓区 芙蓉区 天心区 开福区 雨花区 望城区 长沙县".split()

def zipf(rng, items): return items[min(int(rng.paretovariate(.9)) - 1, len(items) - 1)] if rng.random() < .6 else rng.choice(items)
def name(rng, letters): return zipf(rng, FAMILY) + "".join(zipf(rng, letters) for _ in range(1 if rng.random() < .22 else 2))
SEGMENTS = {}
def mobile(rng, key):
    if key not in SEGMENTS: SEGMENTS[key] = [rng.choice(["138", "139", "135", "136", "150", "151", "158", "159", "182", "183", "187", "188", "130", "131", "155", "186", "133", "153", "180", "189", "177", "173", "199", "166"]) + f"{rng.randrange(10000):04d}" for _ in range(900)]
    head = rng.choice(SEGMENTS[key]) if rng.random() < .8 else rng.choice(["138", "139", "150", "186", "177", "155", "132", "178", "191"]) + f"{rng.randrange(10000):04d}"
    return head + f"{rng.randrange(10000):04d}"
def address(rng):
    road = zipf(rng, ROADS); district = rng.choices(DISTRICTS, [9, 4, 5, 5, 8, 3, 4])[0]
    compound = zipf(rng, COMPOUNDS) + zipf(rng, ENDS)
    shape = rng.random(); floor, door = rng.randrange(1, 34), rng.randrange(1, 7)
    text = f"{district}{road}路{rng.randrange(1, 899)}号" + (compound if shape < .8 else "")
    return text + (f"{rng.randrange(1, 30)}栋{rng.randrange(1, 4)}单元{floor}{door:02d}" if shape < .6 else f"{rng.randrange(1, 22)}栋{floor}{door:02d}室")

def leads(rng, path):
    """Newest first, no number of its own, dates without zeros, spaced phones, sources and consultants that go together."""
    teams = {"小红书": ["Lily", "Coco"], "医院地推": ["王顾问", "Lily", "赵顾问"], "老客介绍": ["王顾问"], "大众点评": ["Coco", "Amy"], "抖音": ["Amy", "Mia"]}
    rows, day = [], dt.datetime(2026, 6, 1, 9)
    for n in range(6000):
        day += dt.timedelta(minutes=rng.expovariate(1 / 38))
        source = rng.choices(list(teams), [5, 8, 3, 2, 4])[0]; due = day + dt.timedelta(days=rng.randrange(-20, 160))
        phone = mobile(rng, "leads"); wide = rng.random()
        phone = f"{phone[:3]} {phone[3:7]} {phone[7:]}" if wide < .35 else phone
        mother = name(rng, FEMALE); mother = mother[0] + "女士" if rng.random() < .12 else mother
        budget = rng.choice(["3-5万", "5-8万", "8万以上", ""]) if source != "医院地推" else rng.choice(["", "", "3-5万"])
        rows.append([f"{day.year}/{day.month}/{day.day} {day.hour}:{day.minute:02d}", source, rng.choice(teams[source]), mother, phone, f"{due.year}/{due.month}/{due.day}", rng.choice(["省妇幼", "市妇幼", "湘雅", "湘雅二", "玛利亚", ""]), budget, address(rng) if rng.random() < .55 else "", rng.choices(["", "已加微信", "无人接听", "已签", "到店未签"], [5, 4, 3, 1, 2])[0]])
    with open(path, "w", encoding="gb18030", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n"); out.writerow("登记时间 来源 顾问 宝妈姓名 手机号 预产期 建档医院 预算 地址 跟进情况".split()); out.writerows(reversed(rows))

def clinic(rng, path):
    """A register by child number: numbers of the clinic's own series with gaps, two guardians, identity numbers partly masked, doses in pairs."""
    codes = [(f"43{a:02d}{b:02d}", 9 - k) for k, (a, b) in enumerate([(1, 4), (1, 2), (1, 11), (1, 3), (1, 5), (1, 22), (2, 11), (6, 2), (7, 3)])] + [(f"{rng.choice([36, 42, 44, 52, 51, 41])}{rng.randrange(1, 14):02d}{rng.randrange(21, 30):02d}", .25) for _ in range(60)]
    number, born, rows = 4301040012031, dt.date(2026, 1, 1), []
    for n in range(9000):
        number += 1 if rng.random() < .93 else rng.randrange(2, 6); born += dt.timedelta(days=int(rng.random() < .022))
        birth = born - dt.timedelta(days=int(rng.expovariate(.25))); boy = rng.random() < .52
        mother, father = name(rng, FEMALE), name(rng, MALE); child = (father[0] if rng.random() < .9 else mother[0]) + "".join(zipf(rng, FEMALE + MALE) for _ in range(2))
        age = int(rng.gauss(30, 4.2)); mb = dt.date(2026 - age, rng.randrange(1, 13), rng.randrange(1, 29))
        code = rng.choices([c for c, _ in codes], [w for _, w in codes])[0]
        # Prefectures that became cities: older mothers were registered before.
        if rng.random() < .35: code = rng.choice([c for c, until in [("432301", 1994), ("432321", 1994), ("432326", 1994), ("432501", 1999), ("432503", 1999), ("432522", 1999), ("432524", 1999), ("432801", 1995), ("432822", 1995), ("432901", 1995), ("432922", 1995), ("433001", 1997), ("433022", 1997)] if mb.year <= until] or [code])
        card = f"{code}{mb:%Y%m%d}{rng.randrange(0, 500) * 2 % 1000:03d}"
        card += "10X98765432"[sum(int(a) * b for a, b in zip(card, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])) % 11]
        step = 10 if rng.random() < .7 else 50; weight = int(rng.gauss(3280, 420) / step) * step
        rows.append([number, child, "男" if boy else "女", f"{birth:%Y%m%d}", mother, card if rng.random() < .8 else "", mobile(rng, "clinic"), father if rng.random() < .7 else "", mobile(rng, "clinic") if rng.random() < .38 else "", "湖南省长沙市" + address(rng), rng.choices(["常住", "流动", "临时"], [80, 17, 3])[0], "是" if rng.random() < .97 else "否", weight, rng.choices(["麓山门诊", "望月湖门诊", "银盆岭门诊"], [5, 3, 2])[0]])
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n"); out.writerow("儿童编码 儿童姓名 性别 出生日期 母亲姓名 母亲身份证号 母亲电话 父亲姓名 父亲电话 现住址 居住属性 卡介苗 出生体重 接种单位".split()); out.writerows(rows)

GIRLS = "Olivia Emma Charlotte Amelia Sophia Isabella Ava Mia Evelyn Grace Hannah Sarah Rachel Rebecca Laura Katie Emily Jessica Chloe Lucy Megan Amy Holly Zoe Ellie Natalie Priya Aisha Fatima Maria Elena Joanna Nicola Danielle Gemma Stacey Kirsty Leanne Abigail Victoria".split()
BOYS = "Oliver George Noah Arthur Harry Leo Muhammad Jack Charlie Oscar Henry Theo Freddie Alfie Archie Isaac Thomas Joshua James William Daniel Adam Ryan Connor".split()
LAST = "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Wright Walker White Edwards Green Hall Thomas Clarke Jackson Wood Harris Martin Cooper Khan Hughes Ahmed Lewis Scott Hill Moore Clark Ward Turner Morris Baker Ali Cook Bennett Lee Campbell Kelly Allen Singh Hussain Murphy Begum Shaw Watson Price Bailey Foster Gray Mills Palmer Knight Barker Dixon Holmes Rogers Hunt Marshall Fletcher Ellis Butler Mason Russell Webb Stone Burton Pearson Reid Fox Gibson Lane Black Fisher Ford Payne Hart Nicholson Lowe Sutton Booth Parry Bates Frost Dean Nash Wells".split()
STREETS = "Abbey Airedale Alma Armley Ashfield Beckett Belmont Brook Brunswick Burley Carlton Cross Crown Dale Dewsbury East Farm Garden Greenfield Headingley Hillside Holly Howard Hyde Jubilee Kirkstall Langley Laurel Lime Moor Mount North Norwood Otley Parkside Pembroke Poplar Primrose Princes Regent Ridge Rose Royal Scott South Spring Summer Sussex Thornton Tudor Union Valley Wellington West Westfield Willow Wood Woodland Church Station High Park Mill Victoria Albert Queens Kings Green Manor Grange Meadow Orchard School Chapel Windsor York London Clarence Alexandra Beech Elm Oak Ash Cedar Spencer Nelson Stanley Richmond".split()
TOWNS = [("Leeds", "LS", 9), ("Bradford", "BD", 5), ("Wakefield", "WF", 3), ("Harrogate", "HG", 2), ("Otley", "LS", 1)]

def maternity(rng, path):
    """Sorted by discharge, tab separated, surnames in capitals, weights in kilograms, several consultants a ward."""
    rows, day = [], dt.datetime(2026, 2, 1, 7)
    mrn = 700411
    for n in range(5000):
        day += dt.timedelta(minutes=rng.expovariate(1 / 55)); mrn += rng.randrange(1, 60) if rng.random() < .9 else rng.randrange(60, 900)
        section = rng.random() < .3; stay = rng.choices([1, 2, 3, 4, 6], [4, 4, 2, 1, .4])[0] + section; birth = day - dt.timedelta(days=stay, hours=rng.randrange(0, 9))
        girl = rng.random() < .49; town, post, _ = rng.choices(TOWNS, [w for *_, w in TOWNS])[0]; ward = rng.choices(["Ward 54", "Ward 53", "MLU"], [4, 3, 0 if section else 2])[0]
        last = zipf(rng, LAST).upper(); first = zipf(rng, GIRLS); dob = dt.date(2026 - int(rng.gauss(30.5, 5)), rng.randrange(1, 13), rng.randrange(1, 29))
        weeks = 40 - int(rng.expovariate(.8)); kilos = max(1.2, rng.gauss(3.4 - .2 * (40 - weeks), .42))
        street = f"{rng.randrange(1, 290)} {rng.choice(STREETS)} {rng.choices(['Road', 'Street', 'Avenue', 'Lane', 'Drive', 'Close'], [6, 5, 4, 2, 2, 2])[0]}"
        rows.append([f"M{mrn}", last, first, f"{dob:%d/%m/%Y}", f"{birth:%d/%m/%Y %H:%M}", "F" if girl else "M", f"{kilos:.2f}", weeks, "Emergency CS" if section and rng.random() < .6 else "Elective CS" if section else rng.choices(["SVD", "Forceps", "Ventouse"], [8, 1, 1])[0], ward, {"Ward 54": ["Mr Rao", "Miss Ellery"], "Ward 53": ["Dr Osei", "Miss Ellery"], "MLU": ["Midwife led"]}[ward][rng.randrange(1 if ward == "MLU" else 2)], f"{street}, {town}", f"{post}{rng.randrange(1, 29)} {rng.randrange(1, 9)}{rng.choice('ABDEFGHJLNPQRSTUWXYZ')}{rng.choice('ABDEFGHJLNPQRSTUWXYZ')}", f"07{rng.choice([700, 711, 738, 745, 752, 775, 788, 791, 799, 802, 833, 857, 872, 900, 939, 946, 985])}{rng.randrange(10**6):06d}", f"{day:%d/%m/%Y}", rng.choices(["Breast", "Formula", "Mixed", ""], [5, 3, 2, .5])[0]])
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter="\t", lineterminator="\r\n"); out.writerow(["MRN", "Surname", "Forename", "DOB", "Baby DOB", "Sex", "Birth weight", "Gestation", "Delivery", "Ward", "Consultant", "Address", "Postcode", "Mobile", "Discharge date", "Feeding"]); out.writerows(rows)

def manifest(rng, path):
    """Parcels: tracking numbers that only grow with a depot's prefix, scan times, American addresses, phones in two spellings."""
    rows, at, number = [], dt.datetime(2026, 9, 3, 5, 30), {"DEN": 88120034, "AUR": 51200711, "BOU": 61900420}
    for n in range(8000):
        at += dt.timedelta(seconds=rng.expovariate(1 / 41)); depot = rng.choices(list(number), [5, 3, 2])[0]; number[depot] += rng.randrange(1, 30)
        town, code = {"DEN": ("Denver", "802"), "AUR": ("Aurora", "800"), "BOU": ("Boulder", "803")}[depot]
        area = rng.choice(["303", "720", "970"]); phone = f"{area}55501{rng.randrange(100):02d}" if rng.random() < .05 else f"{area}{rng.randrange(220, 990)}{rng.randrange(10000):04d}"
        shown = f"({phone[:3]}) {phone[3:6]}-{phone[6:]}" if depot != "AUR" else f"{phone[:3]}-{phone[3:6]}-{phone[6:]}"
        flat = f" Apt {rng.randrange(1, 40)}" if rng.random() < .28 else ""
        rows.append([f"{depot}{number[depot]}US", f"{at:%Y-%m-%d %H:%M:%S}", f"{zipf(rng, GIRLS + BOYS)} {zipf(rng, LAST)}", shown, f"{rng.randrange(100, 9900)} {zipf(rng, STREETS)} {rng.choice(['St', 'Ave', 'Dr', 'Ct', 'Ln'])}{flat}, {town}, CO {code}{rng.randrange(1, 40):02d}", f"{rng.lognormvariate(.4, .9):.1f} lb", rng.choices(["Ground", "Express", "2-Day"], [7, 1, 2])[0], rng.choices(["", "LEAVE AT DOOR", "SIGNATURE", "GATE CODE"], [12, 3, 2, 1])[0]])
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n"); out.writerow(["Tracking", "Scanned", "Recipient", "Phone", "Address", "Weight", "Service", "Note"]); out.writerows(rows)

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder"); parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(); os.makedirs(options.folder, exist_ok=True)
    for make, file in [(leads, "leads.csv"), (clinic, "clinic.csv"), (maternity, "maternity.tsv"), (manifest, "manifest.csv")]:
        make(random.Random(f"{options.seed} {file}"), os.path.join(options.folder, file))

if __name__ == "__main__": main()
