"""Frames of other libraries in and out. In: a pandas or polars DataFrame, a pyarrow Table or RecordBatch, a mapping of arrays. Out: one of
the same kind with the columns of the answer behind its own. No library is imported that the caller has not imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from ._answers import Batches, Result, Said, rows_of
from ._columns import Bools, Source
from ._sources import arrow_source, numpy_source, pandas_source, polars_source

__all__ = ["Frame", "frame"]


class Frame:
    """A frame of a kind."""

    def __init__(self, given: Any) -> None:
        self.given = given

    def names(self) -> list[Any]:
        """The names of its columns."""
        raise NotImplementedError

    def rows(self) -> int:
        """How many rows it has."""
        raise NotImplementedError

    def source(self, name: str) -> Source:
        """A column of it."""
        raise NotImplementedError

    def with_answer(self, result: Result) -> Any:
        """It, with the columns of an answer."""
        raise NotImplementedError

    def answer(self, batches: Batches, errors: str, because: str) -> Any:
        """The frame that `decide_batch` gives."""
        names = self.names()
        return self.with_answer(batches.answer(names, self.source, self.rows(), errors, because))


def frame(given: Any) -> Frame:
    """Recognises a frame by where its type comes from."""
    home, kind = type(given).__module__.partition(".")[0], type(given).__name__
    if home == "pandas" and kind == "DataFrame":
        return Pandas(given)
    if home == "polars" and kind == "DataFrame":
        return Polars(given)
    if home == "polars" and kind == "LazyFrame":
        raise TypeError("a polars LazyFrame has no rows yet: collect() it first, or ask batch by batch in map_batches")
    if home == "pyarrow" and kind in ("Table", "RecordBatch"):
        return Arrow(given)
    if isinstance(given, Mapping):
        return Arrays(given)
    # Subclasses, as of geopandas.
    for base in type(given).__mro__:
        if (base.__module__.partition(".")[0], base.__name__) == ("pandas", "DataFrame"):
            return Pandas(given)
    raise TypeError(
        f"a {type(given).__module__}.{kind} is no frame; give a pandas or polars DataFrame, a pyarrow Table or RecordBatch, or a "
        "dict of arrays"
    )


def _gathered(entries: Sequence[Any], codes: npt.NDArray[np.int32]) -> npt.NDArray[Any]:
    """Python objects by code."""
    objects = np.empty(len(entries) + 1, dtype=object)
    for at, entry in enumerate(entries):
        objects[at] = entry
    return objects[codes]


def _integers(said: Said) -> tuple[npt.NDArray[np.int64], Bools]:
    """Whole numbers by row, and which rows have none."""
    entries = np.array([*cast("list[int]", said.entries), 0], dtype=np.int64)
    return entries[said.codes], said.codes < 0


def _texts(said: Said) -> list[str]:
    return [said.domain.text(one) for one in said.entries]


class Arrays(Frame):
    """A mapping of names to arrays or lists."""

    def names(self) -> list[Any]:
        return list(self.given)

    def rows(self) -> int:
        return rows_of(self.given)

    def source(self, name: str) -> Source:
        return numpy_source(self.given[name])

    def with_answer(self, result: Result) -> dict[str, Any]:
        out: dict[str, Any] = dict(self.given)
        for said in result.decisions:
            entries = _texts(said) if said.domain.kind == "set" else said.entries
            out[said.name] = _gathered(entries, said.codes)
        for words in result.words:
            out[words.name] = _gathered(words.entries, words.codes)
        return out


class Pandas(Frame):
    """A pandas DataFrame."""

    def names(self) -> list[Any]:
        names = list(self.given.columns)
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise TypeError(f"the column `{twice}` stands twice")
        return names

    def rows(self) -> int:
        return len(self.given)

    def source(self, name: str) -> Source:
        return pandas_source(self.given[name])

    def with_answer(self, result: Result) -> Any:
        import pandas

        added: dict[str, Any] = {}
        for said in result.decisions:
            kind = said.domain.kind
            if kind in ("enum", "set"):
                ordered = said.domain.enumeration is not None and said.domain.enumeration.ordered and kind == "enum"
                added[said.name] = pandas.Categorical.from_codes(said.codes, categories=_texts(said), ordered=ordered)
            elif kind == "bool":
                values, absent = _integers(said)
                added[said.name] = pandas.arrays.BooleanArray(values.astype(np.bool_), absent)
            elif kind == "number" and said.domain.whole:
                values, absent = _integers(said)
                added[said.name] = pandas.arrays.IntegerArray(values, absent)
            elif kind == "date":
                added[said.name] = pandas.to_datetime(_gathered([str(one) for one in said.entries], said.codes))
            else:
                added[said.name] = _gathered(said.entries, said.codes)
        for words in result.words:
            added[words.name] = pandas.Categorical.from_codes(words.codes, categories=words.entries)
        return pandas.concat([self.given, pandas.DataFrame(added, index=self.given.index)], axis=1)


class Polars(Frame):
    """A polars DataFrame."""

    def names(self) -> list[Any]:
        return list(self.given.columns)

    def rows(self) -> int:
        return int(self.given.height)

    def source(self, name: str) -> Source:
        return polars_source(self.given.get_column(name))

    def with_answer(self, result: Result) -> Any:
        import polars

        added = []
        for said in result.decisions:
            kind = said.domain.kind
            if kind in ("enum", "set"):
                dtype: Any = polars.Enum(list(said.domain.members)) if kind == "enum" else polars.Categorical
                added.append(_series(polars, said.name, _texts(said), said.codes, dtype))
            elif kind == "number" and not said.domain.whole:
                # Each with all its places: older versions take no others beside the first.
                places = [Decimal(format(one, f".{said.domain.scale}f")) for one in said.entries if isinstance(one, Decimal)]
                added.append(_series(polars, said.name, places, said.codes, polars.Decimal(38, said.domain.scale)))
            else:
                dtype = {"bool": polars.Boolean, "number": polars.Int64, "date": polars.Date}[kind]
                added.append(_series(polars, said.name, said.entries, said.codes, dtype))
        added.extend(_series(polars, one.name, one.entries, one.codes, polars.Categorical) for one in result.words)
        return self.given.with_columns(added)


def _series(polars: Any, name: str, entries: Sequence[Any], codes: npt.NDArray[np.int32], dtype: Any) -> Any:
    places = np.where(codes < 0, len(entries), codes).astype(np.uint32)
    return polars.Series(name, [*entries, None], dtype=dtype).gather(polars.Series(places))


class Arrow(Frame):
    """A pyarrow Table or RecordBatch."""

    def names(self) -> list[Any]:
        names: list[Any] = self.given.schema.names
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise TypeError(f"the column `{twice}` stands twice")
        return names

    def rows(self) -> int:
        return int(self.given.num_rows)

    def source(self, name: str) -> Source:
        return arrow_source(self.given.column(name))

    def with_answer(self, result: Result) -> Any:
        import pyarrow

        names, arrays = [*self.given.schema.names], [*self.given.columns]
        for said in result.decisions:
            kind = said.domain.kind
            names.append(said.name)
            if kind in ("enum", "set"):
                ordered = said.domain.enumeration is not None and said.domain.enumeration.ordered and kind == "enum"
                arrays.append(_dictionary(pyarrow, _texts(said), said.codes, ordered))
                continue
            types = {"bool": pyarrow.bool_(), "date": pyarrow.date32(), "number": pyarrow.int64()}
            dtype = types[kind] if kind != "number" or said.domain.whole else pyarrow.decimal128(38, said.domain.scale)
            places = pyarrow.array(said.codes, mask=said.codes < 0)
            arrays.append(pyarrow.array(said.entries, type=dtype).take(places))
        for words in result.words:
            names.append(words.name)
            arrays.append(_dictionary(pyarrow, words.entries, words.codes, False))
        fields = [*self.given.schema]
        fields += [pyarrow.field(name, array.type) for name, array in zip(names[len(fields) :], arrays[len(fields) :])]
        schema = pyarrow.schema(fields, metadata=self.given.schema.metadata)
        return type(self.given).from_arrays(arrays, schema=schema)


def _dictionary(pyarrow: Any, entries: Sequence[str], codes: npt.NDArray[np.int32], ordered: bool) -> Any:
    places = pyarrow.array(codes, mask=codes < 0)
    return pyarrow.DictionaryArray.from_arrays(places, pyarrow.array(list(entries), type=pyarrow.string()), ordered=ordered)
