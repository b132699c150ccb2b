"""A table, read from the files beside it and held against the digests that were written with them; single cases asked of it."""

from __future__ import annotations

import hashlib
import json
import pkgutil
from collections.abc import Mapping
from typing import Any, Optional, Union

from ._diagram import Diagram, Open
from ._errors import Misfit, TableAltered, UnsuitableData, WrongValue, WrongValues
from ._reading import nearest, readers
from ._schema import Decision, Domain, Enumeration, Input, Rule, day_text
from ._telling import Answer, Outcome, Teller

__all__ = ["Table", "load"]

SCHEMA = "lexport.table/2"
ADDED = ("because", "open", "ask")
"""What an answer has beside its decisions."""


class Table:
    """A decision table."""

    def __init__(self, document: Mapping[str, Any], steps: Optional[list[Any]]) -> None:
        if document.get("schema") != SCHEMA:
            raise TableAltered(f"a table of version {document.get('schema')!r}; this package knows {SCHEMA!r}")
        table = document["table"]
        self.hash: str = document["hash"]
        """BLAKE3 of the table, as in the file of `--to json`."""
        self.regime: str = table["regime"]
        self.title: str = table["title"]
        self.source: str = table["source"]
        """BLAKE3 of the program that it was built from and proved equal to."""
        self.readings: tuple[str, ...] = tuple(table["readings"])
        """The readings that it is good for; none if the regime has but one."""
        enums = [Enumeration(one) for one in table["enums"]]
        self.dates: Optional[tuple[str, str]] = None
        """The first and the last day that it is good for."""
        if table["dates"] is not None:
            self.dates = (day_text(table["dates"][0]), day_text(table["dates"][1]))
        self.inputs = tuple(Input(one["name"], Domain(one["domain"], enums)) for one in table["inputs"])
        """What it is asked about."""
        self.decisions = tuple(Decision(one["name"], one["title"], Domain(one["domain"], enums)) for one in table["decisions"])
        """What it answers."""
        self.rules = tuple(Rule(one["name"], one["title"], one["cite"]) for one in table["rules"])
        """Who may have carried an answer."""
        self.outcome_count = len(table["outcomes"])
        """Outcomes are numbered from 0 up to this."""
        self.vectors: list[Mapping[str, Any]] = table["vectors"]
        """Check vectors, with numbers for values and outcomes."""
        self.diagram = Diagram(table, self.inputs)
        self.steps = steps
        """By decision its levels, fused; `None` where they are too wide for that."""
        self.teller = Teller(table, self.inputs, self.decisions, self.rules)
        self.readers = readers(self.inputs, self.diagram.tests)
        self._places = {one.name: at for at, one in enumerate(self.inputs)}
        self._told: dict[tuple[int, ...], Answer] = {}

    def decide(self, case: Mapping[str, object]) -> dict[str, Any]:
        """What the table says of one case, as the package's `decide` tells it."""
        points = self._points(case)
        if not all(isinstance(point, int) for point in points):
            return self.teller.tell(points).said
        key = tuple(point for point in points if isinstance(point, int))
        told = self._told.get(key)
        if told is None:
            told = self.teller.tell(points)
            if len(self._told) < 4096:
                self._told[key] = told
        # A copy, down to the lists: what is given away may be changed.
        said = {name: list(one) if isinstance(one, list) else one for name, one in told.said.items()}
        said["because"] = {name: list(rules) for name, rules in told.said["because"].items()}
        return said

    def answer(self, case: Mapping[str, object]) -> Answer:
        """What the table says of one case, with texts for cells."""
        return self.teller.tell(self._points(case))

    def outcomes(self, case: Mapping[str, object]) -> dict[str, Union[int, Open]]:
        """By decision the number of the outcome, or what is open."""
        return {decision.name: point for decision, point in zip(self.decisions, self._points(case))}

    def outcome(self, decision: str, number: int) -> Outcome:
        """What the number of an outcome means for a decision."""
        for at, one in enumerate(self.decisions):
            if one.name == decision:
                if not 0 <= number < self.outcome_count:
                    raise IndexError(f"{number} is no outcome: they are numbered from 0 to {self.outcome_count - 1}")
                return self.teller.outcome(at, number)
        raise KeyError(f"`{decision}` is no decision of the table; its decisions are {', '.join(self.names)}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the decisions."""
        return tuple(one.name for one in self.decisions)

    def _points(self, case: Mapping[str, object]) -> list[Union[int, Open]]:
        if not isinstance(case, Mapping):
            raise TypeError(f"a case is a mapping of inputs to values, not a {type(case).__name__}; for frames there is decide_batch")
        values: list[Optional[int]] = [reader.fixed for reader in self.readers]
        wrong: list[WrongValue] = []
        strange: list[str] = []
        met = 0
        for name, given in case.items():
            at = self._places.get(name)
            if at is None:
                strange.append(name)
                continue
            met += 1
            try:
                found = self.readers[at].read(given)
            except Misfit as misfit:
                wrong.append(WrongValue(None, name, given, misfit))
                continue
            if found is not None:
                values[at] = found
        if strange or not met:
            self.look_at(case, not met and bool(case))
        if wrong:
            raise WrongValues(wrong)
        classes: list[Optional[int]] = [None] * len(self.diagram.tests)
        return [self.diagram.decide(decision, values, classes) for decision in range(len(self.decisions))]

    def look_at(self, given: Any, strangers: bool) -> None:
        """Refuses names that are no input but look like one that is not given: the answer would be about another case. `strangers`: none of
        the names is an input."""
        present = set(given)
        for name in given:
            if name in self._places or not isinstance(name, str):
                continue
            left = [one.name for one in self.inputs if one.name not in present]
            near = nearest(name, left)
            if near is not None:
                raise UnsuitableData(
                    f"`{name}` is no input of the table, and `{near}` is missing: it would be unknown. Did you mean `{near}`? If "
                    f"`{name}` is something else, give `{near}` too, as None where it is not known"
                )
        if strangers:
            raise UnsuitableData(f"nothing given is an input of the table; its inputs are {', '.join(self._places)}")


def load(package: str, digests: Mapping[str, str]) -> Table:
    """The table of a package.

    Raises `TableAltered` unless each file has the digest that was written with it.
    """
    documents: dict[str, Any] = {}
    for name, digest in digests.items():
        # This also reads from a zip on the path, as Spark ships packages.
        content = pkgutil.get_data(package, name)
        if content is None or hashlib.sha256(content).hexdigest() != digest:
            raise TableAltered(f"{package}/{name} is not the file that Lexport wrote: install the package anew")
        documents[name] = json.loads(content)
    return Table(documents["table.json"], documents["steps.json"])
