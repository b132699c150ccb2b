"""What can be wrong, as exceptions: a value that does not fit, data that is no case, a table that was altered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

__all__ = ["Misfit", "MissingColumns", "TableAltered", "UnsuitableData", "WrongValue", "WrongValues"]

SHOWN = 20
"""How many wrong values a message shows."""


class TableAltered(ImportError):
    """The files of the package are not those that Lexport wrote."""


class UnsuitableData(ValueError):
    """What was given is no case or frame that the table can be asked about: a name is misspelt, no column is an input."""


class MissingColumns(UserWarning):
    """Inputs for which a frame has no column: they are unknown in every row."""


class Misfit(Exception):
    """Why a value does not fit an input; who catches it knows row and column."""

    def __init__(self, what: str, allowed: str = "", helps: Sequence[str] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.allowed = allowed
        self.helps = tuple(helps)


class WrongValue:
    """One value that does not fit."""

    __slots__ = ("allowed", "column", "helps", "row", "value", "what")

    def __init__(self, row: Optional[int], column: str, value: object, misfit: Misfit) -> None:
        self.row = row
        """Its row, counted from 0; `None` in a single case."""
        self.column = column
        """The input."""
        self.value = value
        """As it was given."""
        self.what = misfit.what
        """What is wrong with it."""
        self.allowed = misfit.allowed
        """What the input is."""
        self.helps = misfit.helps
        """What to do."""

    def text(self) -> str:
        """One line, without the row."""
        said = f"`{self.column}`: {self.what}"
        if self.allowed:
            said += f"; it is {self.allowed}"
        return "; ".join([said, *self.helps])

    def __repr__(self) -> str:
        return f"WrongValue(row={self.row!r}, column={self.column!r}, value={self.value!r}, what={self.what!r})"


class WrongValues(ValueError):
    """Values that do not fit: all of them, the first of which the message tells."""

    def __init__(self, errors: Sequence[WrongValue]) -> None:
        self.errors = tuple(errors)
        """In the order of rows and columns."""
        super().__init__(self.errors)

    def __str__(self) -> str:
        lines = [(f"row {one.row}: " if one.row is not None else "") + one.text() for one in self.errors[:SHOWN]]
        if len(self.errors) > SHOWN:
            lines.append(f"and {len(self.errors) - SHOWN} more")
        return "\n".join(lines)
