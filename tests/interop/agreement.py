"""The page of agreements: what `tests/interop.rs` recorded, as a table. Usage: agreement.py FOLDER [PAGE]"""

import json
import pathlib
import sys


def main() -> int:
    records = [json.loads(path.read_text()) for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json"))]
    held = [one for one in records if "skipped" not in one]
    lines = ["| target | consumer | table | cases | with unknown inputs | disagreements |", "| --- | --- | --- | ---: | ---: | ---: |"]
    for one in held:
        opened = f"{one['open']:,}" if one["open"] else "–"
        lines.append(
            f"| {one['target']} | {one['consumer']} | {one['table']} | {one['cases']:,} | {opened} | {one['disagreements']:,} |"
        )
    skipped = [f"skipped: {one['target']}: {one['skipped']}" for one in records if "skipped" in one]
    print("\n".join(lines + [""] + skipped))
    if len(sys.argv) > 2 and not skipped:
        page = pathlib.Path(sys.argv[2])
        text = page.read_text()
        begin, end = "<!-- agreement: written by `make interop` -->", "<!-- end of agreement -->"
        head, _, rest = text.partition(begin)
        _, _, tail = rest.partition(end)
        fresh = page.with_suffix(".new")
        fresh.write_text(head + begin + "\n" + "\n".join(lines) + "\n" + end + tail)
        fresh.replace(page)
    if not held:
        print("nothing was compared", file=sys.stderr)
        return 1
    return 1 if any(one["disagreements"] for one in held) else 0


if __name__ == "__main__":
    sys.exit(main())
