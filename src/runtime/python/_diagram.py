"""The meaning of a table, one case at a time: tests give classes, a walk gives the outcome, a pass over the rest gives what is open.

Values are whole numbers: a Boolean as 0 or 1, a member as its number, a number in steps, a date in days, a set as its bits; `None` is
not known. The same words, the same algorithms as `lexport-runtime` (`Table::decide`, `Table::open`). Arithmetic is Python's own, exact.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import Any, NamedTuple, Optional, Union

from ._schema import Input

__all__ = ["Diagram", "NONE", "Open", "Test"]

NONE = -1
"""The class of a test that hangs on what is not known."""
LEAF = 1 << 31
HEAD = 3 << 30
Values = Sequence[Optional[int]]


class Open(NamedTuple):
    """What unknown inputs leave of a decision."""

    possible: tuple[int, ...]
    """The outcomes still possible, rising."""
    ask: tuple[int, ...]
    """The unknown inputs that the answer may hang on: first the one to ask for first, then the others, rising."""
    exact: bool
    """Whether each outcome is reached in some case; else the set may be too large, never too small."""


class Test:
    """How a class is found."""

    inputs: tuple[int, ...]
    classes = 2
    free = False
    """Whether an unknown input is taken to leave every class open, though perhaps not all are met."""

    def of(self, values: Values) -> int:
        """The class, or `NONE`."""
        raise NotImplementedError


class Flag(Test):
    """Whether a Boolean is true."""

    def __init__(self, at: int) -> None:
        self.inputs = (at,)

    def of(self, values: Values) -> int:
        value = values[self.inputs[0]]
        return NONE if value is None else value


class MemberTest(Test):
    """Which group a member is in."""

    def __init__(self, at: int, classes: int, groups: Sequence[Optional[int]]) -> None:
        self.inputs, self.classes = (at,), classes
        # Members that the table is not good for are refused when they are read.
        self.map = [NONE if group is None else group for group in groups]
        self.good = tuple(member for member, group in enumerate(groups) if group is not None)

    def of(self, values: Values) -> int:
        value = values[self.inputs[0]]
        if value is None:
            # A guard only refuses; there is one thing that the input can be.
            return 0 if self.classes == 1 else NONE
        return self.map[value]


class Interval(Test):
    """Which interval a number or day is in."""

    def __init__(self, at: int, classes: int, thresholds: list[int], intervals: list[int]) -> None:
        self.inputs, self.classes, self.thresholds, self.map = (at,), classes, thresholds, intervals

    def of(self, values: Values) -> int:
        value = values[self.inputs[0]]
        return NONE if value is None else self.map[bisect_right(self.thresholds, value)]


class Has(Test):
    """Whether a set has a member."""

    def __init__(self, at: int, member: int) -> None:
        self.inputs, self.member = (at,), member

    def of(self, values: Values) -> int:
        value = values[self.inputs[0]]
        return NONE if value is None else value >> self.member & 1


class Same(Test):
    """Whether two enumerations have the same member."""

    free = True

    def __init__(self, a: int, b: int) -> None:
        self.inputs = (a, b)

    def of(self, values: Values) -> int:
        a, b = values[self.inputs[0]], values[self.inputs[1]]
        return NONE if a is None or b is None else int(a == b)


class AtLeastZero(Test):
    """Whether a polynomial is 0 or more."""

    free = True

    def __init__(self, constant: int, monomials: list[tuple[int, tuple[int, ...]]], inputs: Sequence[Input]) -> None:
        self.constant, self.monomials = constant, monomials
        self.inputs = tuple(dict.fromkeys(at for _, factors in monomials for at in factors))
        self.ranges = {at: (inputs[at].domain.lo, inputs[at].domain.hi) for at in self.inputs}
        self.bound = abs(constant)
        """No value on the way is greater."""
        for coefficient, factors in monomials:
            product = abs(coefficient)
            for at in factors:
                product *= max(1, *map(abs, self.ranges[at]))
            self.bound += product

    def of(self, values: Values) -> int:
        least = most = self.constant
        for coefficient, factors in self.monomials:
            lo = hi = coefficient
            for at in factors:
                value = values[at]
                a, b = self.ranges[at] if value is None else (value, value)
                corners = (lo * a, lo * b, hi * a, hi * b)
                lo, hi = min(corners), max(corners)
            least += lo
            most += hi
        return 1 if least >= 0 else 0 if most < 0 else NONE


def _test(document: Mapping[str, Any], inputs: Sequence[Input]) -> Test:
    ((kind, of),) = document.items()
    if kind == "flag":
        return Flag(of["input"])
    if kind == "member":
        return MemberTest(of["input"], of["classes"], of["map"])
    if kind == "interval":
        return Interval(of["input"], of["classes"], of["thresholds"], of["map"])
    if kind == "has":
        return Has(of["input"], of["member"])
    if kind == "same":
        return Same(of["a"], of["b"])
    if kind == "at_least_zero":
        monomials = [(int(one["coefficient"]), tuple(one["factors"])) for one in of["monomials"]]
        return AtLeastZero(int(of["constant"]), monomials, inputs)
    raise ValueError(f"a test of an unknown kind: {kind}")


class Diagram:
    """Tests and nodes."""

    def __init__(self, table: Mapping[str, Any], inputs: Sequence[Input]) -> None:
        self.tests = [_test(one, inputs) for one in table["tests"]]
        self.nodes: list[int] = table["nodes"]
        self.roots: list[int] = [one["root"] for one in table["decisions"]]
        self._below: dict[int, tuple[int, ...]] = {}

    def walk(self, decision: int, values: Values, classes: list[Optional[int]]) -> int:
        """The outcome with `LEAF` set, or the offset of the node at which an unknown input stops the walk. `classes` remembers those that
        were found, by test; it begins with `None` for each."""
        nodes, at = self.nodes, self.roots[decision]
        while not at & LEAF:
            number = nodes[at] & ~HEAD
            found = classes[number]
            if found is None:
                found = classes[number] = self.tests[number].of(values)
            if found == NONE:
                return at
            at = nodes[at + 1 + found]
        return at

    def decide(self, decision: int, values: Values, classes: list[Optional[int]]) -> Union[int, Open]:
        """The outcome, or what is open."""
        at = self.walk(decision, values, classes)
        if at & LEAF:
            return at & ~HEAD
        for number in self.below(at):
            if classes[number] is None:
                classes[number] = self.tests[number].of(values)
        return self.open(at, classes, [value is None for value in values])

    def open(self, at: int, classes: Sequence[Optional[int]], unknown: Sequence[bool]) -> Union[int, Open]:
        """What can still be reached from a node; the outcome alone if it is one. Children stand at lower offsets: so every node is met
        once, after all its parents."""
        possible: set[int] = set()
        asked: set[int] = set()
        first: Optional[tuple[int, int]] = None
        exact = True
        seen, heap = {at}, [-at]
        while heap:
            at = -heappop(heap)
            number = self.nodes[at] & ~HEAD
            test, found = self.tests[number], classes[number]
            if found is None:
                raise LookupError(f"test {number} has not been classified")
            if found == NONE:
                children = self.nodes[at + 1 : at + 1 + test.classes]
                exact = exact and not test.free
                unknowns = [one for one in test.inputs if unknown[one]]
                asked.update(unknowns)
                if unknowns and (first is None or number < first[0]):
                    first = (number, unknowns[0])
            else:
                children = [self.nodes[at + 1 + found]]
            for child in children:
                if child & LEAF:
                    possible.add(child & ~HEAD)
                elif child not in seen:
                    seen.add(child)
                    heappush(heap, -child)
        if len(possible) == 1:
            return possible.pop()
        ask = () if first is None else (first[1], *sorted(asked - {first[1]}))
        return Open(tuple(sorted(possible)), ask, exact)

    def below(self, root: int) -> tuple[int, ...]:
        """The tests of a node and of those below it, rising."""
        known = self._below.get(root)
        if known is None:
            tests: set[int] = set()
            seen, stack = {root}, [root]
            while stack:
                at = stack.pop()
                number = self.nodes[at] & ~HEAD
                tests.add(number)
                for child in self.nodes[at + 1 : at + 1 + self.tests[number].classes]:
                    if not child & LEAF and child not in seen:
                        seen.add(child)
                        stack.append(child)
            known = self._below[root] = tuple(sorted(tests))
        return known
