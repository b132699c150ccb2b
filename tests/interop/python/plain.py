"""Asks a wheel one case after another, with nothing but Python: the wheel itself is on the path, unpacked by nobody.

Usage: plain.py MODULE [open]. In: cases on standard input, each a JSON list of texts by input, null where it is unknown. Out: for each a
line with the numbers of the outcomes; with `open` POSSIBLE/ASK/EXACT, as `tests/interop/subject.rs` writes it.
"""

import datetime
import importlib
import json
import sys
from decimal import Decimal
from typing import Any, Optional


def given(kind: str, text: Optional[str], turn: int) -> Any:
    """A value in one of the forms that people give it."""
    if text is None:
        return None
    if kind == "bool":
        return [text == "true", text][turn % 2]
    if kind == "date":
        return [datetime.date.fromisoformat(text), text, text + "T00:00:00"][turn % 3]
    if kind == "set":
        names = [name for name in text[1:-1].split(", ") if name]
        return [names, text, tuple(names), ";".join(names) if names else [], frozenset(names)][turn % 5]
    if kind == "number":
        whole = "." not in text
        small = len(text.strip("-").replace(".", "")) <= 15
        return [Decimal(text), text, int(text) if whole else Decimal(text), float(text) if small else text][turn % 4]
    return text


def main() -> None:
    module = importlib.import_module(sys.argv[1])
    kinds = {one.name: one.domain.kind for one in module.TABLE.inputs}
    order = list(kinds)
    opened = sys.argv[2:] == ["open"]
    for turn, line in enumerate(sys.stdin):
        texts = json.loads(line)
        case = {name: given(kinds[name], text, turn + at) for at, (name, text) in enumerate(zip(order, texts))}
        if opened and turn % 2:
            # Absent and None are one thing, as long as something is said.
            known = {name: value for name, value in case.items() if value is not None}
            case = known or case
        fields = []
        for point in module.outcomes(case).values():
            if isinstance(point, int):
                fields.append(str(point))
            else:
                fields.append(f"{','.join(map(str, point.possible))}/{point.ask[0] if point.ask else '-'}/{int(point.exact)}")
        print(" ".join(fields))


if __name__ == "__main__":
    main()
