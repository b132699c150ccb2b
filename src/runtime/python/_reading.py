"""One value as it was given to the whole number that the diagram knows, or why it does not fit. The conventions are those of
`lexport decide`: members by name, days as ISO 8601, decimals exactly as written, sets as lists or as `A, B`, `A;B`, `{A, B}`; `None`, an
empty text, NaN and NaT are unknown.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Optional

from . import _numbers
from ._diagram import MemberTest, Test
from ._errors import Misfit
from ._schema import EPOCH, Enumeration, Input, day_text, listed

__all__ = ["Reader", "nearest", "readers"]

_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[Tt ](.*))?", re.ASCII | re.DOTALL)
_MIDNIGHT = re.compile(r"[0:.]*Z*", re.ASCII)


def is_missing(given: object) -> bool:
    """Whether a Python object says that nothing is known: `None`, NaN, NaT, `pandas.NA`."""
    if given is None:
        return True
    if isinstance(given, (str, int, list)):
        return False
    if isinstance(given, Decimal):
        return given.is_nan()
    if type(given).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(given, (float, datetime.date)) or type(given).__module__ == "numpy":
        try:
            return bool(given != given)
        except ValueError:
            return False
    return False


class Reader:
    """Reads the values of one input."""

    def __init__(self, one: Input, tests: Iterable[Test], at: int) -> None:
        self.input, self.domain = one, one.domain
        good: Optional[set[int]] = None
        for test in tests:
            if isinstance(test, MemberTest) and test.inputs == (at,) and len(test.good) < len(test.map):
                good = set(test.good) if good is None else good & set(test.good)
        self.good = good
        """The members that the table is good for, if it is not good for all."""
        self.fixed: Optional[int] = None
        """The one value that the table is for: it need not be said."""
        if good is not None and len(good) == 1:
            self.fixed = next(iter(good))
        elif self.domain.kind in ("number", "date") and self.domain.lo == self.domain.hi:
            self.fixed = self.domain.lo
        self._plain = self.domain.kind == "number" and (self.domain.mantissa, self.domain.scale) == (1, 0)
        self._known: dict[str, int] = {}
        if self.domain.kind == "enum" and self.domain.enumeration:
            numbers = self.domain.enumeration.numbers
            self._known = {name: number for name, number in numbers.items() if good is None or number in good}
        elif self.domain.kind == "bool":
            self._known = {"true": 1, "yes": 1, "TRUE": 1, "True": 1, "false": 0, "no": 0, "FALSE": 0, "False": 0}

    def read(self, given: Any) -> Optional[int]:
        """The value, or `None` for unknown."""
        # What most values are goes a short way.
        quick = type(given)
        if quick is str:
            known = self._known.get(given)
            if known is not None:
                return known
        elif quick is bool and self.domain.kind == "bool":
            return 1 if given else 0
        elif quick is int and self._plain and self.domain.lo <= given <= self.domain.hi:
            return int(given)
        if is_missing(given):
            return None
        kind = self.domain.kind
        if kind == "number":
            return self._number(given)
        if kind == "date":
            return self._date(given)
        if kind == "set":
            return self._set(given)
        if kind == "bool" and (isinstance(given, bool) or type(given).__name__ in ("bool_", "bool")):
            return int(bool(given))
        text = self._text(given)
        if not text:
            return None
        if kind == "enum" and self.domain.enumeration:
            return self.guarded(self._member(self.domain.enumeration, text))
        known = self._known.get(text)
        if known is None:
            raise Misfit(f"{seen(given)} does not fit", self.domain.allowed())
        return known

    def guarded(self, member: int) -> int:
        """A member, if the table is good for it."""
        if self.good is not None and member not in self.good:
            good = tuple(f"`{self.domain.members[one]}`" for one in sorted(self.good))
            raise self._not_good_for(self.domain.members[member], listed(good, len(good)))
        return member

    @staticmethod
    def _not_good_for(value: str, good: str) -> Misfit:
        help_ = "build a table for it, or one without `--reading` and `--on`"
        return Misfit(f"`{value}`: this table is good for {good} only", "", [help_])

    def _text(self, given: object) -> str:
        """What is not text in the spelling of case files, as `lexport decide` reads typed columns."""
        if isinstance(given, str):
            return given.strip()
        if isinstance(given, (int, Decimal)) and not isinstance(given, bool):
            return str(given)
        if type(given).__module__ == "numpy" and hasattr(given, "dtype") and given.dtype.kind in "iu":
            return str(given)
        raise Misfit(f"{seen(given)} does not fit", self.domain.allowed())

    def _number(self, given: object) -> Optional[int]:
        domain = self.domain
        if isinstance(given, str):
            return _numbers.read(domain, given, True) if given.strip() else None
        if isinstance(given, bool) or type(given).__name__ == "bool_":
            raise Misfit(f"{seen(given)} does not fit", domain.allowed())
        if isinstance(given, Decimal):
            steps = _numbers.steps_of_decimal(domain, given)
            if steps is not None and domain.lo <= steps <= domain.hi:
                return steps
            return _numbers.read(domain, str(given), False)
        if isinstance(given, int):
            if domain.scale == 0 and domain.mantissa == 1 and domain.lo <= given <= domain.hi:
                return int(given)
            # Python refuses to write very long numbers.
            return _numbers.read(domain, str(given) if given.bit_length() < 1000 else "1e999", False)
        kind = getattr(getattr(given, "dtype", None), "kind", "")
        if isinstance(given, float) or kind == "f":
            # The decimal that it is written as, at its own precision: the shortest that reads back as the same number.
            text = repr(float(given)) if isinstance(given, float) else str(given)
            try:
                return _numbers.read(domain, text, False)
            except Misfit as misfit:
                helps = [*misfit.helps, "binary floating point is not exact: give an int, a Decimal or text"]
                raise Misfit(misfit.what, misfit.allowed, helps) from None
        if kind in ("i", "u"):
            return _numbers.read(domain, str(given), False)
        raise Misfit(f"{seen(given)} does not fit", domain.allowed())

    def _date(self, given: object) -> Optional[int]:
        if type(given).__module__ == "numpy" and getattr(getattr(given, "dtype", None), "kind", "") == "M":
            given = str(given)
        if isinstance(given, datetime.datetime):
            if (given.hour, given.minute, given.second, given.microsecond) != (0, 0, 0, 0):
                raise Misfit(f"{given.isoformat()} has a time of day", self.domain.allowed(), ["give the day alone"])
            given = given.date()
        if isinstance(given, datetime.date):
            return self.day(given.toordinal() - EPOCH, given.isoformat())
        text = self._text(given)
        if not text:
            return None
        found = _DAY.fullmatch(text)
        if found is None:
            raise Misfit(f"`{text}` is not a day, written like 2025-01-13", self.domain.allowed())
        if found[4] is not None and not _MIDNIGHT.fullmatch(found[4]):
            raise Misfit(f"`{text}` has a time of day", self.domain.allowed(), ["give the day alone, like 2025-01-13"])
        try:
            day = datetime.date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            raise Misfit(f"`{text}` is not a day, written like 2025-01-13", self.domain.allowed()) from None
        return self.day(day.toordinal() - EPOCH, text)

    def day(self, day: int, text: str) -> int:
        """A day, if it is in the period."""
        if self.domain.lo <= day <= self.domain.hi:
            return day
        if self.domain.lo == self.domain.hi:
            raise self._not_good_for(text, f"`{day_text(self.domain.lo)}`")
        raise Misfit(f"{text} is outside its period", self.domain.allowed())

    def _set(self, given: object) -> Optional[int]:
        enumeration = self.domain.enumeration
        names: Iterable[object]
        if isinstance(given, str):
            text = given.strip()
            if not text:
                return None
            if text.startswith("[") and text.endswith("]"):
                text = text[1:-1]
            text = text.replace(";", ",").replace('"', "").strip()
            if text.startswith("{") and text.endswith("}"):
                text = text[1:-1]
            names = [name.strip() for name in text.split(",") if name.strip()]
        elif isinstance(given, (list, tuple, set, frozenset)) or type(given).__name__ == "ndarray":
            names = given  # type: ignore[assignment]
        else:
            raise Misfit(f"{seen(given)} does not fit", self.domain.allowed())
        bits = 0
        for name in names:
            if not isinstance(name, str) or enumeration is None:
                raise Misfit(f"{seen(name)} is not a member", self.domain.allowed())
            bits |= 1 << self._member(enumeration, name)
        return bits

    def _member(self, enumeration: Enumeration, text: str) -> int:
        number = enumeration.numbers.get(text)
        if number is not None:
            return number
        if text in enumeration.headings:
            below = tuple(enumeration.names[member] for member in enumeration.headings[text])
            raise Misfit(f"`{text}` is a heading, not a value", f"one of {listed(below)}")
        folded = text.lower()
        meant = next((one.name for one in enumeration.members if folded in (one.label.lower(), one.name.lower())), None)
        meant = meant or nearest(text, enumeration.names)
        helps = [f"did you mean `{meant}`?"] if meant else []
        if re.fullmatch("[A-Z]{3}", text) and all(re.fullmatch("[A-Z]{2}", name) for name in enumeration.names):
            helps.append("countries are written with two letters (ISO 3166-1 alpha-2)")
        raise Misfit(f"`{text}` is not one of its values", self.domain.allowed(), helps)


def readers(inputs: tuple[Input, ...], tests: list[Test]) -> tuple[Reader, ...]:
    """The readers of all inputs."""
    return tuple(Reader(one, tests, at) for at, one in enumerate(inputs))


def seen(given: object) -> str:
    """What was given, in words."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, (int, float, Decimal)):
        return f"the number {given}" if not isinstance(given, int) or given.bit_length() < 1000 else "the number"
    if isinstance(given, str):
        return f"`{given}`"
    if isinstance(given, (list, tuple, set, frozenset)):
        return "a list"
    return "an object" if isinstance(given, dict) else f"a value of type {type(given).__name__}"


def distance(one: str, other: str) -> int:
    """Optimal string alignment: insertions, deletions, replacements, neighbours exchanged."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            least = min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                least = min(least, rows[-2][j - 2] + 1)
            row.append(least)
        rows.append(row)
    return rows[-1][-1]


def nearest(name: str, names: Iterable[str]) -> Optional[str]:
    """The name that was perhaps meant. Of a short one only its case can be wrong: CHN is as near to CH as to CN."""
    most = 0 if len(name) <= 3 else min(max(len(name) // 3, 1), 3)
    if len(name) > 200:
        return None
    found = []
    for known in names:
        if abs(len(known) - len(name)) <= most:
            far = distance(name.lower(), known.lower())
            if far <= most and far < len(known):
                found.append((far, known))
    return min(found)[1] if found else None
