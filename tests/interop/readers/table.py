"""A reader of `lexport.table/2`, written from docs/tables.md alone: Python, and nothing but its standard library.

Usage: table.py FILE [open] answers cases on standard input, one a line, as tests/interop/subject.rs asks them."""

import bisect
import heapq
import json
import sys

import blake3


def load(text):
    document = json.loads(text)
    if document["schema"] != "lexport.table/2":
        raise ValueError(f"a table of version {document['schema']!r}")
    body = json.dumps(document["table"], separators=(",", ":"), ensure_ascii=False)
    if blake3.hexdigest(body.encode()) != document["hash"]:
        raise ValueError("the table was altered")
    return document["table"]


class Table:
    """A table to be asked. Values are one for each input: a bool, a member, a set as bits, a number of steps or a day; None is unknown."""

    def __init__(self, table):
        self.nodes, self.decisions, self.outcomes, self.rules = (table[key] for key in ("nodes", "decisions", "outcomes", "rules"))
        self.tests = [next(iter(test.items())) for test in table["tests"]]
        self.domains = [given["domain"] for given in table["inputs"]]
        self.enums = table["enums"]

    def check(self, values):
        for number, (domain, value) in enumerate(zip(self.domains, values, strict=True)):
            if value is None:
                continue
            if domain == "bool":
                good = value in (0, 1)
            else:
                ((kind, of),) = domain.items()
                if kind in ("enum", "set"):
                    members = len(self.enums[of]["members"])
                    good = 0 <= value < members if kind == "enum" else value >> members == 0
                else:
                    good = of["lo"] <= value <= of["hi"]
            if not good:
                raise ValueError(f"input {number}: {value} is outside its domain")

    def class_of(self, test, values):
        """The class of a test; None if it hangs on an unknown input."""
        kind, given = self.tests[test]
        if kind == "same":
            a, b = values[given["a"]], values[given["b"]]
            return None if a is None or b is None else int(a == b)
        if kind == "at_least_zero":
            return self.sign(given, values)
        value = values[given["input"]]
        if value is None:
            return 0 if kind == "member" and given["classes"] == 1 else None
        if kind == "flag":
            return int(value)
        if kind == "has":
            return value >> given["member"] & 1
        at = value if kind == "member" else bisect.bisect_right(given["thresholds"], value)
        if given["map"][at] is None:
            raise ValueError(f"input {given['input']}: the table is not good for {value}")
        return given["map"][at]

    def sign(self, given, values):
        least = most = int(given["constant"])
        for monomial in given["monomials"]:
            low = high = int(monomial["coefficient"])
            for factor in monomial["factors"]:
                ((_, bounds),) = self.domains[factor].items()
                a, b = (bounds["lo"], bounds["hi"]) if values[factor] is None else (values[factor],) * 2
                corners = (low * a, low * b, high * a, high * b)
                low, high = min(corners), max(corners)
            least, most = least + low, most + high
        return 1 if least >= 0 else 0 if most < 0 else None

    def hangs_on(self, test, values):
        """The unknown inputs of a test, in the order in which it names them."""
        kind, given = self.tests[test]
        if kind == "same":
            named = [given["a"], given["b"]]
        elif kind == "at_least_zero":
            named = [factor for monomial in given["monomials"] for factor in monomial["factors"]]
        else:
            named = [given["input"]]
        return [one for one in named if values[one] is None]

    def classes(self, values):
        self.check(values)
        return [self.class_of(test, values) for test in range(len(self.tests))]

    def decide(self, decision, classes):
        at = self.decisions[decision]["root"]
        while at >> 31 == 0:
            at = self.nodes[at + 1 + classes[self.nodes[at] & 0x3FFFFFFF]]
        return at & 0x3FFFFFFF

    def open(self, decision, values, classes):
        """The outcomes still possible, what to ask first, and whether each of them is reached in some case."""
        possible, asked, exact = set(), (len(self.tests), None), True
        root = self.decisions[decision]["root"]
        seen, waiting = {root}, [-root]
        while waiting:
            at = -heapq.heappop(waiting)
            if at >> 31:
                possible.add(at & 0x3FFFFFFF)
                continue
            test = self.nodes[at] & 0x3FFFFFFF
            if classes[test] is None:
                kind, given = self.tests[test]
                children = self.nodes[at + 1 : at + 1 + given.get("classes", 2)]
                exact = exact and kind not in ("same", "at_least_zero")
                asked = min(asked, (test, self.hangs_on(test, values)[0]))
            else:
                children = [self.nodes[at + 1 + classes[test]]]
            for child in set(children) - seen:
                seen.add(child)
                heapq.heappush(waiting, -child)
        return sorted(possible), asked[1], exact


def value(field):
    """A value as the suite asks: ?, B1, M3, I-5, S and words of 64 members with commas."""
    if field[0] == "S":
        return sum(int(word) << 64 * at for at, word in enumerate(field[1:].split(",")) if word)
    return None if field == "?" else int(field[1:])


def answer(body, is_open):
    table = Table(body)
    for line in sys.stdin:
        values = [value(field) for field in line.split()]
        classes = table.classes(values)
        replies = []
        for decision in range(len(table.decisions)):
            if is_open:
                possible, ask, exact = table.open(decision, values, classes)
                replies.append(f"{','.join(map(str, possible))}/{'-' if ask is None else ask}/{int(exact)}")
            else:
                replies.append(str(table.decide(decision, classes)))
        print(*replies)


def main(load_from):
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    try:
        body = load_from(data)
    except (ValueError, KeyError, TypeError, IndexError) as wrong:
        sys.exit(f"{sys.argv[1]}: {wrong}")
    if sys.argv[2:] == ["show"]:
        print(json.dumps(body, separators=(",", ":"), ensure_ascii=False))
    else:
        answer(body, sys.argv[2:] == ["open"])


if __name__ == "__main__":
    main(load)
