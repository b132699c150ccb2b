"""The check vectors of the table: cases, and the outcomes that Lexport wrote down for them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from ._schema import EPOCH, Domain
from ._table import Table

__all__ = ["run"]


def _given(domain: Domain, value: Mapping[str, Any]) -> object:
    """A value as people give it."""
    if "bool" in value:
        return value["bool"]
    if "member" in value:
        return domain.members[value["member"]]
    if "set" in value:
        return [domain.members[member] for member in value["set"]["members"]]
    if domain.kind == "date":
        return datetime.date.fromordinal(value["int"] + EPOCH)
    return domain.number(value["int"])


def run(table: Table) -> int:
    """Answers all vectors; how many there were."""
    cases = []
    for number, vector in enumerate(table.vectors):
        case = {one.name: _given(one.domain, value) for one, value in zip(table.inputs, vector["values"])}
        cases.append(case)
        found = list(table.outcomes(case).values())
        if found != vector["outcomes"]:
            raise AssertionError(f"check vector {number}: expected {vector['outcomes']}, found {found}, for {case}")
    if find_spec("numpy") is not None and cases:
        from ._answers import Batches
        from ._frames import frame

        arrays = frame({one.name: [case[one.name] for case in cases] for one in table.inputs})
        points, _ = Batches(table).points(arrays.names(), arrays.source, arrays.rows(), "raise")
        for number, vector in enumerate(table.vectors):
            found = [int(of.ids[number]) for of in points]
            if found != vector["outcomes"]:
                raise AssertionError(f"check vector {number} in a batch: expected {vector['outcomes']}, found {found}")
    return len(cases)
