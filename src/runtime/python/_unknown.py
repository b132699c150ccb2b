"""Rows in which something is unknown. In: the classes of their tests, `NONE` where it hangs on what is unknown. Out: outcomes, and what
is open.

The rows follow the diagram together, level by level, as far as all that they meet is known. Where rows stop, what can still be reached
hangs on the classes of the tests below, and on which inputs are unknown: each such situation is worked out once, all new ones together,
as `Diagram.open` works out one.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Union

import numpy as np
import numpy.typing as npt

from ._diagram import HEAD, LEAF, Diagram, Open

__all__ = ["Points", "Walk"]

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
REMEMBERED = 1 << 17
"""Situations that are kept from one batch to the next."""
ROOM = 1 << 25
"""Pairs of a situation and a node that are marked at a time."""


class Points(NamedTuple):
    """What a decision comes to in each row."""

    ids: npt.NDArray[np.int32]
    """The number of the outcome; or below 0: `opened[-1 - id]`."""
    opened: list[Open]


class Walk:
    """Follows a diagram for many rows."""

    def __init__(self, diagram: Diagram, inputs: int, outcomes: int) -> None:
        self.diagram, self.inputs, self.outcomes = diagram, inputs, outcomes
        self.nodes = np.array(diagram.nodes, dtype=np.int64)
        self.widths = np.array([test.classes for test in diagram.tests], dtype=np.int64)
        self.free = np.array([test.free for test in diagram.tests], dtype=np.bool_)
        self.tests = sorted({test for root in diagram.roots if not root & LEAF for test in diagram.below(root)})
        """Those that some decision has."""
        self._known: dict[tuple[int, bytes], Union[int, Open]] = {}

    def follow(self, decision: int, classes: Ints, unknown: Bools) -> Points:
        """What a decision comes to. `classes` by test and row, `unknown` by input and row."""
        root, rows = self.diagram.roots[decision], classes.shape[1]
        at = np.full(rows, root, dtype=np.int64)
        going = np.arange(0 if root & LEAF else rows)
        stuck: list[npt.NDArray[np.intp]] = []
        while len(going):
            here = at[going]
            met = classes[self.nodes[here] & ~HEAD, going]
            stopped = met < 0
            if stopped.any():
                stuck.append(going[stopped])
                going, here, met = going[~stopped], here[~stopped], met[~stopped]
            below = self.nodes[here + 1 + met]
            at[going] = below
            going = going[below & LEAF == 0]
        points = Points((at & ~HEAD).astype(np.int32), [])
        if stuck:
            self._stopped(np.concatenate(stuck), at, classes, unknown, points)
        return points

    def _stopped(self, rows: npt.NDArray[np.intp], at: Ints, classes: Ints, unknown: Bools, points: Points) -> None:
        """Fills in rows that stopped, each at a node."""
        keys: dict[int, tuple[int, bytes]] = {}
        for node in np.unique(at[rows]).tolist():
            here = rows[at[rows] == node]
            tests = list(self.diagram.below(node))
            inputs = sorted({one for number in tests for one in self.diagram.tests[number].inputs})
            words = np.ascontiguousarray(np.vstack([classes[tests][:, here], unknown[inputs][:, here]]).T.astype(np.int32))
            keys.update((row, (node, one.tobytes())) for row, one in zip(here.tolist(), words))
        fresh = {key: row for row, key in keys.items() if key not in self._known}
        found: dict[tuple[int, bytes], Union[int, Open]] = {}
        if fresh:
            places = np.array(list(fresh.values()), dtype=np.intp)
            # Those that stopped low need little room.
            order = np.argsort(at[places], kind="stable")
            left: list[Union[int, Open]] = [0] * len(places)
            end = len(order)
            while end:
                room = max(1, ROOM // (int(at[places[order[end - 1]]]) + 1))
                some = order[max(0, end - room) : end]
                end -= len(some)
                opened = self.open(at[places[some]], classes[:, places[some]], unknown[:, places[some]])
                for place, one in zip(some.tolist(), opened):
                    left[place] = one
            found = dict(zip(fresh, left))
            if len(self._known) + len(found) <= REMEMBERED:
                self._known.update(found)
        numbers: dict[Open, int] = {}
        for row, key in keys.items():
            point = found[key] if key in found else self._known[key]
            if isinstance(point, Open):
                number = numbers.setdefault(point, len(points.opened))
                if number == len(points.opened):
                    points.opened.append(point)
                point = -1 - number
            points.ids[row] = point

    def open(self, at: Ints, classes: Ints, unknown: Bools) -> list[Union[int, Open]]:
        """What can still be reached, for several situations, each from a node: their pairs with nodes are expanded together, each once."""
        count, width = len(at), int(at.max()) + 1
        seen = np.zeros(count * width, dtype=np.bool_)
        possible = np.zeros((count, self.outcomes), dtype=np.bool_)
        met_open = np.zeros((count, len(self.diagram.tests)), dtype=np.bool_)
        rows = np.arange(count)
        while len(rows):
            tests = self.nodes[at] & ~HEAD
            found = classes[tests, rows]
            free = found < 0
            met_open[rows[free], tests[free]] = True
            # Of an unknown class all children, of another the one.
            widths = self.widths[tests[free]]
            first = np.repeat(np.cumsum(widths) - widths, widths)
            each = np.arange(len(first)) - first
            children = np.concatenate([self.nodes[(at + 1 + found)[~free]], self.nodes[np.repeat(at[free], widths) + 1 + each]])
            owners = np.concatenate([rows[~free], np.repeat(rows[free], widths)])
            leaf = children & LEAF != 0
            possible[owners[leaf], children[leaf] & ~HEAD] = True
            pairs = owners[~leaf] * width + children[~leaf]
            pairs = np.unique(pairs[~seen[pairs]])
            seen[pairs] = True
            rows, at = np.divmod(pairs, width)
        exact: Bools = np.logical_not((met_open & self.free).any(axis=1))
        return [self._told(possible[row], met_open[row], unknown[:, row], bool(exact[row])) for row in range(count)]

    def _told(self, possible: Bools, met_open: Bools, unknown: Any, exact: bool) -> Union[int, Open]:
        outcomes = np.flatnonzero(possible).tolist()
        if len(outcomes) == 1:
            return int(outcomes[0])
        ask: dict[int, None] = {}
        for number in np.flatnonzero(met_open).tolist():
            ask.update(dict.fromkeys(at for at in self.diagram.tests[number].inputs if unknown[at]))
        first, *rest = ask
        return Open(tuple(outcomes), (first, *sorted(rest)), exact)
