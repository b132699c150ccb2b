"""Many rows at once, column by column. In: for each input a column of whole numbers. Out: for each decision the outcome of each row.

Rows in which all is known go through the fused steps of the table (`diagram::fuse`): the classes of a step's tests, read as digits, name a
combination, and state and combination name the next state. A column with a dictionary gives the digits of an entry once. The others follow
the diagram (`_unknown.py`). Rows are taken in stretches that stay in the processor's caches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Optional

import numpy as np
import numpy.typing as npt

from ._columns import Column
from ._diagram import NONE, AtLeastZero, Has, Interval, MemberTest, Open, Same
from ._table import Table
from ._unknown import Points, Walk
from ._wide import sign, sign_or_none

__all__ = ["Evaluation", "Points", "evaluate"]

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
STRETCH = 1 << 14
"""Rows that are taken at a time."""
COMPARED = 12
"""Up to so many thresholds are compared one by one, which is faster than a search."""
NEAR = 1 << 15
"""A look-up of up to so many entries is kept as 64-bit numbers, which numpy reads without converting them."""


class Prepared(NamedTuple):
    """A step, its tests by input."""

    tests: tuple[tuple[int, int], ...]
    """Test and stride."""
    columns: Optional[npt.NDArray[Any]]
    next: npt.NDArray[Any]


def _lookup(entries: Sequence[int]) -> npt.NDArray[Any]:
    return np.array(entries, dtype=np.int64 if len(entries) <= NEAR else np.int32)


class Evaluation:
    """A table, ready for batches."""

    def __init__(self, table: Table) -> None:
        self.table, self.diagram, self.tests = table, table.diagram, table.diagram.tests
        self.steps: Optional[list[tuple[list[Prepared], int]]] = None
        if table.steps is not None:
            self.steps = []
            for decision in table.steps:
                steps = [
                    Prepared(
                        tuple((test, stride) for test, stride in one["parts"]),
                        _lookup(one["columns"]) if one["columns"] else None,
                        _lookup(one["next"]),
                    )
                    for one in decision["steps"]
                ]
                self.steps.append((steps, decision["outcome"]))
        self.walk = Walk(table.diagram, len(table.inputs), table.outcome_count)
        self._maps: dict[int, Ints] = {}
        self._marks: dict[int, Ints] = {}

    def map(self, number: int) -> Ints:
        """The classes of a test, by member or interval."""
        known = self._maps.get(number)
        if known is None:
            test = self.tests[number]
            assert isinstance(test, (MemberTest, Interval))
            known = self._maps[number] = np.array(test.map, dtype=np.int64)
        return known

    def thresholds(self, number: int) -> Ints:
        """The thresholds of an interval."""
        known = self._marks.get(number)
        if known is None:
            test = self.tests[number]
            assert isinstance(test, Interval)
            known = self._marks[number] = np.array(test.thresholds, dtype=np.int64)
        return known

    def classes(self, number: int, values: npt.NDArray[Any]) -> Ints:
        """The classes of a test of one input, by value."""
        test = self.tests[number]
        if isinstance(test, MemberTest):
            found: Ints = self.map(number)[values]
            return found
        if isinstance(test, Interval):
            marks = self.thresholds(number)
            if len(marks) > COMPARED:
                rank: npt.NDArray[Any] = np.searchsorted(marks, values, side="right")
            else:
                count = np.zeros(len(values), dtype=np.int8)
                for mark in marks:
                    count += values >= mark
                rank = count.astype(np.intp)
            ranked: Ints = self.map(number)[rank]
            return ranked
        if isinstance(test, Has):
            word, bit = divmod(test.member, 64)
            bits: Ints = (values[:, word] >> np.uint64(bit) & np.uint64(1)).astype(np.int64)
            return bits
        return values.astype(np.int64, copy=False)


class Batch:
    """Some rows of a table's inputs."""

    def __init__(self, evaluation: Evaluation, columns: Sequence[Column], rows: int) -> None:
        self.evaluation, self.columns, self.rows = evaluation, columns, rows
        self._digits: dict[tuple[int, int], Ints] = {}

    def entry_classes(self, number: int, at: int) -> Ints:
        """Of a column with a dictionary: the class of each entry."""
        known = self._digits.get((number, at))
        if known is None:
            values = self.columns[at].values
            known = self._digits[number, at] = self.evaluation.classes(number, values)
        return known


