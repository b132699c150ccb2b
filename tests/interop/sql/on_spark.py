"""Runs emitted SQL in Spark's local mode: `on_spark.py JOBS.json`. The same as `on_duckdb.py`, over the views of the script."""

import json
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql.types import DecimalType, StructField, StructType


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def session(folder):
    options = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.memory": "2g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": folder,
        "spark.local.dir": folder,
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def main():
    jobs = json.load(open(sys.argv[1], encoding="utf-8"))
    spark = session(jobs[0]["folder"])
    for job in jobs:
        text = open(job["script"], encoding="utf-8").read()
        statements = [statement for statement in text.split(";\n") if statement.strip()]
        name = job["name"]
        # What the answers read must be there first; the columns are those of the check vectors.
        vectors = next(s for s in statements if f"VIEW {quoted(name + '_vectors')} AS" in s)
        spark.sql(vectors)
        schema = spark.table(quoted(name + "_vectors")).schema
        if job["wide"]:
            wide = lambda kind: DecimalType(36, 8) if isinstance(kind, DecimalType) else kind
            schema = StructType([StructField(field.name, wide(field.dataType)) for field in schema])
        spark.read.schema(schema).json(job["cases"]).createOrReplaceTempView(f"{name}_input")
        for statement in statements:
            spark.sql(statement)
        wrong = spark.sql(f"SELECT * FROM {quoted(name + '_check')}").count()
        columns = ["`check vector`", "problem"]
        for decision, is_set in zip(job["decisions"], job["sets"]):
            part = lambda what: quoted(decision + what)
            value = part("") if is_set else f"CAST({part('')} AS STRING)"
            columns.append(
                f"to_json(named_struct('o', {part('.outcome')}, 's', {part('.status')}, 'v', {value}, 'r', {part('.rules')}, "
                f"'p', {part('.possible')}, 'a', {part('.ask')}))"
            )
        begin = time.time()
        rows = spark.sql(f"SELECT {', '.join(columns)} FROM {quoted(name)}").toLocalIterator()
        with open(job["out"], "w", encoding="utf-8") as out:
            out.write(json.dumps({"wrong": wrong}) + "\n")
            for number, problem, *row in rows:
                found = [json.loads(one) for one in row]
                out.write(json.dumps([number, problem, [[one.get(key) for key in "osvrpa"] for one in found]]) + "\n")
        print(f"{name}: {time.time() - begin:.1f} s", file=sys.stderr)
    print(spark.version)
    spark.stop()


main()
