"""The page of a table as a Markdown parser reads it, held against the CSV files beside it, cell by cell. Usage: markdown.py FOLDER

Prints how many rows were compared."""

import csv
import pathlib
import sys

from markdown_it import MarkdownIt

folder = pathlib.Path(sys.argv[1])
tokens = MarkdownIt("commonmark").enable("table").parse((folder / "page.md").read_text(encoding="utf-8"))


def plain(token):
    """The text of a cell; anything but text in it is a mark that should not be one."""
    assert all(child.type in ("text", "text_special", "softbreak") for child in token.children), token.content
    return "".join(child.content for child in token.children).strip()


tables, heads = [], []
for at, token in enumerate(tokens):
    assert token.type not in ("html_block", "html_inline"), token.content
    if token.type == "heading_open" and token.tag == "h2":
        heads.append(plain(tokens[at + 1]))
    elif token.type == "table_open":
        tables.append((heads[-1], []))
    elif token.type == "tr_open":
        tables[-1][1].append([])
    elif token.type in ("th_open", "td_open"):
        tables[-1][1][-1].append(plain(tokens[at + 1]))
tables = dict(tables)


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return [[" ".join(cell.removeprefix(" ").split("\n")) for cell in row] for row in csv.reader(file)]


compared = 0
(about,) = folder.glob("*.decisions.csv")
about = read(about)
assert heads == [row[0] for row in about[1:]], heads
for name, _, _, _, path, count, _ in about[1:]:
    if not path:
        assert name not in tables
        continue
    rows, table = read(folder / path), tables[name]
    assert len(rows) == len(table) == int(count) + 1, (name, len(rows), len(table))
    for row, cells in zip(rows[1:], table[1:]):
        assert row[:-2] == cells[:-1], (row, cells)
        assert all(rule in cells[-1] for rule in row[-2].split("; ")), (row, cells)
        compared += 1
print(compared)
