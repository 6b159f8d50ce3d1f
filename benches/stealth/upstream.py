#!/usr/bin/env python3
"""Plants into an upstream list, passes overlapping parts of it on to two holders with canaries of their own, and compares the two lists.

  upstream.py --collude COLLUDE.py --canaries PROGRAM [--upstream 150] [--own 15] [--kept 0.9] [--seed 1] LIST.csv

Each holder's export keeps each row of the seeded upstream list with chance KEPT; real lists that meet differ by such a part. Prints what `collude.py` finds."""
import argparse, json, os, random, re, subprocess, sys, tempfile

def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1): sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list"); parser.add_argument("--canaries", required=True); parser.add_argument("--collude", required=True); parser.add_argument("--kept", type=float, default=.9)
    for name, usual in dict(upstream=150, own=15, seed=1).items(): parser.add_argument(f"--{name}", type=int, default=usual)
    options = parser.parse_args(); rng = random.Random(options.seed); folder = tempfile.mkdtemp(prefix="upstream"); at = lambda name: os.path.join(folder, name)
    program = [options.canaries, "--db", at("canaries.db"), "-q"]; run(*program, "init")
    for holder in ("up", "a", "b"): run(*program, "holder", "add", holder, "--name", holder, "--kind", "agency")
    with open(options.list, "rb") as file: found = re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", file.read().decode("utf-8", "ignore"))
    found = [phone for phone in found if phone[1] in "358" and phone[:3] != "154"]  # handed out by all means
    like = lambda phone: phone[:7] if rng.random() < .9 else phone[:4] + f"{rng.randrange(1000):03d}"
    numbers = {f"{like(rng.choice(found))}{rng.randrange(10**4):04d}" for _ in range(4 * (options.upstream + 2 * options.own))} - set(found)
    with open(at("pool.csv"), "w") as file: file.write("number\n" + "".join(n + "\n" for n in sorted(numbers)))
    run(*program, "number", "import", at("pool.csv"))
    plant = lambda source, holder, count, out: json.loads(run(*program, "--json", "plant", source, "--to", holder, "--count", str(count), "-o", out))
    up = plant(options.list, "up", options.upstream, at("up.csv"))
    with open(at("up.csv"), "rb") as file: lines = file.read().splitlines(keepends=True)
    keys = [canary["fields"]["phone"] for canary in up["canaries"]]
    for holder in ("a", "b"):
        with open(at(f"{holder}-in.csv"), "wb") as file: file.writelines(lines[:1] + [line for line in lines[1:] if rng.random() < options.kept])
        own = plant(at(f"{holder}-in.csv"), holder, options.own, at(f"{holder}.csv")) if options.own else None
        if not own: os.rename(at(f"{holder}-in.csv"), at(f"{holder}.csv"))
        with open(at(f"{holder}.txt"), "w") as file: file.write("\n".join(keys + [c["fields"]["phone"] for c in (own or {"canaries": []})["canaries"]]))
    print(run(sys.executable, options.collude, at("a.csv"), at("b.csv"), "--keys-a", at("a.txt"), "--keys-b", at("b.txt"), "--mode", "holders"))

if __name__ == "__main__": main()
