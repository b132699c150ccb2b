"""A screening run: many generated shipments in one Parquet file, decided by `lexport decide` and by Spark in local mode.

Usage: run.py LEXPORT POLICY FOLDER [--rows N] [--page PAGE]

The shipments have every input of the table, each drawn for itself: a number or a day falls into a random stretch between two thresholds of the
table and anywhere in it, a member is any one. Real orders hang together and repeat; these do not, so they are the harder case.

Both write the number of the shipment and all answers with their rules. Printed, and with PAGE written there between two marks: seconds, rows per
second, the most memory (Linux's count of resident pages; of Spark the sum over its processes, asked ten times a second), bytes. The answers of
both are counted by value and have to be the same.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent
GROUP = 1_000_000
BEGIN, END = "<!-- screening: written by `make screening` -->", "<!-- end of screening -->"


def stretches(table: dict, at: int, lo: int, hi: int) -> np.ndarray:
    """The ends of the stretches of an input in which no test of it changes: starts, and one past the last."""
    cuts = {lo, hi + 1}
    for test in table["tests"]:
        interval = test.get("interval")
        if interval and interval["input"] == at:
            # Members of the map that are null are days that the table is not for.
            ends = [lo, *interval["thresholds"], hi + 1]
            for number, klass in enumerate(interval["map"]):
                if klass is not None:
                    cuts.update((max(lo, ends[number]), min(hi + 1, ends[number + 1])))
    return np.array(sorted(cuts), dtype=np.int64)


def column(table: dict, at: int, rows: int, chance: np.random.Generator) -> pa.Array:
    domain = table["inputs"][at]["domain"]
    kind, what = ("bool", None) if domain == "bool" else next(iter(domain.items()))
    if kind == "bool":
        return pa.array(chance.integers(0, 2, rows).astype(bool))
    if kind in ("enum", "set"):
        names = [member["name"] for member in table["enums"][what]["members"]]
        if kind == "enum":
            allowed = list(range(len(names)))
            for test in table["tests"]:
                member = test.get("member")
                if member and member["input"] == at:
                    allowed = [m for m in allowed if member["map"][m] is not None]
            values = [names[m] for m in allowed]
        else:
            values = [
                "{" + ", ".join(name for bit, name in enumerate(names) if chosen >> bit & 1) + "}"
                for chosen in sorted({int(chance.integers(0, 2 ** min(len(names), 60))) for _ in range(64)})
            ]
        codes = chance.integers(0, len(values), rows, dtype=np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(values))
    ends = stretches(table, at, what["lo"], what["hi"])
    chosen = chance.integers(0, len(ends) - 1, rows)
    first, past = ends[chosen], ends[chosen + 1]
    steps = first + (chance.random(rows) * (past - first)).astype(np.int64)
    steps = np.minimum(steps, past - 1)
    if kind == "date":
        return pa.array(steps.astype(np.int32), pa.int32()).cast(pa.date32())
    steps = steps * what["step"]["mantissa"]
    scale = what["step"]["scale"]
    if not scale:
        return pa.array(steps)
    words = np.ascontiguousarray(np.stack([steps, steps >> 63], axis=1))
    return pa.Array.from_buffers(pa.decimal128(38, scale), rows, [None, pa.py_buffer(words)])


def generate(table: dict, rows: int, path: pathlib.Path) -> None:
    """Row groups of a million, each from a seed of its own: the same file from the same table."""
    fresh = path.with_suffix(".new")
    writer = None
    for group in range(0, rows, GROUP):
        count = min(GROUP, rows - group)
        chance = np.random.default_rng([11, group])
        columns = {"shipment": pa.array(np.arange(group, group + count, dtype=np.int64))}
        for at, one in enumerate(table["inputs"]):
            columns[one["name"]] = column(table, at, count, chance)
        batch = pa.table(columns)
        if writer is None:
            plain = [name for name, kind in zip(batch.schema.names, batch.schema.types) if pa.types.is_dictionary(kind)]
            writer = pq.ParquetWriter(fresh, batch.schema, compression="snappy", use_dictionary=plain)
        writer.write_table(batch, row_group_size=GROUP)
    assert writer is not None
    writer.close()
    fresh.rename(path)


def resident(root: int) -> int:
    """Bytes of a process and all that it started."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = (int(fields[1]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE"))
            except OSError:
                continue
    total, wanted = 0, {root}
    for _ in range(8):
        wanted |= {pid for pid, (parent, _) in parents.items() if parent in wanted}
    for pid in wanted:
        total += parents.get(pid, (0, 0))[1]
    return total


