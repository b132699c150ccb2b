"""A decision table that Lexport made, and its runtime.

`decide` answers one case, with nothing but Python; `decide_batch` answers a frame of rows by column, with NumPy. `TABLE` says what it is
asked about (`TABLE.inputs`), what it answers (`TABLE.decisions`), who carries answers (`TABLE.rules`), and which law it is good for
(`TABLE.regime`, `TABLE.readings`, `TABLE.dates`, `TABLE.source`). What is not known may be left out: the answer is then what is still
possible, and what to ask. All numbers are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional, Union

from ._built import DIGESTS, VERSION
from ._diagram import Open
from ._errors import MissingColumns, TableAltered, UnsuitableData, WrongValue, WrongValues
from ._schema import Decision, Domain, Enumeration, Input, Member, Rule
from ._table import Table, load
from ._telling import Outcome

if TYPE_CHECKING:
    from ._answers import Batches
    from ._unknown import Points

__all__ = [
    "Decision",
    "Domain",
    "Enumeration",
    "Input",
    "Member",
    "MissingColumns",
    "Open",
    "Outcome",
    "Rule",
    "TABLE",
    "Table",
    "TableAltered",
    "UnsuitableData",
    "WrongValue",
    "WrongValues",
    "decide",
    "decide_batch",
    "outcome",
    "outcomes",
    "outcomes_batch",
    "self_test",
]

__version__ = VERSION

TABLE: Table = load(__name__, DIGESTS)
"""The table, read from the files of this package, which must have the digests that Lexport wrote."""

_batches: Optional[Batches] = None


def decide(case: Mapping[str, object]) -> dict[str, Any]:
    """What the table says of one case.

    A case maps inputs to values: members by name, numbers as `int`, `Decimal`, text, or as a float that is written as a number on a step;
    days as `datetime.date` or ISO 8601 text, sets as lists or text. What is absent or `None` is unknown.

    The answer maps each decision to its value: `bool`, `str`, `int` or `Decimal`, `datetime.date`, a list of names; `None` for a gap, and
    `{"conflict": [...]}` where rules disagree. `because` maps it to the rules that carried it. A decision that unknown inputs leave open
    stands under `open` instead, with what is `possible` and which inputs to `ask` for, most useful first; `"complete": False` says that
    perhaps not all of that is reached.

    Raises `WrongValues` for values that do not fit, `UnsuitableData` for names that look like those of inputs that are not given.
    """
    return TABLE.decide(case)


def outcomes(case: Mapping[str, object]) -> dict[str, Union[int, Open]]:
    """By decision the number of the outcome in one case, or what is open. What a number means is told by `outcome`."""
    return TABLE.outcomes(case)


def outcome(decision: str, number: int) -> Outcome:
    """What the number of an outcome means: value and rules."""
    return TABLE.outcome(decision, number)


def decide_batch(frame: Any, *, errors: str = "raise", because: str = "all") -> Any:
    """What the table says of each row of a frame: the frame, and behind its columns those of the answer.

    `frame` is a pandas or polars DataFrame, a pyarrow Table or RecordBatch, or a dict of arrays; the same kind comes back. Inputs are
    columns by name; other columns are carried along; a null is unknown, and so is an input without a column (which is warned of).

    The columns added are those of `lexport decide`: one for each decision, `because` (the rules that carried them), `open` (what is still
    possible where inputs are unknown, gaps and conflicts) and `ask` (the inputs that would settle it). With `because="each"` there is
    `DECISION.because` for each decision instead. Texts are dictionary-encoded (categorical).

    Values that do not fit raise `WrongValues`, which has all of them; with `errors="column"` a column `error` tells them instead, and a row
    with one has no answer.
    """
    batches = _loaded()
    from ._frames import frame as recognised

    return recognised(frame).answer(batches, errors, because)


def outcomes_batch(frame: Any) -> dict[str, Points]:
    """By decision the number of the outcome of each row, as `ids`; below 0, what is open there is `opened[-1 - id]`."""
    batches = _loaded()
    from ._frames import frame as recognised

    known = recognised(frame)
    points, _ = batches.points(known.names(), known.source, known.rows(), "raise")
    return dict(zip(TABLE.names, points))


def self_test() -> int:
    """Answers the check vectors of the table, one by one, and as a batch where NumPy is there. How many there were.

    Raises `AssertionError` if one is answered otherwise than Lexport said when it built the table.
    """
    from ._self_test import run

    return run(TABLE)


def _loaded() -> Batches:
    global _batches
    if _batches is None:
        try:
            from ._answers import Batches
        except ModuleNotFoundError as error:
            if error.name != "numpy":
                raise
            raise ImportError("batches need NumPy: pip install numpy; single cases (`decide`) need nothing") from error

        _batches = Batches(TABLE)
    return _batches
