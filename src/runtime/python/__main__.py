"""`python -m PACKAGE`: answers rows of CSV or NDJSON from standard input, as `lexport decide` does, with nothing but Python."""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from typing import Any, TextIO

from . import TABLE, UnsuitableData, WrongValues, __version__, self_test
from ._table import ADDED


def main() -> int:
    """Runs the command; 2 if the input does not fit."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {__package__}",
        description=f"Decision table of {TABLE.regime}: answers each row of standard input on standard output.",
    )
    parser.add_argument("--from", dest="form", choices=["csv", "ndjson"], help="the form of the input; else it shows in its first byte")
    parser.add_argument("--self-test", action="store_true", help="answer the check vectors of the table instead")
    parser.add_argument("--version", action="version", version=f"{__package__} {__version__}, table {TABLE.hash}")
    arguments = parser.parse_args()
    if arguments.self_test:
        print(f"{self_test()} check vectors are answered as Lexport answers them")
        return 0
    try:
        source: TextIO = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
        target: TextIO = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        begun = []
        for line in source:
            begun.append(line)
            if line.strip():
                break
        form = arguments.form or ("ndjson" if begun and begun[-1].lstrip()[:1] in ("{", "[") else "csv")
        lines = chain(begun, source)
        status = _ndjson(lines, target) if form == "ndjson" else _csv(lines, target)
        target.flush()
        return status
    except BrokenPipeError:
        return 0
    except UnicodeDecodeError as error:
        print(f"standard input is not UTF-8 text: {error}", file=sys.stderr)
        return 2


def _wrong(line: int, error: Exception) -> int:
    if isinstance(error, WrongValues):
        for one in error.errors:
            print(f"standard input:{line}: {one.text()}", file=sys.stderr)
    else:
        print(f"standard input:{line}: {error}", file=sys.stderr)
    return 2


def _csv(lines: Iterator[str], target: TextIO) -> int:
    reader = csv.reader(lines, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not header:
            return _wrong(1, ValueError("it is empty; the first line of CSV names its columns"))
        if len(set(header)) < len(header):
            return _wrong(1, ValueError("a column stands twice"))
        added = [*TABLE.names, *ADDED]
        taken = [name for name in header if name in added]
        if taken:
            return _wrong(1, ValueError(f"the column `{taken[0]}` has the name of one that the answer adds: rename it"))
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow([*header, *added])
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                return _wrong(reader.line_num, ValueError(f"{len(row)} cells, where the header has {len(header)}"))
            answer = TABLE.answer(dict(zip(header, row)))
            cells = ["" if one is None or one.text is None else one.text for one in answer.settled]
            writer.writerow([*row, *cells, answer.because, answer.open, answer.ask])
    except (WrongValues, UnsuitableData, csv.Error) as error:
        return _wrong(reader.line_num, error)
    return 0


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object in which no key stands twice: of two values neither may be dropped without a word."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"`{name}` is given twice")
        found[name] = value
    return found


def _no_number(word: str) -> Any:
    """Python's `NaN` and `Infinity` are no JSON: refused, as `lexport decide` does."""
    raise ValueError(f"`{word}` is no JSON value: write null for what is unknown")


def _ndjson(lines: Iterator[str], target: TextIO) -> int:
    added = {*TABLE.names, *ADDED}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line, parse_float=_Written, parse_constant=_no_number, object_pairs_hook=_unique)
            if not isinstance(case, dict):
                return _wrong(number, ValueError("not one JSON object: write one object on each line"))
            taken = [name for name in case if name in added]
            if taken:
                return _wrong(number, ValueError(f"`{taken[0]}` has the name of one that the answer adds: rename it"))
            answer = TABLE.answer(case)
        except (ValueError, RecursionError) as error:
            return _wrong(number, error)
        target.write(_json({**case, **answer.said}) + "\n")
    return 0


class _Written(Decimal):
    """A number of a file, with its text: what is only carried along stays as it is."""

    text: str

    def __new__(cls, text: str) -> _Written:
        number = super().__new__(cls, text)
        number.text = re.sub("[eE]([+-]?)", lambda found: "e" + (found[1] or "+"), text)
        return number


def _json(value: Any) -> str:
    """As JSON, with decimals exactly as they are."""
    if isinstance(value, _Written):
        return value.text
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json(name)}:{_json(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False, default=str)


if __name__ == "__main__":
    sys.exit(main())
