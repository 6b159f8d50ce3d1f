#!/usr/bin/env python3
"""Scans one large list beside the named peers, in turn, and prints medians and ratios.

    benches/scan.py [--size 2G] [--needles 1000,100000,1000000] [--runs 5] [--no-grep]

The list is UTF-8 CSV of made-up births; 500 needles stand in it, each in a spelling drawn from the table below. Ours is
`benches/scan.rs` (the engine, reading with pread, two threads and one); the peers are `rg -F -f`, `grep -F -f` and, for the speed of
plain reading, `wc -l`. A machine is never quiet: all run one after the other, several times over, and medians are compared.
Files go to $CANARIES_BENCH (default: a folder in the temporary directory) and are kept there. Needs python3, ripgrep, grep.
"""

import argparse
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOM = pathlib.Path(os.environ.get("CANARIES_BENCH", pathlib.Path(tempfile.gettempdir()) / "canaries-bench"))
PIECE_BYTES = 32 << 20
PLANTED = 500
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "芳娜敏静秀丽艳娟霞燕玲婷雪琳欣怡梦佳慧颖晨宇轩浩然子涵梓萱诗雨思雅文博一诺"
STREETS = ["南山区科技园路", "福田区深南大道", "罗湖区人民南路", "宝安区新安街道", "龙岗区布吉街道", "龙华区民治大道"]
HOSPITALS = ["市妇幼保健院", "第一人民医院", "南山人民医院", "龙岗中心医院"]
PREFIXES = ["130", "131", "133", "135", "136", "137", "138", "139", "150", "151", "152", "158", "159", "176", "177", "186", "187", "188", "189"]
FULL = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
SPELLINGS = [
    lambda n: n,
    lambda n: n,
    lambda n: n,
    lambda n: f"+86{n}",
    lambda n: f"+86 {n[:3]} {n[3:7]} {n[7:]}",
    lambda n: f"0086{n}",
    lambda n: f"86-{n}",
    lambda n: f"0{n}",
    lambda n: f"{n[:3]} {n[3:7]} {n[7:]}",
    lambda n: f"{n[:3]}-{n[3:7]}-{n[7:]}",
    lambda n: f"{n[:3]}–{n[3:7]}–{n[7:]}",
    lambda n: f"{n[:3]}.{n[3:7]}.{n[7:]}",
    lambda n: f"{n[:3]}\u00a0{n[3:7]}\u00a0{n[7:]}",
    lambda n: f"(+86){n}",
    lambda n: n.translate(FULL),
    lambda n: n.translate(ARABIC),
    lambda n: f"\u202d{n}\u202c",
    lambda n: f'"=""{n}"""',
    lambda n: f"{n}.0",
    lambda n: f"{n[0]}.{n[1:]}E10",
    lambda n: f"{n}/{n[:3]}00000000",
    lambda n: "".join(f"&#{ord(c)};" for c in n),
    lambda n: "".join(f"%{ord(c):02X}" for c in n),
]


def mobile(rng):
    return rng.choice(PREFIXES) + f"{rng.randrange(10**8):08d}"


def row(rng, serial, phone):
    mother = rng.choice(SURNAMES) + rng.choice(GIVEN) + (rng.choice(GIVEN) if rng.random() < 0.7 else "")
    birth = f"2024-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    identity = f"{rng.choice([440301, 440305, 430102, 510104, 130102, 110105])}19{rng.randrange(78, 99)}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}{rng.randrange(10000):04d}"
    address = f"{rng.choice(STREETS)}{rng.randrange(1, 400)}号{rng.randrange(1, 30)}栋{rng.randrange(101, 3200)}"
    return f"{serial},{mother},{birth} {rng.randrange(24):02d}:{rng.randrange(60):02d},{rng.choice('男女')},{rng.randrange(2400, 4300)},{identity},{phone},{address},{rng.choice(HOSPITALS)}\n"


