#!/usr/bin/env python3
"""Has two holders of a group compare their copies and delete all that differs, and asks whom the program names.

  colluders.py --canaries PROGRAM [--groups 40] [--pairs 25] [--shared 80] [--own 4] [--least 12] [--noise 0.02] [--seed 1] [--jobs 2] LIST.csv

Through the program alone: each group has 4 to 8 holders with a copy of LIST, OWN canaries each and SHARED ones by `--shared`; 20 numbers are controls.
Of the rows that are in both copies of a pair (as text, but for a column of row numbers), those with a canary are called with a rate of 0.3 to 1, at
least LEAST of them: four calls in ten know the name and the date of birth, two the trade, four are silent; from three callers, over 60 days. Every number
of the pool is called by strangers NOISE times a day. A world is one pair; one with fewer than LEAST canaries in common is counted apart."""
import argparse, concurrent.futures as cf, csv, datetime, io, itertools, json, os, random, shutil, subprocess, sys, tempfile

def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1): sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout

def rows(path):
    with open(path, "rb") as file: raw = file.read()
    try: text = raw.decode("utf-8-sig")
    except UnicodeDecodeError: text = raw.decode("gb18030")
    table = list(csv.reader(io.StringIO(text, newline="")))
    counts = [k for k, name in enumerate(table[0]) if name.strip() in ("序号", "No", "No.", "serial")]
    return [tuple(cell for k, cell in enumerate(row) if k not in counts) for row in table[1:]]

def calls(options, rng, called, numbers, begin):
    callers = [f"0755{rng.randrange(10**7, 10**8)}" for _ in range(3)]
    at = lambda: (begin + datetime.timedelta(seconds=rng.randrange(3600, 60 * 86400))).strftime("%Y-%m-%dT%H:%M:%SZ")
    for canary in called:
        fields, kind = canary["fields"], rng.random()
        name = fields.get("mother_name") or fields.get("name") or ""
        said = f"{name}您好,宝宝是{fields.get('birth_date', '')[:10]}出生的吧" if kind < .4 else "您好,宝宝要拍百日照吗" if kind < .6 else ""
        yield [canary["number"], rng.choice(callers), at(), "call", said]
    for number in numbers if options.noise else []:
        day = 0
        while (day := day + rng.expovariate(options.noise)) < 60: yield [number, f"1{rng.randrange(3 * 10**9, 9 * 10**9)}", at(), "call", ""]

def group(options, seed):
    rng = random.Random(seed); found = []
    folder = tempfile.mkdtemp(prefix="colluders", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    program = [options.canaries, "--db", os.path.join(folder, "canaries.db"), "-q"]
    holders = [f"h{k}" for k in range(rng.randrange(4, 9))]
    run(*program, "init")
    for holder in holders: run(*program, "holder", "add", holder, "--name", holder, "--kind", "agency")
    numbers = sorted({f"{rng.choice((137, 138, 139, 150, 158, 188))}{rng.randrange(10**7, 10**8)}" for _ in range(3 * options.shared + 12 * options.own * len(holders))})
    with open(os.path.join(folder, "pool.csv"), "w") as file: file.write("number\n" + "".join(n + "\n" for n in numbers))
    run(*program, "number", "import", os.path.join(folder, "pool.csv")); run(*program, "number", "control", "--count", "20")
    to = [word for holder in holders for word in ("--to", holder)]
    planted = json.loads(run(*program, "--json", "plant", options.list, *to, "--count", str(options.own), "--shared", str(options.shared), "-o", os.path.join(folder, "{holder}.csv")))
    begin = datetime.datetime.now(datetime.timezone.utc)
    copies = {copy["holder"]: set(rows(copy["output"]["path"])) for copy in planted}
    canaries = {c["number"]: c for copy in planted for c in copy["canaries"] + copy["shared"]}
    pairs = list(itertools.combinations(holders, 2)); rng.shuffle(pairs)
    for pair in pairs[:options.pairs]:
        cells = {cell for row in copies[pair[0]] & copies[pair[1]] for cell in row}
        left = [c for c in canaries.values() if c["fields"]["phone"] in cells]
        if len(left) < options.least: found.append(None); continue
        rate = rng.uniform(.3, 1); rng.shuffle(left)
        called = left[:max(options.least, round(rate * len(left)))]
        world = os.path.join(folder, "world"); os.mkdir(world)
        for name in os.listdir(folder):
            if name.startswith("canaries"): shutil.copy(os.path.join(folder, name), world)
        contacts = os.path.join(world, "contacts.csv")
        with open(contacts, "w", newline="") as file:
            out = csv.writer(file); out.writerow(["to", "from", "at", "kind", "said"]); out.writerows(calls(options, rng, called, numbers, begin))
        beside = [options.canaries, "--db", os.path.join(world, "canaries.db"), "-q", "--json"]
        run(*beside, "hit", "import", contacts); told = json.loads(run(*beside, "trace"))
        first = told["together"][0] if told["together"] else {"holders": [], "probability": 0}
        alike = {told["sources"][0]["holder"], *told["alike"]} if told["sources"] else set()
        found.append(dict(holders=len(holders), called=len(called), verdict=told["verdict"], named=set(told["named"]) == set(pair),
            shown=set(pair) in (set(told["named"]), set(first["holders"]) if first["probability"] >= .5 else set(), alike),
            innocent=bool(set(told["named"]) - set(pair)), top={s["holder"] for s in told["sources"][:2]} == set(pair)))
        shutil.rmtree(world)
    shutil.rmtree(folder)
    return found

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list"); parser.add_argument("--canaries", required=True); parser.add_argument("--noise", type=float, default=.02)
    for name, usual in dict(groups=40, pairs=25, shared=80, own=4, least=12, seed=1, jobs=2).items(): parser.add_argument(f"--{name}", type=int, default=usual)
    options = parser.parse_args(); worlds = []
    with cf.ProcessPoolExecutor(options.jobs) as workers:
        for found in workers.map(group, [options] * options.groups, range(options.seed * 10**6, options.seed * 10**6 + options.groups)): worlds += found
    few = worlds.count(None); worlds = [world for world in worlds if world]
    for head, part in [("all", worlds)] + [(f"{n} holders", [w for w in worlds if w["holders"] == n]) for n in range(4, 9)]:
        if not part: continue
        share = lambda key: sum(world[key] for world in part) / len(part)
        print(f"{head:10s} {len(part):5d} worlds, {sum(w['called'] for w in part) / len(part):.1f} canaries called: pair named {share('named'):.3f}, named or shown {share('shown'):.3f}, "
              f"first two places {share('top'):.3f}, an innocent named {share('innocent'):.4f}")
    print(f"{few} pairs had fewer than {options.least} canaries in common")

if __name__ == "__main__": main()
