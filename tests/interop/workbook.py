"""The shape of a workbook, as openpyxl reads it. Usage: workbook.py WORKBOOK DECISION..."""

import re
import sys

import openpyxl

CLASSIC = {
    "ABS", "AND", "CHOOSE", "COUNT", "COUNTIF", "EXACT", "FIND", "IF", "INDEX", "INT", "ISLOGICAL", "ISNUMBER", "ISTEXT", "LEFT", "LEN",
    "LOWER", "MATCH", "MAX", "MID", "MIN", "NOT", "OR", "REPT", "RIGHT", "ROUND", "ROWS", "SUBSTITUTE", "SUMPRODUCT", "TEXT", "TRIM", "VALUE",
}

book = openpyxl.load_workbook(sys.argv[1])
sheets = book.sheetnames
assert sheets[:3] == ["Look up", "Rules", "Decision tables"], sheets
hidden = [sheet.title for sheet in book if sheet.sheet_state == "hidden"]
assert hidden == ["Calculation", "Diagram", "Data"], hidden
look_up = book["Look up"]
assert look_up.protection.sheet
assert len(look_up.data_validations.dataValidation) >= 10
unlocked = [cell.coordinate for row in look_up for cell in row if not cell.protection.locked]
assert unlocked and all(place.startswith("C") for place in unlocked), unlocked
said = {str(row[0].value).splitlines()[0] for row in look_up.iter_rows(min_row=7, min_col=7, max_col=7) if row[0].value}
assert said == set(sys.argv[2:]), said
formulas = 0
for sheet in book:
    for row in sheet:
        for cell in row:
            if cell.data_type == "f":
                formulas += 1
                bare = re.sub(r'"[^"]*"', "", cell.value)
                assert len(cell.value) <= 8192
                assert set(re.findall(r"([A-Z][A-Z0-9.]*)\(", bare)) <= CLASSIC, (sheet.title, cell.coordinate, cell.value)
assert formulas > 100
