"""Runs emitted SQL in DuckDB: `on_duckdb.py JOBS.json`.

Each job: load the script, ask the check view, load the cases (JSON, a line each) with the column types of the check vectors, answer them with
`decide`, write a line for each case: [number, problem, [[outcome, status, value, rules, possible, ask] by decision]]."""

import json
import sys
import time
from decimal import Decimal

import duckdb


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def plain(value):
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) else value


def main():
    for job in json.load(open(sys.argv[1], encoding="utf-8")):
        connection = duckdb.connect()
        connection.execute(open(job["script"], encoding="utf-8").read())
        schema = quoted(job["name"])
        wrong = connection.execute(f'SELECT count(*) FROM {schema}."check"').fetchone()[0]
        columns = connection.execute(f"DESCRIBE {schema}.vectors").fetchall()
        kinds = {name: kind for name, kind, *_ in columns}
        if job["wide"]:
            kinds = {name: "DECIMAL(36,8)" if kind.startswith("DECIMAL") else kind for name, kind in kinds.items()}
        connection.execute(f"CREATE TABLE cases AS FROM read_json(?, format='newline_delimited', columns={json.dumps(kinds)})", [job["cases"]])
        parts = ["", ".status", ".rules", ".outcome", ".possible", ".ask"]
        wanted = [quoted(name + part) for name in job["decisions"] for part in parts]
        begin = time.time()
        wanted = ', '.join(['"check vector"', 'problem'] + wanted)
        answers = connection.execute(f"SELECT {wanted} FROM {schema}.decide('cases')")
        with open(job["out"], "w", encoding="utf-8") as out:
            out.write(json.dumps({"wrong": wrong}) + "\n")
            while rows := answers.fetchmany(10_000):
                for number, problem, *row in rows:
                    by_decision = []
                    for at in range(0, len(row), 6):
                        value, status, rules, outcome, possible, ask = row[at : at + 6]
                        by_decision.append([outcome, status, plain(value), rules, possible, ask])
                    out.write(json.dumps([number, problem, by_decision]) + "\n")
        print(f"{job['name']}: {time.time() - begin:.1f} s", file=sys.stderr)
    print(duckdb.__version__)


main()