def make_list(path, size, needles):
    rng = random.Random(5)
    rows, length = [], 0
    while length < PIECE_BYTES:
        line = row(rng, len(rows) + 1, mobile(rng)).encode()
        rows.append(line)
        length += len(line)
    copies = max(1, size // PIECE_BYTES)
    places = {}
    for k, needle in enumerate(needles[:PLANTED]):
        spelling = SPELLINGS[k % len(SPELLINGS)]
        places.setdefault(rng.randrange(copies), []).append((rng.randrange(len(rows)), spelling(needle)))
    with open(path, "wb") as out:
        for copy in range(copies):
            piece = list(rows)
            for place, spelt in places.get(copy, []):
                piece[place] += row(rng, place, spelt).encode()
            out.write(b"".join(piece))


def build():
    subprocess.run(["cargo", "build", "--release", "--quiet", "--bench", "scan"], cwd=HERE.parent, check=True)
    built = (HERE.parent / "target/release/deps").glob("scan-*")
    return str(max((path for path in built if not path.suffix), key=lambda path: path.stat().st_mtime))


def timed(command):
    """Wall and processor seconds, MiB at most, and the output of one process."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{command}: ended with {process.returncode}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output


def bytes_of(text):
    return int(float(text.rstrip("KMG")) * {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(text[-1], 1))


def prepare(size, counts, births):
    rng = random.Random(7)
    numbers = list(dict.fromkeys(mobile(rng) for _ in range(1_010_000)))[:1_000_000]
    for count in counts:
        (ROOM / f"e164-{count}.txt").write_text("".join(f"+86{number}\n" for number in numbers[:count]))
        (ROOM / f"national-{count}.txt").write_text("".join(f"{number}\n" for number in numbers[:count]))
    if not births.exists():
        make_list(births, size, numbers)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--size", default="2G")
    options.add_argument("--needles", default="1000,100000,1000000")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--no-grep", action="store_true")
    options.add_argument("--prepare", action="store_true", help="only make the files (a process of its own: what it takes would count as memory of those it starts)")
    options.add_argument("--program", help="an engine that is built already")
    chosen = options.parse_args()
    size = bytes_of(chosen.size)
    ROOM.mkdir(parents=True, exist_ok=True)
    counts = [int(count) for count in chosen.needles.split(",")]
    births = ROOM / f"births-{size}.csv"
    if chosen.prepare:
        return prepare(size, counts, births)
    subprocess.run([sys.executable, __file__, "--prepare", "--size", chosen.size, "--needles", chosen.needles], check=True)
    program = chosen.program or build()
    gib = births.stat().st_size / (1 << 30)
    for count in counts:
        listed, national = ROOM / f"e164-{count}.txt", ROOM / f"national-{count}.txt"
        jobs = {
            "ours, 2 threads": [program, listed, births, "2"],
            "ours, 1 thread": [program, listed, births, "1"],
            "wc -l": ["wc", "-l", births],
            "rg -F -f": ["rg", "-o", "-a", "-F", "-f", national, births],
        }
        if not chosen.no_grep:
            jobs["grep -F -f"] = ["env", "LC_ALL=C", "grep", "-o", "-a", "-F", "-f", national, births]
        taken = {job: [] for job in jobs}
        said = {}
        for _ in range(chosen.runs):
            for job, command in jobs.items():
                *figures, said[job] = timed([str(part) for part in command])
                taken[job].append(figures)
        ours = statistics.median(wall for wall, _, _ in taken["ours, 2 threads"])
        print(f"{count} needles, {gib:.2f} GiB, {PLANTED} planted; medians of {chosen.runs}")
        for job in jobs:
            wall, cpu, _ = (statistics.median(column) for column in zip(*taken[job]))
            found = said[job].split()[0].decode() if job.startswith("ours") else len(said[job].split()) if "-f" in job else ""
            print(f"  {job:18} {wall:8.3f} s  {gib / wall:6.2f} GiB/s  {cpu:8.3f} s cpu  {max(mib for _, _, mib in taken[job]):7.1f} MiB  {wall / ours:6.2f} x ours  found {found}", flush=True)


if __name__ == "__main__":
    main()
