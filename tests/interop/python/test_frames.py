"""Every kind of frame, with every kind of column that its library has for a value, answered as the runtime answers."""

import datetime
import warnings
from decimal import Decimal
from typing import Any, Callable, Optional

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import Subject

Texts = list[Optional[str]]


def names(text: str) -> list[str]:
    return [name for name in text[1:-1].split(", ") if name]


def objects(kind: str, texts: Texts) -> list[Any]:
    """Values as Python has them."""
    made: dict[str, Callable[[str], Any]] = {
        "bool": lambda text: text == "true",
        "date": datetime.date.fromisoformat,
        "set": names,
        "number": Decimal,
        "enum": str,
    }
    return [None if text is None else made[kind](text) for text in texts]


def whole(texts: Texts) -> bool:
    return all(text is None or "." not in text for text in texts)


def short(texts: Texts) -> bool:
    return all(text is None or len(text.strip("-").replace(".", "")) <= 15 for text in texts)


def lists(subject: Subject) -> Any:
    """Lists of Python objects, and of texts for numbers."""
    return {
        name: texts if subject.kinds[name] == "number" else objects(subject.kinds[name], texts) for name, texts in subject.columns.items()
    }


def arrays(subject: Subject) -> Any:
    """Typed arrays of numpy where all is known, else arrays of objects; masked ones of whole numbers."""
    out: dict[str, Any] = {}
    for name, texts in subject.columns.items():
        kind, known = subject.kinds[name], None not in texts
        values = objects(kind, texts)
        if kind == "number" and whole(texts):
            held = [0 if value is None else int(value) for value in values]
            mask = [value is None for value in values]
            out[name] = np.array(held) if known else np.ma.MaskedArray(np.array(held), mask)
        elif kind == "number" and short(texts):
            out[name] = np.array([np.nan if value is None else float(value) for value in values])
        elif kind == "date":
            out[name] = np.array(values, dtype="datetime64[D]" if known else "datetime64[ns]")
        elif kind == "bool" and known:
            out[name] = np.array(values, dtype=bool)
        elif kind == "enum" and known:
            out[name] = np.array(texts)
        else:
            out[name] = np.empty(len(texts), dtype=object)
            out[name][:] = values
    return out


def pandas(subject: Subject) -> Any:
    """As people have it from CSV: texts, floats with NaN."""
    frame = {}
    for name, texts in subject.columns.items():
        kind = subject.kinds[name]
        if kind == "number" and short(texts):
            frame[name] = pd.Series([np.nan if text is None else float(text) for text in texts])
        elif kind == "date":
            frame[name] = pd.to_datetime(pd.Series(texts))
        elif kind == "bool":
            frame[name] = pd.Series(objects(kind, texts), dtype="boolean")
        else:
            frame[name] = pd.Series(texts)
    # An index that is not 0, 1, 2.
    return pd.DataFrame(frame).set_index(pd.Index(range(7, 7 + subject.rows)))


def pandas_typed(subject: Subject) -> Any:
    """Categories, nullable whole numbers, Arrow decimals, objects."""
    frame = {}
    for name, texts in subject.columns.items():
        kind, values = subject.kinds[name], objects(subject.kinds[name], texts)
        if kind == "enum":
            frame[name] = pd.Series(texts, dtype="category")
        elif kind == "number" and whole(texts):
            frame[name] = pd.Series(pd.array([None if value is None else int(value) for value in values], dtype="Int64"))
        elif kind == "number":
            frame[name] = pd.Series(values, dtype=pd.ArrowDtype(pa.decimal128(38, subject.scales[name])))
        else:
            frame[name] = pd.Series(values, dtype=object)
    return pd.DataFrame(frame)


