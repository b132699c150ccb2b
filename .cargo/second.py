#!/usr/bin/env python3
"""Puts the second solver, cvc5, into `.solver/`, next to Cargo.toml: `.solver/cvc5` reads SMT-LIB 2 on standard input.

    python3 .cargo/second.py     fetch, verify, unpack; does nothing when that is done already

It is the wheel of cvc5 on the Python package index, pinned by its hashes, for the Python that runs this; `pip` is needed. A `cvc5` program of
one's own does as well: `lexport check PATH --confirm /usr/bin/cvc5`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "1.4.2"
# The SHA-256 of each wheel for Linux, CPython 3.9 to 3.15.
HASHES = [
    "ee86784ca9003ad890c48a307864e00746a3965fea72b3b651434063cae9cac3",
    "27d774071fd2fa54a9c09e58ff1c36c10636aa4a74b1210e7608ea7e104313ad",
    "900375f5cd4771a7276f1e9f2fcd06899fae5a959e5abfba5d7c5b804f9da597",
    "fad09688fd0ee6ef6e8ce81fbf7e2ebaab466bd1b4bd6fefe0dd24ca772d089f",
    "06dd446fd92328210bcefe2b0e8ce6cf06c61959a3522b2c20a49194a45f6a7f",
    "1fa385dfb63bbd1a5196aa2965ba2eacf1f12ff923cab5cd46be2fa471989ad7",
    "fad6f5930949f5d05055a38ee7534823c5db616f51eca82cd6f3f8e8a363507c",
    "3eaf2bc2e752ca48bef428a9bfea9de9fd9fe3c59cab1755a103c2c5d3afa64a",
    "23e1ff4fbb854b139a5419d965b8d3e79ccb73c3b9aff8fc52bf23ef9d621159",
    "38e989df1cd3b1183f477b777d706ed15a4a2a194b04dd897dcf5d1b5f1aa918",
    "4927a12e750b2ae97120969063e5f599446ee066a8eeb3dcc364121b8223aba0",
    "e8a77fd5c27f759cfdfd1811324e7c91701e0ae97500fa8b8d052ff920d448f5",
    "9d41f39bfea95e4f6f804778290015ceb9b643e55fcfbfb4de80ba86f49e2d05",
    "157cd93bcc7d1597d717e48cf9478cd19bc81c95e598ebab80013796e9a75049",
]
SOLVER = Path(__file__).resolve().parent.parent / ".solver"
PROGRAM = """#!{python}
# Reads SMT-LIB 2 on standard input, as the program of the same name does; of its options only the time limit is known.
import sys

sys.path.insert(0, {home!r})
import cvc5

solver = cvc5.Solver()
for option in sys.argv[1:]:
    if option.startswith("--tlimit="):
        solver.setOption("tlimit-per", option.split("=", 1)[1])
parser = cvc5.InputParser(solver)
parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, sys.stdin.read(), "input")
symbols = parser.getSymbolManager()
while True:
    command = parser.nextCommand()
    if command.isNull():
        break
    said = str(command.invoke(solver, symbols))
    if said:
        print(said, end="" if said.endswith("\\n") else "\\n", flush=True)
"""


def main():
    home = SOLVER / f"cvc5-{VERSION}-{sys.implementation.cache_tag}"
    if not home.exists():
        SOLVER.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=SOLVER) as place:
            wanted = Path(place) / "requirements.txt"
            wanted.write_text(f"cvc5=={VERSION} " + " ".join(f"--hash=sha256:{digest}" for digest in HASHES) + "\n")
            run = subprocess.run(
                [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes",
                 "--only-binary=:all:", "--no-compile", "--target", str(Path(place) / "cvc5"), "-r", str(wanted)],
                capture_output=True, text=True,
            )
            if run.returncode != 0:
                print(f"cvc5 {VERSION} could not be fetched: {run.stderr.strip().splitlines()[-1:]}: connect to a Python package index, or name "
                      "a cvc5 of your own: lexport check PATH --confirm /usr/bin/cvc5", file=sys.stderr)
                return 1
            os.replace(Path(place) / "cvc5", home)
    program = SOLVER / f".cvc5-{os.getpid()}"
    program.write_text(PROGRAM.format(python=sys.executable, home=str(home)))
    program.chmod(0o755)
    os.replace(program, SOLVER / "cvc5")
    print(SOLVER / "cvc5")
    return 0


if __name__ == "__main__":
    sys.exit(main())
