"""The package inside Spark's workers: shipped with addPyFile, run over the partitions of a DataFrame by mapInArrow, and as a pandas UDF.

Usage: workers.py WHEEL FOLDER. FOLDER is that of `conftest.py`. A disagreement is a line on standard output; then come the word `done` and
the number of rows that were compared.
"""

import importlib.util
import json
import pathlib
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.functions import pandas_udf, struct

MODULE = ""


def by_arrow(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """For each batch the rows' numbers, and the answer's columns as plain text."""
    import importlib

    table = importlib.import_module(MODULE)
    names = [one.name for one in table.TABLE.decisions]
    for batch in batches:
        # One column has them all: mapInArrow takes no names with points.
        answer = table.decide_batch(pa.RecordBatch.from_struct_array(batch.column(0)), because="each")
        columns = [answer.column("row"), *(answer.column(name).cast(pa.string()) for name in names)]
        columns += [answer.column(f"{name}.because").cast(pa.string()) for name in names]
        yield pa.RecordBatch.from_arrays(columns, names=["row", *names, *(f"{name}.because" for name in names)])


def by_pandas(rows: pd.DataFrame) -> pd.Series:
    """The numbers of the outcomes, with commas; `?` where the decision is open."""
    import importlib

    table = importlib.import_module(MODULE)
    points = table.outcomes_batch(rows)
    columns = [["?" if number < 0 else str(number) for number in points[one.name].ids.tolist()] for one in table.TABLE.decisions]
    return pd.Series([",".join(row) for row in zip(*columns)])


def main() -> int:
    wheel, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    global MODULE
    MODULE = (folder / "module").read_text().strip()
    # Spark puts a zip on the path of its workers; a wheel is one.
    package = folder / f"{MODULE}.zip"
    shutil.copy(wheel, package)
    assert importlib.util.find_spec(MODULE) is None, "the workers would find the package without being given it"
    inputs = json.loads((folder / "inputs.json").read_text())
    with (folder / "cases.ndjson").open(encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    expected = [line.split() for line in (folder / "expected.txt").read_text().splitlines()]
    meanings = json.loads((folder / "meanings.json").read_text())
    columns: dict[str, Any] = {"row": pa.array(range(len(cases)), pa.int64())}
    for at, (name, kind, scale, _) in enumerate(inputs):
        texts = pa.array([case[at] for case in cases], pa.string())
        if kind == "bool":
            columns[name] = texts.cast(pa.bool_())
        elif kind == "date":
            columns[name] = texts.cast(pa.date32())
        elif kind == "number":
            columns[name] = texts.cast(pa.decimal128(38, scale))
        else:
            columns[name] = texts
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "4000")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    spark.sparkContext.addPyFile(str(package))
    frame = spark.createDataFrame(pa.table(columns)).repartition(3)
    decisions = list(range(len(meanings)))
    names = [name for name, _ in zip_names(package)]
    fields = ", ".join(f"`{name}` string" for name in [*names, *(f"{name}.because" for name in names)])
    wrong: list[str] = []
    whole = struct(*(frame[f"`{name}`"] for name in frame.columns)).alias("whole")
    answered = frame.select(whole).mapInArrow(by_arrow, f"row long, {fields}").toArrow().to_pydict()
    assert sorted(answered["row"]) == list(range(len(cases)))
    for place, row in enumerate(answered["row"]):
        for decision in decisions:
            field = expected[row][decision]
            if field not in meanings[decision]:
                continue
            text, rules = meanings[decision][field]
            value, because = answered[names[decision]][place], answered[f"{names[decision]}.because"][place] or ""
            if value is not None and "." in value:
                # Decimals are written with all their places.
                value = value.rstrip("0").rstrip(".") if value.replace(".", "").lstrip("-").isdigit() else value
            if (value, because) != (None if text.startswith("(") else text, " ".join(rules)):
                wrong.append(f"mapInArrow, row {row}: expected {text} by {rules}, found {value} by {because}")
    numbers = pandas_udf(by_pandas, "string")
    answered = frame.select("row", numbers(struct(*(frame[f"`{name}`"] for name, *_ in inputs))).alias("numbers")).toArrow().to_pydict()
    assert sorted(answered["row"]) == list(range(len(cases)))
    for row, found in zip(answered["row"], answered["numbers"]):
        fields_ = ["?" if "/" in field else field for field in expected[row]]
        if found.split(",") != fields_:
            wrong.append(f"pandas_udf, row {row}: expected {fields_}, found {found}")
    spark.stop()
    print("".join(f"{one}\n" for one in wrong) + f"done {len(cases)}")
    return 0


def zip_names(package: pathlib.Path) -> list[tuple[str, str]]:
    """The decisions of the package; read without importing it here."""
    import zipfile

    with zipfile.ZipFile(package) as archive:
        table = json.loads(archive.read(f"{MODULE}/table.json"))["table"]
    return [(one["name"], one["title"]) for one in table["decisions"]]


if __name__ == "__main__":
    sys.exit(main())
