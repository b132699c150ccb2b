"""What a table speaks about: inputs, decisions, enumerations, rules. In: the document `lexport.table/2`. Out: objects with names."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Optional, Union

__all__ = ["Decision", "Domain", "Enumeration", "Input", "Member", "Rule", "Value"]

Value = Union[bool, str, int, Decimal, datetime.date, "list[str]"]
"""A value in Python: of an enumeration the member's name, of a set the names, of a number `int` or `Decimal`."""

EPOCH = datetime.date(1970, 1, 1).toordinal()


class Member(NamedTuple):
    """A member of an enumeration."""

    name: str
    label: str
    """For people; empty if there is none."""


class Rule(NamedTuple):
    """A rule that answers may name."""

    name: str
    title: str
    cite: str
    """The provision."""


class Enumeration:
    """A closed list of members."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.name: str = document["name"]
        self.members = tuple(Member(one["name"], one["label"]) for one in document["members"])
        self.ordered: bool = document["ordered"]
        """Whether later members are stricter."""
        self.headings: dict[str, tuple[int, ...]] = {one["name"]: tuple(one["members"]["members"]) for one in document["headings"]}
        self.names = tuple(member.name for member in self.members)
        self.numbers = {name: number for number, name in enumerate(self.names)}


def day_text(day: int) -> str:
    """A day, counted from 1970-01-01, as ISO 8601."""
    try:
        return datetime.date.fromordinal(day + EPOCH).isoformat()
    except (ValueError, OverflowError):
        return f"day {day}"


class Domain:
    """What values an input or a decision can take."""

    def __init__(self, document: Union[str, Mapping[str, Any]], enums: list[Enumeration]) -> None:
        self.kind: str
        """`bool`, `enum`, `set`, `number` or `date`."""
        self.enumeration: Optional[Enumeration] = None
        self.unit = ""
        self.mantissa = 1
        self.scale = 0
        """A number `k` stands for `k × mantissa × 10^-scale` units."""
        self.lo = self.hi = 0
        """Least and greatest, in steps or days."""
        if isinstance(document, str):
            self.kind = document
            self.hi = 1
            return
        ((self.kind, of),) = document.items()
        if self.kind in ("enum", "set"):
            self.enumeration = enums[of]
            self.hi = len(self.enumeration.members) - 1
        else:
            self.lo, self.hi = of["lo"], of["hi"]
        if self.kind == "number":
            self.unit = of["unit"]
            self.mantissa, self.scale = of["step"]["mantissa"], of["step"]["scale"]

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the members; none of a number, a date, a Boolean."""
        return self.enumeration.names if self.enumeration else ()

    @property
    def whole(self) -> bool:
        """Whether every value of a number is whole."""
        return self.scale == 0

    def number(self, steps: int) -> Union[int, Decimal]:
        """A number of steps, exactly."""
        return steps * self.mantissa if self.scale == 0 else Decimal(self.number_text(steps))

    def number_text(self, steps: int) -> str:
        """As decimal text, without trailing zeros."""
        value = steps * self.mantissa
        digits = str(abs(value)).rjust(self.scale + 1, "0")
        whole, fraction = digits[: len(digits) - self.scale], digits[len(digits) - self.scale :].rstrip("0")
        return ("-" if value < 0 else "") + whole + ("." + fraction if fraction else "")

    def text(self, value: Value) -> str:
        """A value in the words of case files."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            return "{" + ", ".join(value) + "}"
        if isinstance(value, Decimal):
            return format(value, "f")
        return value.isoformat() if isinstance(value, datetime.date) else str(value)

    def allowed(self) -> str:
        """What is allowed, in words."""
        if self.kind == "bool":
            return "true or false"
        if self.kind == "enum":
            return f"one of {listed(self.members)}"
        if self.kind == "set":
            return f"a list of {listed(self.members)}"
        if self.kind == "date":
            return f"a day from {day_text(self.lo)} to {day_text(self.hi)}"
        step = "a whole number" if (self.mantissa, self.scale) == (1, 0) else f"a multiple of {self.number_text(1)}"
        return f"{step} from {self.number_text(self.lo)} to {self.number_text(self.hi)}" + (f" {self.unit}" if self.unit else "")


def listed(names: tuple[str, ...], most: int = 12) -> str:
    """`A, B, C and 5 more`."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


class Input(NamedTuple):
    """An input of the table."""

    name: str
    domain: Domain


class Decision(NamedTuple):
    """A decision of the table."""

    name: str
    title: str
    domain: Domain
