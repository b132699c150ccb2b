"""What a table says, in words and values: an outcome, a row of outcomes, what is open. The words are those of `lexport decide`."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Optional, Union

from ._diagram import Open
from ._schema import EPOCH, Decision, Domain, Input, Rule, Value

__all__ = ["Answer", "Outcome", "Teller"]


class Outcome(NamedTuple):
    """What a decision comes to, and who carried it."""

    value: Union[Value, dict[str, list[Value]], None]
    """The value; `None` for a gap; `{"conflict": [...]}` where rules disagree."""
    rules: tuple[str, ...]
    """The names of the rules that carried it; none for a default or a gap."""
    text: Optional[str]
    """The value as text; `None` for a gap or a conflict."""
    special: Optional[str]
    """Of a gap or a conflict, what is said instead."""


class Answer(NamedTuple):
    """What is said of a case or row."""

    settled: tuple[Optional[Outcome], ...]
    """By decision; `None` where it is open."""
    because: str
    """The rules, each once."""
    open: str
    """What is open, and gaps and conflicts."""
    ask: str
    """The inputs that would settle it."""
    said: dict[str, Any]
    """All of it, as a dictionary."""


class Teller:
    """Speaks for the outcomes of a table."""

    def __init__(self, table: Mapping[str, Any], inputs: Sequence[Input], decisions: Sequence[Decision], rules: Sequence[Rule]) -> None:
        self.inputs, self.decisions = inputs, decisions
        self._answers = [one["answer"] for one in table["outcomes"]]
        self._rules = [tuple(rules[number].name for number in one["rules"]) for one in table["outcomes"]]
        self._outcomes: dict[tuple[int, int], Outcome] = {}

    def outcome(self, decision: int, number: int) -> Outcome:
        """An outcome as a decision says it."""
        known = self._outcomes.get((decision, number))
        if known is None:
            domain, answer = self.decisions[decision].domain, self._answers[number]
            value: Union[Value, dict[str, list[Value]], None]
            text = special = None
            if answer == "gap":
                value, special = None, "no value"
            elif "conflict" in answer:
                values = [_value(domain, one) for one in answer["conflict"]]
                value, special = {"conflict": values}, f"conflict of {' and '.join(map(domain.text, values))}"
            else:
                value = _value(domain, answer)
                text = domain.text(value)
            known = self._outcomes[decision, number] = Outcome(value, self._rules[number], text, special)
        return known

    def settled(self, decision: int, point: Union[int, Open]) -> Optional[Outcome]:
        """The one thing that a point says, if it does, by the rules that carry each of its outcomes: what is unknown makes no difference
        then, whoever carries it."""
        if not isinstance(point, Open):
            return self.outcome(decision, point)
        first, *rest = (self.outcome(decision, number) for number in point.possible)
        if any((other.text, other.special) != (first.text, first.special) for other in rest):
            return None
        carried = tuple(rule for rule in first.rules if all(rule in other.rules for other in rest))
        return first._replace(rules=carried)

    def tell(self, points: Sequence[Union[int, Open]]) -> Answer:
        """What is said of a row."""
        settled: list[Optional[Outcome]] = []
        because: dict[str, None] = {}
        still: list[str] = []
        ask: dict[str, None] = {}
        said: dict[str, Any] = {}
        carried: dict[str, list[str]] = {}
        left: dict[str, Any] = {}
        for number, point in enumerate(points):
            name = self.decisions[number].name
            outcome = self.settled(number, point)
            settled.append(outcome)
            if outcome is not None:
                said[name] = list(outcome.value) if isinstance(outcome.value, list) else outcome.value
                carried[name] = list(outcome.rules)
                because.update(dict.fromkeys(outcome.rules))
                if outcome.special is not None:
                    still.append(f"{name}: {outcome.special}")
            elif isinstance(point, Open):
                words: dict[str, Any] = {}
                for possible in point.possible:
                    one = self.outcome(number, possible)
                    words.setdefault(one.text if one.text is not None else one.special or "", one.value)
                names = [self.inputs[at].name for at in point.ask]
                ask.update(dict.fromkeys(names))
                still.append(f"{name}: {' | '.join(words)}{'' if point.exact else ' (at most)'}")
                left[name] = {"possible": list(words.values()), "ask": names}
                if not point.exact:
                    left[name]["complete"] = False
        said["because"] = carried
        if left:
            said["open"] = left
        return Answer(tuple(settled), " ".join(because), "; ".join(still), " ".join(ask), said)


def _value(domain: Domain, answer: Mapping[str, Any]) -> Value:
    if "bool" in answer:
        return bool(answer["bool"])
    if "member" in answer:
        return domain.members[int(answer["member"])]
    if "set" in answer:
        return [domain.members[member] for member in answer["set"]["members"]]
    if domain.kind == "date":
        return datetime.date.fromordinal(answer["int"] + EPOCH)
    return domain.number(int(answer["int"]))
