#!/usr/bin/env python3
"""Plants canaries into lists and has a detector look for them.

  judge.py --judge DETECT.py --canaries PROGRAM [--seeds 1,2] [--count 300] [--jobs 2] [--keep DIR] [--city NAME --segments TSV] LIST...

Each list gets a ledger of its own in a temporary folder, a pool of numbers drawn like the list's own (the operator buys where the
holder's people buy; four numbers a canary), and COUNT canaries (a tenth of the rows of a short list). LIST may be `.gz`.
Prints a line a list and seed: the AUCs, the share removed at 1 %, the significant rules with a lift above 2 or below 1/2."""
import argparse, concurrent.futures as cf, gzip, importlib.util, json, os, random, re, shutil, subprocess, sys, tempfile

def detector(path):
    spec = importlib.util.spec_from_file_location("detector", path)
    module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)
    return module

def phones(judge, path):
    table = judge.load(path, argparse.Namespace(sheet=None, header_row=0, no_header=False, encoding=encoding(path), delimiter=None))
    role = judge.roles(table, {})
    found = []
    for j in [j for j in role if role[j] == "phone"]:
        for row in table.rows:
            found += judge.phones_in(row[j]) or ([judge.phone_norm(row[j])] if re.sub(r"\D", "", row[j]) else [])
    return [p for p in found if len(p) >= 7], len(table.rows), [h for j, h in enumerate(table.header)]

def pool(found, size, rng):
    """Numbers whose prefixes are drawn like the list's; a part from segments the list does not hold yet."""
    have, made = set(found), set()
    segments = {}
    for p in found: segments[p[:7]] = segments.get(p[:7], 0) + 1
    new = sum(1 for n in segments.values() if n == 1) / max(1, len(found))
    while len(made) < size:
        like = rng.choice(found); keep = 5 if rng.random() < new else 7
        keep = min(keep, len(like) - 4)
        number = like[:keep] + "".join(rng.choice("0123456789") for _ in range(len(like) - keep))
        if number not in have: made.add(number)
    return sorted(made)

def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode not in (0, 1): sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done

def encoding(path):
    """What the detector is told of a text that is no UTF: its own guess takes some GB 18030 for Western."""
    if path.endswith((".xlsx", ".xlsm")): return None
    raw = open(path, "rb").read()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"): return None
    try: raw.decode("utf-8")
    except UnicodeDecodeError: return "gb18030"

def bring(program, path, numbers, country):
    """Imports the pool, without the prefixes that no operator hands out (lists are made up, and some hold them)."""
    while True:
        with open(path, "w") as file: file.write("number\n" + "".join(n + "\n" for n in numbers))
        done = subprocess.run([*program, "number", "import", path, *country], capture_output=True, text=True)
        refused = re.search(r"`(\d{7,})` is not a valid", done.stderr)
        if done.returncode == 0: return
        if not refused: sys.exit(done.stderr)
        numbers = [n for n in numbers if n[:4] != refused[1][:4]]

def one(options, path, seed):
    judge = detector(options.judge)
    rng = random.Random(f"{seed} {os.path.basename(path)}")
    folder = tempfile.mkdtemp(prefix="stealth")
    name = os.path.basename(path)
    before = os.path.join(folder, "before-" + name.removesuffix(".gz"))
    opened = gzip.open(path) if path.endswith(".gz") else open(path, "rb")
    with opened as source, open(before, "wb") as copy: shutil.copyfileobj(source, copy)
    found, rows, header = phones(judge, before)
    count = min(options.count, rows // 10)
    chinese = sum(len(p) == 11 and p[0] == "1" for p in found) > len(found) / 2
    country = [] if chinese else ["--region", "GB" if sum(p[0] == "0" for p in found) > len(found) / 2 else "US"]
    numbers = pool(found, 4 * count, rng)
    ledger = os.path.join(folder, "canaries.db")
    program = [options.canaries, "--db", ledger, "-q"]
    run(*program, "init"); run(*program, "holder", "add", "a", "--name", "A", "--kind", "hospital")
    bring(program, os.path.join(folder, "pool.csv"), numbers, country)
    after = os.path.join(folder, "after-" + os.path.basename(before).removeprefix("before-"))
    done = run(*program, "--json", "plant", before, "--to", "a", "--count", str(count), "-o", after)
    if done.returncode: return f"{name} {seed}: {done.stderr}", None
    planted = json.loads(done.stdout)
    keys = os.path.join(folder, "keys.txt")
    with open(keys, "w") as file:
        for canary in planted["canaries"]: file.write(canary["fields"]["phone"] + "\n")
    out = os.path.join(folder, "out.json")
    extra = ["--encoding", "gb18030"] if encoding(after) else []
    extra += ["--segments", options.segments, "--city", options.city] if options.city and options.city in path + name else []
    seen = run(sys.executable, options.judge, after, keys, "--before", before, "--json", out, "--seed", "0", "--top", "14", *extra)
    result = json.load(open(out))
    auc = result["auc"]; rules = [r for r in result["rules"] if r["significant"] and (r["lift"] > 1.5 or r["lift"] < .67 and r["real"] >= .1)]
    line = f"{name:36s} seed {seed} n {result['canaries']:4d}  hgb {auc['hgb']['auc']:.3f}  ngram {auc['ngram']['auc']:.3f}  iforest {auc['iforest (no labels)']['auc']:.3f}  " \
           f"removed {auc[result['best']]['tpr@fpr0.01']:.3f}  rules {len(rules)}  untouched {result['real_rows_untouched']}"
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
        with open(os.path.join(options.keep, f"{name}.{seed}.txt"), "w") as file: file.write(seen.stdout)
        for part in (after, keys): shutil.copy(part, os.path.join(options.keep, f"{seed}-{os.path.basename(part)}" if part == after else f"{name}.{seed}.keys"))
    shutil.rmtree(folder)
    told = [f"    {r['lift']:6.2f}  {r['canary']:.3f} against {r['real']:.3f}  {r['rule']}" for r in rules[:8]]
    told += ["    groups: " + ", ".join(f"{g} {v:+.3f}" for g, v in list(result["group_importance"].items())[:5]),
             "    single: " + ", ".join(f"{g} {v:.2f}" for g, v in result["best_single"][:6])]
    return line, told

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", nargs="+"); parser.add_argument("--judge", required=True); parser.add_argument("--canaries", required=True)
    parser.add_argument("--seeds", default="1,2"); parser.add_argument("--count", type=int, default=300); parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep"); parser.add_argument("--city"); parser.add_argument("--segments")
    options = parser.parse_args()
    tasks = [(path, int(seed)) for path in options.lists for seed in options.seeds.split(",")]
    with cf.ProcessPoolExecutor(options.jobs) as workers:
        for line, told in workers.map(one, [options] * len(tasks), *zip(*tasks)):
            print(line, *(told or []), sep="\n", flush=True)

if __name__ == "__main__": main()
