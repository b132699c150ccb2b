"""A reader of CSV tables, written from docs/targets/csv.md alone. Usage: csv_reader.py FOLDER REGIME < CASES > REPLIES

A case is a line of JSON, {input: value}: true or false, the name of a member, a list of names, a decimal number or a date as text. The reply is
a line: for each decision that has a file its outcome, its rules, separated by tabs; it is an error if not exactly one row fits.
"""

import csv
import functools
import json
import pathlib
import sys
from datetime import date
from fractions import Fraction


def lines(path):
    with open(path, encoding="utf-8", newline="") as file:
        # A cell that begins with a sign has one space before it.
        return [[cell.removeprefix(" ") for cell in row] for row in csv.reader(file)]


def records(path):
    head, *rows = lines(path)
    return [dict(zip(head, row)) for row in rows]


class Decision:
    def __init__(self, inputs, heads, *rows):
        self.inputs = inputs
        self.outcomes = [row[-3:] for row in rows]
        self.columns = {}
        for column, head in enumerate(heads[:-3]):
            cells = {}
            for at, row in enumerate(rows):
                cells[row[column]] = cells.get(row[column], 0) | 1 << at
            self.columns[head] = cells
        self.all = (1 << len(rows)) - 1
        self.fitting = functools.lru_cache(maxsize=200_000)(self.fitting)

    def fitting(self, head, value):
        """The rows, as bits, whose cell in this column the value meets."""
        return sum(rows for cell, rows in self.columns[head].items() if cell == "" or self.meets(head, cell, value))

    def meets(self, head, cell, value):
        if head not in self.inputs or self.inputs[head]["type"] == "bool":
            return {"yes": True, "no": False}[cell] == value
        kind = self.inputs[head]["type"]
        if kind == "member":
            negated = cell.startswith("not ")
            return (value in cell.removeprefix("not ").split(", ")) != negated
        if kind == "set":
            words = (part.split(" ") for part in cell.split(", "))
            return all((member in value) == {"has": True, "without": False}[word] for word, member in words)
        return any(self.within(kind, piece, value) for piece in cell.split(" or "))

    def within(self, kind, piece, value):
        point = date.fromisoformat if kind == "date" else Fraction
        if " to " in piece:
            low, high = piece.split(" to ")
            return point(low) <= value <= point(high)
        sign, bound = piece.split(" ")
        return {"=": value == point(bound), "≤": value <= point(bound), "≥": value >= point(bound)}[sign]

    def value(self, head, case):
        if head in self.inputs:
            return case[head]
        if head.startswith("in steps: "):
            left, bound = head.removeprefix("in steps: ").split(" ≥ ")
            words = left.split(" ")
            signs = [1] + [{"+": 1, "-": -1}[word] for word in words[1::2]]
            total = 0
            for sign, term in zip(signs, words[::2]):
                coefficient, *factors = term.split("·")
                product = sign * int(coefficient)
                for factor in factors:
                    if self.inputs[factor]["type"] == "date":
                        product *= (case[factor] - date(1970, 1, 1)).days
                    else:
                        product *= case[factor] / Fraction(self.inputs[factor]["step"])
                total += product
            return total >= int(bound)
        one, other = head.split(" = ")
        return case[one] == case[other]

    def decide(self, case):
        rows = self.all
        for head in self.columns:
            rows &= self.fitting(head, self.value(head, case))
        if rows.bit_count() != 1:
            raise SystemExit(f"{rows.bit_count()} rows fit {case}")
        return self.outcomes[rows.bit_length() - 1]


def typed(inputs, case):
    out = {}
    for name, value in case.items():
        kind = inputs[name]["type"]
        out[name] = {
            "number": lambda: Fraction(value),
            "date": lambda: date.fromisoformat(value),
            "set": lambda: frozenset(value),
        }.get(kind, lambda: value)()
    return out


def main():
    folder, regime = pathlib.Path(sys.argv[1]), sys.argv[2]
    inputs = {row["input"]: row for row in records(folder / f"{regime}.inputs.csv")}
    told = [row for row in records(folder / f"{regime}.decisions.csv") if row["file"]]
    decisions = [Decision(inputs, *lines(folder / row["file"])) for row in told]
    for line in sys.stdin:
        case = typed(inputs, json.loads(line))
        print("\t".join("\t".join(decision.decide(case)[:2]) for decision in decisions))


if __name__ == "__main__":
    main()