def timed(command: list[str]) -> tuple[float, float, int]:
    """Seconds, seconds of processors, most bytes of memory."""
    begun = time.perf_counter()
    before = os.times()
    process = subprocess.Popen(command)
    most = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.1):
            most = max(most, resident(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    done.set()
    watcher.join()
    seconds = time.perf_counter() - begun
    after = os.times()
    if code:
        sys.exit(f"{command[0]} ended with {code}")
    return seconds, after.children_user + after.children_system - before.children_user - before.children_system, most


def size(path: pathlib.Path) -> int:
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file()) if path.is_dir() else path.stat().st_size


def counts(path: pathlib.Path, decisions: list[str]) -> dict[str, dict[str, int]]:
    """How often each decision has each value."""
    import collections

    found: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in decisions}
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    for file in files:
        for batch in pq.ParquetFile(file).iter_batches(1 << 20, columns=decisions):
            for name in decisions:
                for entry in batch.column(name).value_counts().to_pylist():
                    value = entry["values"]
                    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
                    found[name][text] += entry["counts"]
    return {name: dict(sorted(one.items())) for name, one in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("lexport", type=pathlib.Path)
    parser.add_argument("policy", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--page", type=pathlib.Path)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for target in ("json", "python"):
        subprocess.run([asked.lexport, "build", asked.policy, "--to", target, "-o", asked.folder], check=True)
    written = next(asked.folder.glob("*.table.json"))
    table = json.loads(written.read_text())["table"]
    decisions = [one["name"] for one in table["decisions"]]
    shipments = asked.folder / "shipments.parquet"
    if not shipments.exists() or pq.ParquetFile(shipments).metadata.num_rows != asked.rows:
        print(f"generating {asked.rows:,} shipments", flush=True)
        generate(table, asked.rows, shipments)
    lines = [
        f"`{asked.policy.name}`: {len(table['inputs'])} inputs, {len(decisions)} decisions; {asked.rows:,} shipments in one Parquet file of "
        f"{size(shipments) / 1e9:.2f} GB; {os.cpu_count()} cores.",
        "",
        "| who | seconds | rows a second | processor seconds | most memory | bytes written |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]

    def line(who: str, took: tuple[float, float, int], out: pathlib.Path | None) -> None:
        seconds, busy, most = took
        bytes_written = f"{size(out) / 1e9:.2f} GB" if out else "–"
        lines.append(
            f"| {who} | {seconds:.1f} | {asked.rows / seconds / 1e6:.2f} million | {busy:.0f} | {most / 1e6:,.0f} MB | {bytes_written} |"
        )
        print(lines[-1], flush=True)

    reading = [sys.executable, str(HERE / "read.py"), str(shipments)]
    line("Arrow in Python, reading the columns and no more", timed(reading), None)
    ours = asked.folder / "answers.parquet"
    decide = [str(asked.lexport), "decide", str(written), "--in", str(shipments), "--out", str(ours), "--keep", "shipment"]
    line("`lexport decide`", timed(decide), ours)
    line("the same on one thread", timed([*decide, "--jobs", "1"]), ours)
    wheel = next(asked.folder.glob("*.whl"))
    package = wheel.name.split("-")[0]
    archive = wheel.with_name(f"{package}.zip")
    shutil.copy(wheel, archive)
    script = str(HERE / "on_spark.py")
    passed, theirs = asked.folder / "passed", asked.folder / "spark"
    spark = [sys.executable, script, str(archive), str(shipments)]
    line("Spark, handing the rows to Python and back, undecided", timed([*spark, str(passed), "pass"]), passed)
    line("Spark, deciding in its Python workers with the wheel", timed([*spark, str(theirs), "decide"]), theirs)
    mine, other = counts(ours, decisions), counts(theirs, decisions)
    if mine != other:
        sys.exit(f"the answers differ:\n{mine}\n{other}")
    lines += ["", "Both gave every value of every decision equally often."]
    print("\n".join(lines))
    if asked.page:
        text = asked.page.read_text()
        head, begin, rest = text.partition(BEGIN)
        _, end, tail = rest.partition(END)
        if not begin or not end:
            sys.exit(f"{asked.page} has no place for this: {BEGIN} … {END}")
        fresh = asked.page.with_suffix(".new")
        fresh.write_text(head + BEGIN + "\n" + "\n".join(lines) + "\n" + END + tail)
        fresh.replace(asked.page)


if __name__ == "__main__":
    main()
