"""Times queries in DuckDB on one thread: `ask_duckdb.py JOB.json`. Prints the nanoseconds a row of each pass as JSON, or DuckDB's words.

The cases (JSON, a line each) become a Parquet file with the column types of the table's check vectors; each query reads that file. A query whose
answers are not Lexport's ends the run."""

import json
import pathlib
import sys
import time

import duckdb

PASSES, SECONDS = 11, 20.0


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def main():
    job = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    begin = time.perf_counter()
    connection.execute(pathlib.Path(job["script"]).read_text(encoding="utf-8"))
    loaded = 1e3 * (time.perf_counter() - begin)
    kinds = {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE {quoted(job['schema'])}.vectors").fetchall()}
    kinds = {name: kind for name, kind in kinds.items() if name != "check vector"} | job["more"]
    read = f"read_json('{job['cases']}', format = 'newline_delimited', columns = {json.dumps(kinds)})"
    times = []
    for number, query in enumerate(job["queries"]):
        try:
            times.append(timed(connection, query, number, job, read))
        except duckdb.Error as error:
            times.append(str(error).partition("\n")[0])
    print(json.dumps({"times": times, "loaded": loaded}))


def timed(connection, query, number, job, read):
    """Nanoseconds a row of each pass."""
    rows, file = query["rows"], f"{job['folder']}/{number}.parquet"
    connection.execute(f"COPY (SELECT * FROM {read} LIMIT {rows}) TO '{file}' (FORMAT parquet)")
    relation = f"rows_{number}"
    connection.execute(f"CREATE VIEW {relation} AS FROM read_parquet('{file}')")
    if query["disagreements"]:
        wrong = connection.execute(query["disagreements"].replace("{rows}", relation)).fetchone()[0]
        if wrong:
            sys.exit(f"{query['name']}: {wrong} of {rows} rows have another answer")
    text, passes = query["query"].replace("{rows}", relation), []
    begin = time.perf_counter()
    while len(passes) < 3 or len(passes) < PASSES and time.perf_counter() - begin < SECONDS:
        start = time.perf_counter_ns()
        connection.execute(text).fetchall()
        passes.append((time.perf_counter_ns() - start) / rows)
    return passes


main()