def polars(subject: Subject) -> Any:
    """Texts, decimals, days, lists."""
    frame = []
    for name, texts in subject.columns.items():
        kind, values = subject.kinds[name], objects(subject.kinds[name], texts)
        if kind == "number":
            scale = subject.scales[name]
            padded = [None if value is None else Decimal(f"{value:.{scale}f}") for value in values]
            frame.append(pl.Series(name, padded, dtype=pl.Decimal(38, scale)))
        else:
            dtype = {"bool": pl.Boolean, "date": pl.Date, "set": pl.List(pl.String), "enum": pl.String}[kind]
            frame.append(pl.Series(name, values, dtype=dtype))
    return pl.DataFrame(frame)


def polars_typed(subject: Subject) -> Any:
    """Categories, whole numbers and floats, moments."""
    frame = []
    for name, texts in subject.columns.items():
        kind, values = subject.kinds[name], objects(subject.kinds[name], texts)
        if kind == "enum":
            frame.append(pl.Series(name, texts, dtype=pl.Categorical))
        elif kind == "number" and whole(texts):
            frame.append(pl.Series(name, [None if value is None else int(value) for value in values], dtype=pl.Int64))
        elif kind == "number" and short(texts):
            frame.append(pl.Series(name, [None if value is None else float(value) for value in values], dtype=pl.Float64))
        elif kind == "date":
            frame.append(pl.Series(name, values, dtype=pl.Date).cast(pl.Datetime("ms")))
        else:
            frame.append(pl.Series(name, texts, dtype=pl.String))
    return pl.DataFrame(frame)


def arrow(subject: Subject) -> Any:
    """Plain columns, in several chunks."""
    frame = {}
    for name, texts in subject.columns.items():
        kind, values = subject.kinds[name], objects(subject.kinds[name], texts)
        dtype = {
            "bool": pa.bool_(),
            "date": pa.date32(),
            "set": pa.list_(pa.string()),
            "enum": pa.string(),
            "number": pa.decimal128(38, subject.scales[name]),
        }[kind]
        cut = len(values) // 3
        frame[name] = pa.chunked_array([pa.array(values[:cut], dtype), pa.array([], dtype), pa.array(values[cut:], dtype)])
    return pa.table(frame)


def arrow_dictionaries(subject: Subject) -> Any:
    """Dictionaries, whole numbers and floats, moments with a zone; a part of a longer batch."""
    frame = {}
    for name, texts in subject.columns.items():
        kind, values = subject.kinds[name], objects(subject.kinds[name], texts)
        padded = [None, *values]
        if kind == "number" and whole(texts):
            array = pa.array([None if value is None else int(value) for value in padded], pa.int64())
        elif kind == "number" and short(texts):
            array = pa.array([None if value is None else float(value) for value in padded], pa.float64())
        elif kind == "number":
            array = pa.array([None, *texts], pa.string())
        elif kind == "date":
            array = pa.array(padded, pa.date32()).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
        elif kind == "set":
            array = pa.array(padded, pa.list_(pa.dictionary(pa.int32(), pa.string())))
        elif kind == "enum":
            array = pa.array(padded, pa.string()).dictionary_encode()
        else:
            array = pa.array(padded, pa.bool_())
        frame[name] = array
    return pa.RecordBatch.from_pydict(frame).slice(1)


FRAMES = [lists, arrays, pandas, pandas_typed, polars, polars_typed, arrow, arrow_dictionaries]


def said(column: Any) -> list[Optional[str]]:
    """A column of an answer as texts."""
    if isinstance(column, (pa.ChunkedArray, pa.Array)):
        values = column.to_pylist()
    elif isinstance(column, pl.Series):
        values = column.to_list()
    else:
        values = list(column)

    def text(value: Any) -> Optional[str]:
        if value is None or value is pd.NA or (isinstance(value, float) and value != value):
            return None
        if isinstance(value, (bool, np.bool_)):
            return "true" if value else "false"
        if isinstance(value, Decimal):
            shown = format(value, "f")
            return shown.rstrip("0").rstrip(".") if "." in shown else shown
        return str(value)

    return [text(value) for value in values]