class Stretch:
    """Some rows of a batch that are taken together: those of a slice, or those that an array names."""

    def __init__(self, batch: Batch, rows: Any, count: int) -> None:
        self.batch, self.at, self.rows = batch, rows, count
        self.evaluation, self.columns = batch.evaluation, batch.columns
        self._codes: dict[int, npt.NDArray[np.intp]] = {}
        self._values: dict[int, Ints] = {}
        self._classes: dict[int, Ints] = {}

    def codes(self, at: int) -> npt.NDArray[np.intp]:
        """By row the entry of a column's dictionary."""
        known = self._codes.get(at)
        if known is None:
            codes = self.columns[at].codes
            assert codes is not None
            known = self._codes[at] = codes[self.at]
        return known

    def values(self, at: int) -> Ints:
        """By row the value of an input."""
        known = self._values.get(at)
        if known is None:
            column = self.columns[at]
            known = column.values[self.at] if column.codes is None else column.values[self.codes(at)]
            self._values[at] = known
        return known

    def unknown(self, at: int) -> Bools:
        """By row whether an input is unknown."""
        unknown = self.columns[at].unknown
        return np.zeros(self.rows, dtype=np.bool_) if unknown is None else unknown[self.at]

    def classes(self, number: int) -> Ints:
        """By row the class of a test, of which all is known."""
        known = self._classes.get(number)
        if known is None:
            test = self.evaluation.tests[number]
            if isinstance(test, AtLeastZero):
                known = sign(test, self.values, self.rows).astype(np.int64)
            elif isinstance(test, Same):
                known = (self.values(test.inputs[0]) == self.values(test.inputs[1])).astype(np.int64)
            elif self.columns[test.inputs[0]].codes is not None:
                known = self.batch.entry_classes(number, test.inputs[0])[self.codes(test.inputs[0])]
            else:
                known = self.evaluation.classes(number, self.values(test.inputs[0]))
            self._classes[number] = known
        return known

    def classes_or_none(self, number: int) -> Ints:
        """By row the class of a test, or `NONE`."""
        test = self.evaluation.tests[number]
        if isinstance(test, AtLeastZero):
            return sign_or_none(test, self.values, self.unknown, self.rows)
        found = self.classes(number)
        if not (isinstance(test, MemberTest) and test.classes == 1):
            for at in test.inputs:
                if self.columns[at].unknown is not None:
                    found = np.where(self.unknown(at), NONE, found)
        elif self.columns[test.inputs[0]].unknown is not None:
            found = np.where(self.unknown(test.inputs[0]), 0, found)
        return found

    def all_classes(self) -> Ints:
        """By test and row the class, or `NONE`; only of tests that some decision has."""
        classes = np.zeros((len(self.evaluation.tests), self.rows), dtype=np.int64)
        for number in self.evaluation.walk.tests:
            classes[number] = self.classes_or_none(number)
        return classes

    def all_unknown(self) -> Bools:
        """By input and row whether it is unknown."""
        return np.array([self.unknown(at) for at in range(len(self.columns))])

    def settled(self, decision: int) -> npt.NDArray[Any]:
        """The outcomes, by the fused steps; all is known."""
        assert self.evaluation.steps is not None
        steps, outcome = self.evaluation.steps[decision]
        state: Optional[npt.NDArray[Any]] = None
        for step in steps:
            combination = self.combination(decision, step)
            column = combination if step.columns is None else step.columns[combination]
            state = step.next[column if state is None else state + column]
        return np.full(self.rows, outcome) if state is None else state

    def combination(self, decision: int, step: Prepared) -> Ints:
        """The classes of a step's tests, read as digits. Those of one dictionary are added up by entry first."""
        total: Optional[Ints] = None
        joined: dict[int, Ints] = {}
        for number, stride in step.tests:
            test = self.evaluation.tests[number]
            at = test.inputs[0] if test.inputs else -1
            single = not isinstance(test, (AtLeastZero, Same))
            if single and self.columns[at].codes is not None:
                digits = self.batch.entry_classes(number, at)
                digits = digits if stride == 1 else digits * stride
                joined[at] = joined[at] + digits if at in joined else digits
                continue
            digits = self.classes(number)
            digits = digits if stride == 1 else digits * stride
            total = digits if total is None else total + digits
        for at, digits in joined.items():
            by_row = digits[self.codes(at)]
            total = by_row if total is None else total + by_row
        return np.zeros(self.rows, dtype=np.int64) if total is None else total


def evaluate(evaluation: Evaluation, columns: Sequence[Column], rows: int) -> list[Points]:
    """What each decision comes to in each row."""
    decisions = range(len(evaluation.table.decisions))
    batch = Batch(evaluation, columns, rows)
    marks: Optional[Bools] = None
    for column in columns:
        if column.unknown is not None:
            marks = column.unknown if marks is None else marks | column.unknown
    found = [Points(np.empty(rows, dtype=np.int32), []) for _ in decisions]
    if evaluation.steps is None:
        marks = np.ones(rows, dtype=np.bool_)
    known: Any = None if marks is None else np.flatnonzero(~marks)
    count = rows if marks is None else len(known)
    for start in range(0, count, STRETCH):
        end = min(start + STRETCH, count)
        place: Any = slice(start, end) if known is None else known[start:end]
        stretch = Stretch(batch, place, end - start)
        for decision in decisions:
            found[decision].ids[place] = stretch.settled(decision)
    if marks is not None and count < rows:
        rest = np.flatnonzero(marks)
        numbers: list[dict[Open, int]] = [{} for _ in decisions]
        for start in range(0, len(rest), STRETCH):
            place = rest[start : start + STRETCH]
            stretch = Stretch(batch, place, len(place))
            classes, unknown = stretch.all_classes(), stretch.all_unknown()
            for decision in decisions:
                points = evaluation.walk.follow(decision, classes, unknown)
                found[decision].ids[place] = _joined(points, found[decision].opened, numbers[decision])
    return found


def _joined(points: Points, opened: list[Open], numbers: dict[Open, int]) -> npt.NDArray[np.int32]:
    """The ids of a stretch, with the numbers of what is open in the whole batch."""
    if not points.opened:
        return points.ids
    places = []
    for one in points.opened:
        number = numbers.setdefault(one, len(opened))
        if number == len(opened):
            opened.append(one)
        places.append(-1 - number)
    by_id = np.array(places, dtype=np.int32)
    ids = points.ids
    return np.where(ids < 0, by_id[np.where(ids < 0, -1 - ids, 0)], ids)
