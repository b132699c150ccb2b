"""The subject that the tests ask about: a folder that `tests/interop/python.rs` fills. LEXPORT_SUBJECT names it.

`module` is the name of the package; `inputs.json` the kinds of the inputs; `cases.ndjson` the cases in words, null where unknown;
`expected.txt` what the runtime of Lexport answers: by decision the number of the outcome, or POSSIBLE/ASK/EXACT; `meanings.json` what the
numbers mean.
"""

import importlib
import json
import os
import pathlib
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple, Optional

import pytest

FOLDER = pathlib.Path(os.environ["LEXPORT_SUBJECT"])


class Subject(NamedTuple):
    """A subject."""

    module: ModuleType
    kinds: dict[str, str]
    scales: dict[str, int]
    sizes: dict[str, int]
    columns: dict[str, list[Optional[str]]]
    expected: list[list[str]]
    """By decision and row."""
    meanings: list[dict[str, Any]]
    report: Callable[[str, list[str]], None]

    @property
    def rows(self) -> int:
        """How many cases."""
        return len(self.expected[0])


def report(what: str, wrong: list[str]) -> None:
    """Disagreements go into a file, which the caller counts, and fail the test."""
    with (FOLDER / "disagreements.txt").open("a", encoding="utf-8") as file:
        file.writelines(f"{what}: {one}\n" for one in wrong)
    assert not wrong, f"{what}: {len(wrong)} disagreements, as {wrong[:3]}"


@pytest.fixture(scope="session")
def subject() -> Subject:
    """Reads it, once."""
    module = importlib.import_module((FOLDER / "module").read_text().strip())
    inputs = json.loads((FOLDER / "inputs.json").read_text())
    with (FOLDER / "cases.ndjson").open(encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    columns = {name: [case[at] for case in cases] for at, (name, _, _, _) in enumerate(inputs)}
    expected = list(map(list, zip(*(line.split() for line in (FOLDER / "expected.txt").read_text().splitlines()))))
    return Subject(
        module,
        {name: kind for name, kind, _, _ in inputs},
        {name: scale for name, _, scale, _ in inputs},
        {name: size for name, _, _, size in inputs},
        columns,
        expected,
        json.loads((FOLDER / "meanings.json").read_text()),
        report,
    )
