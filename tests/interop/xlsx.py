"""Asks a workbook in LibreOffice. Usage: xlsx.py WORKBOOK REQUESTS REPLIES

The first line of the requests has the names of the inputs, each further line a case: a field for each input, separated by tabs, empty if
it is unknown, else its kind (B, M, N, T, D, S) and its text. Cases up to the line `case` are put where the check vectors stand, as many
at a time as there are; those behind it are entered on the sheet "Look up". A reply is a line: for each decision what its cells say,
separated by tabs. The first line of the replies is the version, the second the number of check vectors and of differences as the file came.
"""

import pathlib
import subprocess
import sys
import tempfile
import time

import uno
from com.sun.star.beans import PropertyValue


def connect(folder):
    pipe = f"lexport-{pathlib.Path(folder).name}"
    office = subprocess.Popen(
        ["soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation=file://{folder}/profile", f"--accept=pipe,name={pipe};urp;"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    for _ in range(240):
        try:
            return office, resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:  # it is not there yet
            if office.poll() not in (None, 0, 81):
                break
            time.sleep(0.25)
    office.kill()
    raise SystemExit("LibreOffice does not answer")


def cell(field, member=None):
    """What is entered for a field; of a set whether it has the member."""
    if field == "":
        return ""
    kind, text = field[0], field[1:]
    if member is not None:
        return "yes" if member in text.split(",") else "no"
    if kind == "B":
        return "yes" if text == "true" else "no"
    return float(text) if kind in "ND" else text


def enter(heads, names, line):
    case = dict(zip(names, line.split("\t")))
    out = []
    for head in heads:
        name, _, member = head.partition(" has ")
        out.append(cell(case[name], member or None))
    return tuple(out)


def rows(sheet, first, last, left, right):
    return sheet.getCellRangeByPosition(left, first, right, last).getDataArray()


def ask_vectors(document, names, lines, out):
    sheet = document.Sheets.getByName("Check vectors")
    count = int(rows(sheet, 0, 0, 2, 2)[0][0])
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    heads = list(rows(sheet, 3, 3, 0, cursor.RangeAddress.EndColumn)[0])
    entries = heads.index(next(head for head in heads if str(head).endswith(": expected")))
    found = [at for at, head in enumerate(heads) if str(head).endswith(": calculated")]
    for first in range(0, len(lines), count):
        part = [enter(heads[2:entries], names, line) for line in lines[first : first + count]]
        part += [part[0]] * (count - len(part))
        document.addActionLock()
        sheet.getCellRangeByPosition(2, 4, entries - 1, 3 + count).setDataArray(tuple(part))
        document.removeActionLock()
        document.calculate()
        answers = rows(sheet, 4, 3 + count, entries, len(heads) - 1)
        for answer in answers[: len(lines) - first]:
            out.write("\t".join(str(answer[at - entries]) for at in found) + "\n")


def ask_case(document, names, lines, out):
    sheet = document.Sheets.getByName("Look up")
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.RangeAddress.EndRow
    labels = [row[0] for row in rows(sheet, 6, last, 1, 1)]
    heads = labels[: labels.index("")] if "" in labels else labels
    decisions = [at for at, row in enumerate(rows(sheet, 6, last, 6, 6)) if row[0] != ""]
    cells = sheet.getCellRangeByPosition(2, 6, 2, 5 + len(heads))
    for line in lines:
        document.addActionLock()
        cells.setDataArray(tuple((value,) for value in enter(heads, names, line)))
        document.removeActionLock()
        document.calculate()
        answers = rows(sheet, 6, last, 7, 8)
        out.write("\t".join(f"{answers[at][0]} | {answers[at][1]}" for at in decisions) + "\n")


def main():
    workbook, requests, replies = sys.argv[1:4]
    names, *lines = pathlib.Path(requests).read_text(encoding="utf-8").split("\n")
    names, parting = names.split("\t"), lines.index("case")
    with tempfile.TemporaryDirectory() as folder:
        office, context = connect(folder)
        try:
            desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            hidden = PropertyValue("Hidden", 0, True, 0)
            document = desktop.loadComponentFromURL(pathlib.Path(workbook).resolve().as_uri(), "_blank", 0, (hidden,))
            vectors = document.Sheets.getByName("Check vectors")
            version = subprocess.run(["soffice", "--version"], capture_output=True, text=True, check=True).stdout.strip()
            with open(replies, "w", encoding="utf-8") as out:
                out.write(" ".join(version.split()[:2]) + "\n")
                out.write(f"{rows(vectors, 0, 0, 2, 2)[0][0]:.0f}\t{rows(vectors, 1, 1, 2, 2)[0][0]:.0f}\n")
                ask_vectors(document, names, lines[:parting], out)
                ask_case(document, names, lines[parting + 1 :], out)
            document.close(True)
            desktop.terminate()
        finally:
            try:
                office.wait(30)
            except subprocess.TimeoutExpired:
                office.kill()


if __name__ == "__main__":
    main()
