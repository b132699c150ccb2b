"""A screening run: many generated shipments in one Parquet file, decided by `lexport decide` and by Spark in local mode.

Usage: run.py LEXPORT POLICY FOLDER [--rows N] [--on-spark N] [--page PAGE]

The shipments have every input of the table, each drawn for itself: a number or a day falls into a random stretch between two thresholds of the
table and anywhere in it, a member is any one. Real orders hang together and repeat; these do not, so they are the harder case.

Spark is given the same file, in two passes of a quarter of an hour and more; with `--on-spark` only so many of its first shipments. Both write the
number of the shipment and all answers with their rules. Printed, and with PAGE written there between two marks: seconds, rows per second, seconds
of processors and the most memory (of all processes that a command started, asked ten times a second), bytes. Both have to say the same of each
shipment: values, rules, what is open.
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

import duckdb
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


def processes() -> dict[tuple[int, int], tuple[int, float, int]]:
    """By number and start of a process: its parent, its seconds of processors, its bytes of memory."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            busy = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            found[int(entry.name), int(fields[19])] = int(fields[1]), busy, int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return found


def timed(command: list[str]) -> tuple[float, float, int]:
    """Seconds, seconds of processors, most bytes of memory; of the command and of all that it started, whoever waits for them."""
    begun = time.perf_counter()
    process = subprocess.Popen(command)
    most = 0
    # Those that were seen once belong to it, also when their parent is gone: Spark's Java outlives the Python that began it.
    busy: dict[tuple[int, int], float] = {}
    done = threading.Event()

    def look() -> None:
        nonlocal most
        found = processes()
        wanted = {key for key in found if key[0] == process.pid or key in busy}
        for _ in range(8):
            numbers = {number for number, _ in wanted}
            wanted |= {key for key, (parent, _, _) in found.items() if parent in numbers}
        for key in wanted:
            busy[key] = max(busy.get(key, 0.0), found[key][1])
        most = max(most, sum(found[key][2] for key in wanted))

    def watch() -> None:
        while not done.wait(0.1):
            look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - begun
    done.set()
    watcher.join()
    if code:
        sys.exit(f"{command[0]} ended with {code}")
    return seconds, sum(busy.values()), most


def size(path: pathlib.Path) -> int:
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file()) if path.is_dir() else path.stat().st_size


def said(path: pathlib.Path, names: list[str], below: int) -> tuple[int, int]:
    """How many of the first shipments there are, and the sum of a hash of each: its number, all its answers, their rules, what is open. Whatever order
    they come in."""
    rows, total = 0, 0
    for file in sorted(path.glob("*.parquet")) if path.is_dir() else [path]:
        for batch in pq.ParquetFile(file).iter_batches(1 << 20, columns=["shipment", *names]):
            texts = {name: batch.column(name).cast(pa.string()) for name in names}
            answers = pa.table({"shipment": batch.column("shipment"), **texts})  # noqa: F841 (DuckDB finds it by its name)
            columns = ", ".join(f'coalesce("{name}", chr(1))' for name in answers.schema.names[1:])
            query = f"SELECT count(*), coalesce(sum(hash(shipment, {columns})::HUGEINT), 0) FROM answers WHERE shipment < {below}"
            count, some = duckdb.sql(query).fetchall()[0]
            rows, total = rows + count, total + int(some)
    return rows, total % (1 << 64)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("lexport", type=pathlib.Path)
    parser.add_argument("policy", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--on-spark", type=int)
    parser.add_argument("--page", type=pathlib.Path)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    build = [asked.lexport, "build", asked.policy, "--to", "json,python", "--timeout", "1", "-o", asked.folder]
    # Status 3: the proof by the diagram stands, and the second method did not come to its end. It is said, and the table is what it is.
    if (code := subprocess.run(build).returncode) not in (0, 3):
        sys.exit(f"`lexport build` ended with {code}")
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

    def line(who: str, took: tuple[float, float, int], out: pathlib.Path | None, rows: int) -> None:
        seconds, busy, most = took
        bytes_written = f"{size(out) / 1e9:.2f} GB" if out else "–"
        lines.append(
            f"| {who} | {seconds:.1f} | {rows / seconds / 1e6:.3f} million | {busy:.0f} | {most / 1e6:,.0f} MB | {bytes_written} |"
        )
        print(lines[-1], flush=True)

    names = [*decisions, "because", "open", "ask"]
    reading = [sys.executable, str(HERE / "read.py"), str(shipments)]
    # Once for nothing, so that each finds the file where the one before it did.
    subprocess.run(reading, check=True)
    line("Arrow in Python, reading the columns and no more", timed(reading), None, asked.rows)
    ours = asked.folder / "answers.parquet"
    decide = [str(asked.lexport), "decide", str(written), "--in", str(shipments), "--out", str(ours), "--keep", "shipment"]
    line("`lexport decide`", timed(decide), ours, asked.rows)
    line("the same on one thread", timed([*decide, "--jobs", "1"]), ours, asked.rows)
    wheel = next(asked.folder.glob("*.whl"))
    package = wheel.name.split("-")[0]
    archive = wheel.with_name(f"{package}.zip")
    shutil.copy(wheel, archive)
    script = str(HERE / "on_spark.py")
    passed, theirs = asked.folder / "passed", asked.folder / "spark"
    spark, few = [sys.executable, script, str(archive), str(shipments)], min(asked.rows if asked.on_spark is None else asked.on_spark, asked.rows)
    passing, deciding = [*spark, str(passed), "pass", str(few)], [*spark, str(theirs), "decide", str(few)]
    which = "all" if few == asked.rows else f"the first {few:,}"
    line(f"Spark, handing {which} to Python and as many texts back, undecided", timed(passing), passed, few)
    line("Spark, deciding them in its Python workers with the wheel", timed(deciding), theirs, few)
    mine, other = said(ours, names, few), said(theirs, names, few)
    if mine != other or mine[0] != few:
        sys.exit(f"the answers differ:\n{mine}\n{other}")
    lines += ["", f"Both gave each of the {'' if few == asked.rows else 'first '}{few:,} shipments the same answers, by the same rules."]
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
