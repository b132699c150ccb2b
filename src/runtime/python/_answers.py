"""A batch from end to end: sources of columns in, answers with a code for each row out. What differs is few: so each different answer is
put into words once.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Optional

import numpy as np
import numpy.typing as npt

from ._batch import Evaluation, evaluate
from ._columns import Bools, Column, Source, read
from ._errors import MissingColumns, UnsuitableData, WrongValue, WrongValues
from ._reading import Reader
from ._schema import Domain, Value
from ._table import ADDED, Table
from ._telling import Answer
from ._unknown import Points

__all__ = ["Batches", "Result", "Said", "Words"]

Codes = npt.NDArray[np.int32]
DENSE = 1 << 22


class Words(NamedTuple):
    """Texts with a code for each row."""

    name: str
    entries: list[str]
    codes: Codes
    """Below 0: nothing is said."""


class Said(NamedTuple):
    """What a decision says, with a code for each row."""

    name: str
    domain: Domain
    entries: list[Value]
    """Different values; of an enumeration all members in its order."""
    codes: Codes
    """Below 0: no value (open, a gap, a conflict, a wrong row)."""


class Result(NamedTuple):
    """The columns of an answer."""

    decisions: list[Said]
    words: list[Words]


class Batches:
    """Asks a table about many rows at once."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.evaluation = Evaluation(table)

    def columns(self, names: Sequence[Any], source: Any, rows: int) -> tuple[list[Column], list[WrongValue]]:
        """The inputs' columns. `source` gives the `Source` of a name."""
        table = self.table
        inputs = [one.name for one in table.inputs]
        table.look_at(names, not any(name in inputs for name in names))
        missing = [one.name for one, reader in zip(table.inputs, table.readers) if one.name not in names and reader.fixed is None]
        if missing:
            warnings.warn(f"no column for {', '.join(missing)}: unknown in every row", MissingColumns, stacklevel=_outside())
        columns: list[Column] = []
        wrong: list[tuple[int, int, WrongValue]] = []
        for at, (one, reader) in enumerate(zip(table.inputs, table.readers)):
            if one.name not in names:
                columns.append(_same(reader, rows))
                continue
            given: Source = source(one.name)
            column = read(reader, given)
            wrong.extend((row, at, WrongValue(row, one.name, value, misfit)) for row, value, misfit in column.wrong)
            columns.append(_fixed(reader, column, rows))
        wrong.sort(key=lambda entry: entry[:2])
        return columns, [entry[2] for entry in wrong]

    def points(self, names: Sequence[Any], source: Any, rows: int, errors: str) -> tuple[list[Points], list[WrongValue]]:
        """What each decision comes to."""
        columns, wrong = self.columns(names, source, rows)
        if wrong and errors == "raise":
            raise WrongValues(wrong)
        return evaluate(self.evaluation, columns, rows), wrong

    def answer(self, names: Sequence[Any], source: Any, rows: int, errors: str, because: str) -> Result:
        """The columns that an answer adds."""
        if errors not in ("raise", "column"):
            raise ValueError(f"errors={errors!r}: it is 'raise' or 'column'")
        if because not in ("all", "each"):
            raise ValueError(f"because={because!r}: it is 'all' or 'each'")
        taken = [name for name in names if name in self.added(errors, because)]
        if taken:
            help_ = f"rename it, for example to `expected_{taken[0]}`"
            raise UnsuitableData(f"the column `{taken[0]}` has the name of one that the answer adds; {help_}")
        points, wrong = self.points(names, source, rows, errors)
        bad: Optional[Bools] = None
        if wrong:
            bad = np.zeros(rows, dtype=np.bool_)
            bad[[one.row for one in wrong if one.row is not None]] = True
        decisions = [self._said(at, of, bad) for at, of in enumerate(points)]
        answers, codes = self._answers(points)
        words: list[Words] = []
        if because == "each":
            words.extend(self._each(at, of, bad) for at, of in enumerate(points))
        else:
            words.append(_words("because", [one.because for one in answers], codes, bad))
        words.append(_words("open", [one.open for one in answers], codes, bad))
        words.append(_words("ask", [one.ask for one in answers], codes, bad))
        if errors == "column":
            told: dict[int, list[str]] = {}
            for one in wrong:
                if one.row is not None:
                    told.setdefault(one.row, []).append(one.text())
            by_row = np.full(rows, -1, dtype=np.int32)
            texts: dict[str, int] = {}
            for row, all_ in told.items():
                by_row[row] = texts.setdefault("\n".join(all_), len(texts))
            words.append(Words("error", list(texts), by_row))
        return Result(decisions, words)

    def added(self, errors: str, because: str) -> list[str]:
        """The names of the columns that an answer adds."""
        names = list(self.table.names)
        carried = [f"{name}.because" for name in names] if because == "each" else ["because"]
        return [*names, *carried, *ADDED[1:], *(["error"] if errors == "column" else [])]

    def _outcomes(self, of: Points) -> list[Any]:
        """What the ids of a decision stand for: outcomes, then what is open."""
        return [*range(self.table.outcome_count), *of.opened]

    def _place(self, of: Points) -> npt.NDArray[Any]:
        """The ids as places in `_outcomes`."""
        return of.ids if not of.opened else np.where(of.ids < 0, self.table.outcome_count - 1 - of.ids, of.ids)

    def _met(self, of: Points, place: npt.NDArray[Any]) -> list[int]:
        """Which places there are."""
        seen = np.zeros(self.table.outcome_count + len(of.opened), dtype=np.bool_)
        seen[place] = True
        found: list[int] = np.flatnonzero(seen).tolist()
        return found

    def _said(self, at: int, of: Points, bad: Optional[Bools]) -> Said:
        decision, place = self.table.decisions[at], self._place(of)
        outcomes = self._outcomes(of)
        entries: list[Value] = list(decision.domain.members) if decision.domain.kind == "enum" else []
        numbers: dict[str, int] = {decision.domain.text(one): number for number, one in enumerate(entries)}
        codes = np.full(len(outcomes), -1, dtype=np.int32)
        for met in self._met(of, place):
            outcome = self.table.teller.settled(at, outcomes[met])
            if outcome is not None and outcome.text is not None:
                number = numbers.setdefault(outcome.text, len(entries))
                if number == len(entries):
                    value: Any = outcome.value
                    entries.append(value)
                codes[met] = number
        return Said(decision.name, decision.domain, entries, _blank(codes[place], bad))

    def _each(self, at: int, of: Points, bad: Optional[Bools]) -> Words:
        place, outcomes = self._place(of), self._outcomes(of)
        texts = [""] * len(outcomes)
        for met in self._met(of, place):
            outcome = self.table.teller.settled(at, outcomes[met])
            texts[met] = " ".join(outcome.rules) if outcome is not None else ""
        return _words(f"{self.table.decisions[at].name}.because", texts, place, bad)

    def _answers(self, points: Sequence[Points]) -> tuple[list[Answer], npt.NDArray[Any]]:
        """Each different row of points once, and which a row has."""
        rows = len(points[0].ids) if points else 0
        codes: npt.NDArray[Any] = np.zeros(rows, dtype=np.int64)
        different: list[tuple[int, ...]] = [()]
        for of in points:
            width = self.table.outcome_count + len(of.opened)
            key = codes * width + self._place(of)
            size = len(different) * width
            if size <= DENSE:
                seen = np.zeros(size, dtype=np.bool_)
                seen[key] = True
                met = np.flatnonzero(seen)
                numbers = np.zeros(size, dtype=np.int64)
                numbers[met] = np.arange(len(met))
                codes = numbers[key]
            else:
                met, codes = np.unique(key, return_inverse=True)
                codes = codes.reshape(-1)
            different = [(*different[one // width], one % width) for one in met.tolist()]
        outcomes = [self._outcomes(of) for of in points]
        tell = self.table.teller.tell
        return [tell([of[place] for of, place in zip(outcomes, row)]) for row in different], codes


def _outside() -> int:
    """How far up the caller of the package stands, to whom a warning is addressed."""
    level, at = 1, sys._getframe(1)
    while at.f_back is not None and at.f_globals.get("__package__") == __package__:
        level, at = level + 1, at.f_back
    return level


def _blank(codes: npt.NDArray[Any], bad: Optional[Bools]) -> Codes:
    found: Codes = codes.astype(np.int32, copy=False)
    return found if bad is None else np.where(bad, np.int32(-1), found)


def _words(name: str, texts: Sequence[str], codes: npt.NDArray[Any], bad: Optional[Bools]) -> Words:
    """Texts by code; an empty one is none."""
    numbers: dict[str, int] = {}
    by_code = np.array([numbers.setdefault(text, len(numbers)) if text else -1 for text in texts], dtype=np.int32)
    return Words(name, list(numbers), _blank(by_code[codes], bad))


def _same(reader: Reader, rows: int) -> Column:
    """An input without a column."""
    codes = np.zeros(rows, dtype=np.intp)
    if reader.fixed is not None:
        return Column(np.array([reader.fixed], dtype=np.int64), codes, None, ())
    width = (len(reader.domain.members) + 63) // 64
    values: npt.NDArray[Any] = np.zeros((1, width), np.uint64) if reader.domain.kind == "set" else np.zeros(1, np.int64)
    return Column(values, codes, np.ones(rows, dtype=np.bool_), ())


def _fixed(reader: Reader, column: Column, rows: int) -> Column:
    """What the table is built for need not be said in every row."""
    if reader.fixed is None or column.unknown is None:
        return column
    unknown = column.unknown
    marks: Optional[Bools] = None
    if column.wrong:
        marks = np.zeros(rows, dtype=np.bool_)
        marks[[row for row, _, _ in column.wrong]] = True
    if column.codes is None:
        return Column(np.where(unknown, reader.fixed, column.values), None, marks, column.wrong)
    values = np.append(column.values, np.int64(reader.fixed))
    return Column(values, np.where(unknown, len(values) - 1, column.codes), marks, column.wrong)


def rows_of(columns: Mapping[str, Any]) -> int:
    """How many rows a mapping of columns has."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise UnsuitableData(f"the columns are not of one length: {', '.join(f'{name} has {count}' for name, count in lengths.items())}")
    return next(iter(lengths.values()), 0)
