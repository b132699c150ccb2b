"""How fast a wheel answers: rows per second for each kind of frame, and the time of a single case.

Usage: speed.py MODULE [ROWS]. Half of the values of a column are those of the check vectors, half are anywhere in the input's domain.
"""

import importlib
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa


def draw(table: Any, at: int, rows: int, chance: np.random.Generator) -> tuple[str, Any]:
    """A column: for an enumeration names and codes, else whole numbers in steps, days or bits."""
    domain = table.inputs[at].domain
    seen = [next(iter(vector["values"][at].values())) for vector in table.vectors]
    if domain.kind == "set":
        return "set", np.array([[domain.members[m] for m in one["members"]] for one in seen], dtype=object)[
            chance.integers(0, len(seen), rows)
        ]
    seen = np.array(seen, dtype=np.int64)
    anywhere = chance.integers(domain.lo, domain.hi, rows, endpoint=True)
    return domain.kind, np.where(chance.random(rows) < 0.5, seen[chance.integers(0, len(seen), rows)], anywhere)


def best(what: str, rows: int, ask: Callable[[], Any], times: int = 3) -> None:
    """The best of some runs, in processor time: other work on the machine does not count."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        ask()
        taken.append(time.process_time() - begun)
    print(f"{what:42} {rows / min(taken) / 1e6:8.2f} M rows/s  ({min(taken) * 1e9 / rows:7.0f} ns a row)")


def main() -> None:
    module = importlib.import_module(sys.argv[1])
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    table, chance = module.TABLE, np.random.default_rng(7)
    numpy: dict[str, Any] = {}
    dictionaries: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    for at, one in enumerate(table.inputs):
        kind, values = draw(table, at, rows, chance)
        if kind == "enum":
            names = np.array(one.domain.members, dtype=object)
            texts[one.name] = pa.array(names[values], pa.string())
            dictionaries[one.name] = pa.DictionaryArray.from_arrays(pa.array(values, pa.int32()), list(one.domain.members))
            numpy[one.name] = names[values]
        elif kind == "bool":
            numpy[one.name] = values.astype(bool)
            texts[one.name] = dictionaries[one.name] = pa.array(numpy[one.name])
        elif kind == "date":
            numpy[one.name] = values.astype("datetime64[D]")
            texts[one.name] = dictionaries[one.name] = pa.array(values.astype(np.int32), pa.int32()).cast(pa.date32())
        elif kind == "number":
            # As decimals of 128 bits where there are steps smaller than one.
            steps = values * one.domain.mantissa
            if one.domain.scale:
                words = np.stack([steps, steps >> 63], axis=1)
                array = pa.Array.from_buffers(pa.decimal128(38, one.domain.scale), rows, [None, pa.py_buffer(np.ascontiguousarray(words))])
                numpy[one.name] = steps / 10.0**one.domain.scale
            else:
                array = pa.array(steps)
                numpy[one.name] = steps
            texts[one.name] = dictionaries[one.name] = array
        else:
            numpy[one.name] = values
            texts[one.name] = dictionaries[one.name] = pa.array(values.tolist(), pa.list_(pa.string()))
    arrow = pa.table(dictionaries)
    plain = pa.table(texts)
    frames = {
        "arrow, dictionary columns": arrow,
        "arrow, plain text": plain,
        "polars, categorical": pl.from_arrow(plain).with_columns(pl.col(pl.String).cast(pl.Categorical)),
        "polars, plain text": pl.from_arrow(plain),
        "pandas, categorical": arrow.to_pandas(types_mapper=lambda dtype: pd.ArrowDtype(dtype) if pa.types.is_decimal(dtype) else None),
        "pandas, plain text": plain.to_pandas(types_mapper=lambda dtype: pd.ArrowDtype(dtype) if pa.types.is_decimal(dtype) else None),
        "numpy, objects and floats": numpy,
    }
    module.outcomes_batch(arrow.slice(0, 10))
    print(f"{module.__name__}: {rows:,} rows, {len(table.inputs)} inputs, {len(table.decisions)} decisions")
    for name, frame in frames.items():
        best(f"{name}: decide_batch", rows, lambda frame=frame: module.decide_batch(frame))
        best(f"{name}: outcomes", rows, lambda frame=frame: module.outcomes_batch(frame))
    columns = plain.slice(0, 2000).to_pydict()
    cases = [dict(zip(columns, row)) for row in zip(*columns.values())]
    best("one case: decide", len(cases), lambda: [module.decide(case) for case in cases])
    best("one case: outcomes", len(cases), lambda: [module.outcomes(case) for case in cases])
    half = [{name: value for name, value in case.items() if hash(name + str(at)) % 4} for at, case in enumerate(cases)]
    best("one case, a quarter unknown", len(half), lambda: [module.decide(case) for case in half], 1)
    few = min(rows, 100_000)
    mask = chance.random(few) < 0.1
    name = next(one.name for one in table.inputs if one.domain.kind == "enum" and len(one.domain.members) > 20)
    column = pa.array(np.where(mask, None, np.array(plain.column(name).slice(0, few).to_pylist(), dtype=object)), pa.string())
    opened = plain.slice(0, few).set_column(plain.schema.names.index(name), name, column)
    best(f"arrow, {name} null in 10 %", few, lambda: module.decide_batch(opened), 1)


if __name__ == "__main__":
    main()
