"""Columns of many rows to the whole numbers that the diagram knows.

In: a source: distinct values with a code for each row, whole numbers with a decimal scale, floats, days, Booleans, lists. Out: a `Column`,
and every value that does not fit. What a dictionary has is read once for each entry, whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import gcd
from typing import Any, NamedTuple, Optional, Union

import numpy as np
import numpy.typing as npt

from ._errors import Misfit
from ._reading import Reader
from ._schema import day_text

__all__ = ["Column", "Days", "Distinct", "Flags", "Floats", "Integers", "Lists", "Source", "distinct", "read"]

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
SMALL = 1 << 16
"""A domain of so many values is looked up directly."""


class Distinct(NamedTuple):
    """Values and, by row, which; a code below 0: null."""

    entries: Sequence[Any]
    codes: npt.NDArray[Any]


class Integers(NamedTuple):
    """Whole numbers that stand for `value × 10^-scale`."""

    values: npt.NDArray[Any]
    nulls: Optional[Bools]
    scale: int = 0


class Floats(NamedTuple):
    """Binary floating point, taken as the shortest decimals that read back."""

    values: npt.NDArray[Any]
    nulls: Optional[Bools]


class Days(NamedTuple):
    """Days since 1970-01-01; `late` tells the rows that have a time of day beside."""

    values: Ints
    nulls: Optional[Bools]
    late: Optional[Bools] = None


class Flags(NamedTuple):
    """Booleans."""

    values: Bools
    nulls: Optional[Bools]


class Lists(NamedTuple):
    """Lists of distinct values, one after the other: of row `r` those from `offsets[r]` up to `offsets[r + 1]`."""

    items: Distinct
    offsets: Ints
    nulls: Optional[Bools]


Source = Union[Distinct, Integers, Floats, Days, Flags, Lists]


class Column(NamedTuple):
    """The values of an input: by row, or by entry with the entry of each row."""

    values: npt.NDArray[Any]
    """Whole numbers; of a set `uint64` words, a row for each entry."""
    codes: Optional[npt.NDArray[np.intp]]
    unknown: Optional[Bools]
    """By row; `None` if all is known."""
    wrong: Sequence[tuple[int, object, Misfit]]
    """Row, value and reason of what does not fit."""


def distinct(values: Sequence[Any]) -> Distinct:
    """Each different Python object once. What is equal but of another type is kept apart: `True` is not `1`."""
    kinds = set(map(type, values))
    kinds.discard(type(None))
    numbers: dict[Any, int] = {}
    try:
        if len(kinds) <= 1:
            for value in dict.fromkeys(values):
                numbers[value] = len(numbers)
            codes = np.fromiter(map(numbers.__getitem__, values), dtype=np.intp, count=len(values))
            return Distinct(list(numbers), codes)
        keys = [(type(value), value) for value in values]
        for key in dict.fromkeys(keys):
            numbers[key] = len(numbers)
        codes = np.fromiter(map(numbers.__getitem__, keys), dtype=np.intp, count=len(values))
        return Distinct([value for _, value in numbers], codes)
    except TypeError:
        # Lists cannot be looked up; their text can.
        texts = [(type(value), repr(value)) for value in values]
        entries: list[Any] = []
        for value, key in zip(values, texts):
            if key not in numbers:
                numbers[key] = len(numbers)
                entries.append(value)
        return Distinct(entries, np.fromiter((numbers[key] for key in texts), dtype=np.intp, count=len(values)))


def read(reader: Reader, source: Source) -> Column:
    """The column of an input."""
    kind = reader.domain.kind
    if isinstance(source, Distinct):
        return _entries(reader, source)
    if isinstance(source, Lists):
        if kind == "set":
            return _sets(reader, source)
        return _entries(reader, _rows(source))
    if isinstance(source, Flags) and kind == "bool":
        return Column(np.array([0, 1]), source.values.astype(np.intp), _unknown(source.nulls), ())
    if isinstance(source, Days) and kind == "date":
        return _days(reader, source)
    if kind == "number":
        if isinstance(source, Floats):
            return _floats(reader, source)
        if isinstance(source, Integers):
            return _integers(reader, source)
    return _entries(reader, _as_distinct(source))


def _unknown(nulls: Optional[Bools], more: Optional[Bools] = None) -> Optional[Bools]:
    """What is unknown by row, `None` for nothing."""
    both = more if nulls is None else nulls if more is None else nulls | more
    return both if both is not None and both.any() else None


def _rows(source: Lists) -> Distinct:
    """Lists as Python objects."""
    items, offsets = source.items, source.offsets
    entries = [None if code < 0 else items.entries[code] for code in items.codes.tolist()]
    rows: list[Any] = [entries[a:b] for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist())]
    if source.nulls is not None:
        for row in np.flatnonzero(source.nulls).tolist():
            rows[row] = None
    return distinct(rows)


def _as_distinct(source: Union[Integers, Floats, Days, Flags]) -> Distinct:
    """Typed values for an input of another kind: its reader says what it makes of each."""
    values: npt.NDArray[Any] = source.values
    if isinstance(source, Integers) and source.scale:
        found = distinct([_decimal(int(value), source.scale) for value in values.tolist()])
    else:
        entries, codes = np.unique(values, return_inverse=True)
        listed: list[Any] = entries.tolist()
        if isinstance(source, Days):
            listed = [day_text(day) for day in listed]
        found = Distinct(listed, codes.astype(np.intp).reshape(-1))
    if source.nulls is not None:
        found = Distinct(found.entries, np.where(source.nulls, -1, found.codes))
    return found


def _decimal(value: int, scale: int) -> Decimal:
    return Decimal((int(value < 0), tuple(map(int, str(abs(value)))), -scale))


def _entries(reader: Reader, source: Distinct) -> Column:
    count = len(source.entries)
    codes = source.codes.astype(np.intp, copy=False)
    absent = codes < 0
    width = _words(reader)
    found: npt.NDArray[Any] = np.zeros((count + 1, width), np.uint64) if width else np.zeros(count + 1, np.int64)
    missing = np.zeros(count + 1, dtype=np.bool_)
    missing[count] = True
    wrong: list[tuple[int, object, Misfit]] = []
    bad: dict[int, Misfit] = {}
    for at, entry in enumerate(source.entries):
        try:
            value = reader.read(entry)
        except Misfit as misfit:
            bad[at], missing[at] = misfit, True
            continue
        if value is None:
            missing[at] = True
        elif width:
            found[at] = [value >> 64 * word & 0xFFFF_FFFF_FFFF_FFFF for word in range(width)]
        else:
            found[at] = value
    if absent.any():
        codes = np.where(absent, count, codes)
    if bad:
        marks = np.zeros(count + 1, dtype=np.bool_)
        marks[list(bad)] = True
        for row in np.flatnonzero(marks[codes]).tolist():
            at = int(codes[row])
            wrong.append((row, source.entries[at], bad[at]))
    unknown = missing[codes] if missing[:count].any() or absent.any() else None
    return Column(found, codes, unknown, wrong)


def _words(reader: Reader) -> int:
    """How many words of 64 bits a set has; 0 for what is no set."""
    return (len(reader.domain.members) + 63) // 64 if reader.domain.kind == "set" else 0


def _sets(reader: Reader, source: Lists) -> Column:
    width = _words(reader)
    bits: list[int] = []
    bad: dict[int, Misfit] = {}
    for at, entry in enumerate([*source.items.entries, None]):
        try:
            bits.append(reader.read([entry]) or 0)
        except Misfit as misfit:
            bits.append(0)
            bad[at] = misfit
    rows = len(source.offsets) - 1
    lengths = np.diff(source.offsets)
    owner = np.repeat(np.arange(rows), lengths)
    start = int(source.offsets[0]) if rows else 0
    codes = source.items.codes[start : start + len(owner)].astype(np.intp, copy=False)
    codes = np.where(codes < 0, len(bits) - 1, codes)
    found = np.zeros((rows, width), dtype=np.uint64)
    for word in range(width):
        masks = np.array([one >> 64 * word & 0xFFFF_FFFF_FFFF_FFFF for one in bits], dtype=np.uint64)
        np.bitwise_or.at(found[:, word], owner, masks[codes])
    wrong: list[tuple[int, object, Misfit]] = []
    if bad:
        marks = np.zeros(len(bits), dtype=np.bool_)
        marks[list(bad)] = True
        said: set[int] = set()
        for item in np.flatnonzero(marks[codes]).tolist():
            row = int(owner[item])
            if row not in said and (source.nulls is None or not source.nulls[row]):
                said.add(row)
                at = int(codes[item])
                wrong.append((row, source.items.entries[at] if at < len(source.items.entries) else None, bad[at]))
    unknown = _unknown(source.nulls, _marks(rows, wrong))
    return Column(found, None, unknown, wrong)


def _marks(rows: int, wrong: Sequence[tuple[int, object, Misfit]]) -> Optional[Bools]:
    if not wrong:
        return None
    marks = np.zeros(rows, dtype=np.bool_)
    marks[[row for row, _, _ in wrong]] = True
    return marks


def _direct(reader: Reader, values: Ints, unknown: Optional[Bools], wrong: Sequence[tuple[int, object, Misfit]]) -> Column:
    """Values that are known to lie in the domain, where they are not unknown."""
    lo, hi = reader.domain.lo, reader.domain.hi
    if unknown is not None:
        values = np.where(unknown, lo, values)
    if hi - lo < SMALL:
        return Column(np.arange(lo, hi + 1, dtype=np.int64), (values - lo).astype(np.intp, copy=False), unknown, wrong)
    return Column(values, None, unknown, wrong)


def _refused(reader: Reader, rows: Bools, given: Any) -> list[tuple[int, object, Misfit]]:
    """Asks the reader about single rows, to hear what is wrong with them."""
    wrong: list[tuple[int, object, Misfit]] = []
    for row in np.flatnonzero(rows).tolist():
        value = given(row)
        try:
            reader.read(value)
        except Misfit as misfit:
            wrong.append((row, value, misfit))
        else:
            raise AssertionError(f"{value!r} is read in one way alone and in another in a column")
    return wrong


def _days(reader: Reader, source: Days) -> Column:
    lo, hi = reader.domain.lo, reader.domain.hi
    bad = (source.values < lo) | (source.values > hi)
    if source.late is not None:
        bad |= source.late
    if source.nulls is not None:
        bad &= ~source.nulls
    wrong: list[tuple[int, object, Misfit]] = []
    if bad.any():
        late = source.late if source.late is not None else np.zeros(len(bad), dtype=np.bool_)

        def given(row: int) -> str:
            return day_text(int(source.values[row])) + (" with a time of day" if late[row] else "")

        wrong = _refused(reader, bad, given)
    return _direct(reader, source.values, _unknown(source.nulls, bad if wrong else None), wrong)


def _integers(reader: Reader, source: Integers) -> Column:
    """`value × 10^-scale` units are `value × up / down` steps."""
    domain = reader.domain
    up, down = 10**domain.scale, domain.mantissa * 10**source.scale
    common = gcd(up, down)
    up, down = up // common, down // common
    # Beyond these bounds a value is beyond the domain, and within them nothing overflows.
    limits = np.iinfo(source.values.dtype)
    least, most = -(-domain.lo * down // up), domain.hi * down // up
    bad = np.zeros(len(source.values), dtype=np.bool_)
    if least > limits.min:
        bad |= source.values < min(least, limits.max)
        if least > limits.max:
            bad[:] = True
    if most < limits.max:
        bad |= source.values > max(most, limits.min)
        if most < limits.min:
            bad[:] = True
    values = source.values
    if down > limits.max:
        bad |= values != 0
    elif down > 1:
        bad |= values % values.dtype.type(down) != 0
    if source.nulls is not None:
        bad &= ~source.nulls
    wrong: list[tuple[int, object, Misfit]] = []
    if bad.any():

        def given(row: int) -> object:
            value = int(source.values[row])
            return _decimal(value, source.scale) if source.scale else value

        wrong = _refused(reader, bad, given)
    blank = _unknown(source.nulls, bad if wrong else None)
    values = np.where(blank, 0, values) if blank is not None else values
    if down > 1:
        values = values // values.dtype.type(min(down, limits.max))
    steps = values.astype(np.int64, copy=False)
    if up > 1:
        steps = steps * np.int64(up) if up < 1 << 63 else np.zeros_like(steps)
    return _direct(reader, steps, blank, wrong)


def _floats(reader: Reader, source: Floats) -> Column:
    """The decimal nearest to a float is the one that it is written as, as long as it has 15 digits at the most; `float32` has 6. Whether a
    float is one of those is asked of the float itself, by a division that IEEE 754 rounds correctly; all others go one by one."""
    domain = reader.domain
    unknown = source.nulls
    given = source.values
    single = given.dtype.itemsize < 8
    digits = 10.0 ** (6 if single else 15)
    power = 10.0 ** min(domain.scale, 22)
    with np.errstate(all="ignore"):
        near = np.rint(given.astype(np.float64) * power)
        plain = np.abs(near) < digits
        numerators = np.where(plain, near, 0.0).astype(np.int64)
        plain &= (numerators / power).astype(given.dtype) == given
    # So many decimals that a division in 64 bits, rounded to 32, might be rounded wrongly.
    if domain.scale > (8 if single else 22):
        plain[:] = False
    steps = numerators // domain.mantissa
    plain &= (numerators % domain.mantissa == 0) & (steps >= domain.lo) & (steps <= domain.hi)
    if unknown is not None:
        plain |= unknown
    wrong: list[tuple[int, object, Misfit]] = []
    if not plain.all():
        steps = steps.copy()
        for row in np.flatnonzero(~plain).tolist():
            one = given[row] if single else float(given[row])
            try:
                if one != one:
                    raise Misfit("NaN is not a number", domain.allowed(), ["write null for what is not known"])
                value = reader.read(one)
                steps[row] = value if value is not None else 0
            except Misfit as misfit:
                wrong.append((row, one, misfit))
    return _direct(reader, steps, _unknown(unknown, _marks(len(given), wrong)), wrong)