@pytest.fixture(params=FRAMES, ids=lambda make: make.__name__)
def frame(request: Any, subject: Subject) -> Any:
    return request.param(subject)


def test_outcomes(subject: Subject, frame: Any) -> None:
    """The numbers of outcomes, and what is open."""
    found = subject.module.outcomes_batch(frame)
    for decision, expected in zip(subject.module.TABLE.decisions, subject.expected):
        points = found[decision.name]
        opened = [f"{','.join(map(str, one.possible))}/{one.ask[0] if one.ask else '-'}/{int(one.exact)}" for one in points.opened]
        fields = [str(number) if number >= 0 else opened[-1 - number] for number in points.ids.tolist()]
        wrong = [f"row {row}: expected {a}, found {b}" for row, (a, b) in enumerate(zip(expected, fields)) if a != b]
        assert len(fields) == len(expected)
        subject.report(f"{type(frame).__module__}, {decision.name}", wrong)


def test_answers(subject: Subject, frame: Any) -> None:
    """Values and rules, in the same kind of frame, behind its own columns."""
    answer = subject.module.decide_batch(frame, because="each")
    assert type(answer) is type(frame)
    arrow = isinstance(answer, (pa.Table, pa.RecordBatch))
    columns = answer.schema.names if arrow else list(answer) if isinstance(answer, dict) else list(answer.columns)
    decisions = [one.name for one in subject.module.TABLE.decisions]
    assert columns == [*subject.columns, *decisions, *(f"{name}.because" for name in decisions), "open", "ask"]
    if isinstance(frame, pd.DataFrame):
        assert answer.index.equals(frame.index)
    for name, expected, meanings in zip(decisions, subject.expected, subject.meanings):
        values, because = said(answer[name]), said(answer[f"{name}.because"])
        wrong = []
        for row, field in enumerate(expected):
            if field not in meanings:
                continue
            text, rules = meanings[field]
            text = None if text.startswith("(") else text
            if (values[row], because[row] or "") != (text, " ".join(rules)):
                wrong.append(f"row {row}: expected {text} by {rules}, found {values[row]} by {because[row]}")
        subject.report(f"{type(frame).__module__}, {name}", wrong)


def test_single_cases(subject: Subject) -> None:
    """One row in a hundred, asked alone, says what the batch says."""
    frame = lists(subject)
    batch = subject.module.decide_batch(frame)
    for row in range(0, subject.rows, 100):
        case = {name: values[row] for name, values in frame.items()}
        answer = subject.module.decide(case)
        told = subject.module.TABLE.answer(case)
        assert [batch[name][row] or "" for name in ("because", "open", "ask")] == [told.because, told.open, told.ask]
        for decision in subject.module.TABLE.decisions:
            value = answer.get(decision.name)
            expected = batch[decision.name][row]
            if isinstance(value, dict):
                assert expected is None
                assert f"{decision.name}: conflict of " in batch["open"][row]
            else:
                assert (decision.domain.text(value) if isinstance(value, list) else value) == expected


def test_missing_columns_are_warned_of(subject: Subject) -> None:
    """An input without a column is unknown in every row, which is said."""
    name = next(name for name in subject.columns if subject.kinds[name] != "date")
    rest = {other: texts[:50] for other, texts in subject.columns.items() if other != name}
    with pytest.warns(subject.module.MissingColumns, match=f"no column for {name}") as warned:
        found = subject.module.outcomes_batch(rest)
        subject.module.decide_batch(rest)
    assert [one.filename for one in warned] == [__file__, __file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected = subject.module.outcomes_batch({**rest, name: [None] * 50})
    for decision, points in found.items():
        assert points.ids.tolist() == expected[decision].ids.tolist()
        assert points.opened == expected[decision].opened


def test_check_vectors(subject: Subject) -> None:
    """The package knows its vectors."""
    assert subject.module.self_test() > 0
