"""Decides the first shipments of a Parquet file in the Python workers of Spark's local mode. Usage: on_spark.py PACKAGE.zip SHIPMENTS OUT
decide|pass COUNT

With `pass` the workers hand texts back that they were given, as many as there are answers: what Spark needs for the way there and back.
"""

import os
import pathlib
import sys
from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.functions import struct

PACKAGE = pathlib.Path(sys.argv[1])
DECIDES = sys.argv[4] == "decide"
NAME = PACKAGE.stem


def answered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    import importlib

    table = importlib.import_module(NAME)
    names = [*(one.name for one in table.TABLE.decisions), "because", "open", "ask"]
    for batch in batches:
        rows = pa.RecordBatch.from_struct_array(batch.column(0))
        if not DECIDES:
            given = [column for column in rows.columns if pa.types.is_string(column.type)]
            texts = [given[at % len(given)] for at in range(len(names))]
            yield pa.RecordBatch.from_arrays([rows.column("shipment"), *texts], names=["shipment", *names])
            continue
        answer = table.decide_batch(rows)
        texts = [answer.column(name).cast(pa.string()) for name in names]
        yield pa.RecordBatch.from_arrays([answer.column("shipment"), *texts], names=["shipment", *names])


def main() -> None:
    # Its workers are this Python, not the first one in the path.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = (
        SparkSession.builder.master("local[*]")
        .config("spark.driver.memory", "4g")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 32768)
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    spark.sparkContext.addPyFile(str(PACKAGE))
    sys.path.insert(0, str(PACKAGE))
    import importlib

    table = importlib.import_module(NAME)
    names = [*(one.name for one in table.TABLE.decisions), "because", "open", "ask"]
    shape = ", ".join(["shipment long", *(f"`{name}` string" for name in names)])
    rows = spark.read.parquet(sys.argv[2])
    rows = rows.filter(rows["shipment"] < int(sys.argv[5]))
    whole = struct(*(rows[f"`{name}`"] for name in rows.columns)).alias("whole")
    rows.select(whole).mapInArrow(answered, shape).write.mode("overwrite").parquet(sys.argv[3])


if __name__ == "__main__":
    main()
