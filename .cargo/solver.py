#!/usr/bin/env python3
"""Puts the supported Z3 into `.solver/`, next to Cargo.toml. Standard library and pip only.

    python3 .cargo/solver.py          fetch, verify, unpack; does nothing when that is done already
    python3 .cargo/solver.py --check  only say whether it is done (exit 0) or not (exit 1)

Why not the distribution's libz3: Debian 12 ships 4.8.12, whose enumerations are numbered otherwise than the bindings
expect, and which links and runs without a complaint. Why not compile it: Z3 5.3 wants GCC 13 and CMake 3.26. The
wheel on the Python package index is Z3's own build, one file, and pinned here by its SHA-256.

Layout: `.solver/z3-<version>-<arch>-<hash>/{lib,include,bin}` holds the files; `.solver/{lib,include,bin}` are links to
it, replaced by rename, so that a build running meanwhile sees the old files or the new ones and never half of them.
A wheel placed by hand at `.solver/<name of the wheel>` is used instead of the network (and must have the same hash).
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import urljoin

VERSION = "5.3.3.0"
SONAME = "libz3.so.5.3"
# Architecture: name of the wheel, its SHA-256, the oldest glibc it runs on.
WHEELS = {
    "x86_64": (
        "z3_solver-5.3.3.0-py3-none-manylinux_2_27_x86_64.whl",
        "0431023a82278dab706c02a320f63178ee0755fb8f10a5c980f0bfe3c84f6f96",
        (2, 27),
    ),
    "aarch64": (
        "z3_solver-5.3.3.0-py3-none-manylinux_2_38_aarch64.whl",
        "701619d4995695819e150e9fa10218b67a5a2241868f31dddccfe2d3fe15f986",
        (2, 38),
    ),
}
ROOT = Path(__file__).resolve().parent.parent
SOLVER = ROOT / ".solver"
OTHERWISE = (
    "build with `--features solver-vendored` (compiles Z3; needs GCC 13 and CMake 3.26), or set Z3_LIBRARY_PATH_OVERRIDE "
    "to the directory of a libz3.so 5.3 and Z3_SYS_Z3_VERSION to its version, or leave the solver out with "
    "`--no-default-features`"
)


class Missing(Exception):
    """One sentence: what is missing, and what to do."""


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def wheel():
    """The wheel for this machine, or the sentence why there is none."""
    arch = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if platform.system() != "Linux" or arch not in WHEELS:
        raise Missing(f"there is no pinned Z3 {VERSION} for {platform.system()} on {arch}: {OTHERWISE}.")
    name, digest, oldest = WHEELS[arch]
    try:
        libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        libc = ""
    found = re.fullmatch(r"glibc (\d+)\.(\d+).*", libc)
    if not found or (int(found[1]), int(found[2])) < oldest:
        raise Missing(
            f"the pinned Z3 {VERSION} for {arch} needs glibc {oldest[0]}.{oldest[1]} and this system has "
            f"{libc or 'none'}: {OTHERWISE}."
        )
    return arch, name, digest


def home_of(arch, digest):
    return SOLVER / f"z3-{VERSION}-{arch}-{digest[:12]}"


def done(home, digest):
    """Whether the files are there, are the ones that were unpacked, and the links lead to them."""
    try:
        pinned, library = (home / "stamp").read_text().split()
        return (
            pinned == digest
            and all(os.readlink(SOLVER / part) == f"{home.name}/{part}" for part in ("lib", "include", "bin"))
            and (home / "lib" / "libz3.so").resolve() == (home / "lib" / SONAME).resolve()
            and sha256(home / "lib" / SONAME) == library
        )
    except (OSError, ValueError):
        return False


def with_pip(name, into):
    """Asks pip, which knows the user's index, proxy and certificates. The reason of a failure, or None."""
    probe = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True)
    if probe.returncode != 0:
        return "this python3 has no pip"
    run = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--only-binary=:all:", "--retries", "2", "--dest", str(into), f"z3-solver=={VERSION}"],
        capture_output=True, text=True,
    )
    if run.returncode == 0 and (into / name).exists():
        return None
    errors = [line for line in run.stderr.splitlines() if line.startswith("ERROR")]
    return "pip: " + (errors[-1] if errors else "it brought another file than the pinned one").removeprefix("ERROR: ")


def with_urllib(name, into):
    """The package index's own protocol (PEP 503), for a python3 without pip. The reason of a failure, or None."""
    import ssl
    import urllib.request

    index = (os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple").rstrip("/") + "/z3-solver/"
    try:
        trust = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
        with urllib.request.urlopen(index, timeout=30, context=trust) as page:
            base, text = page.geturl(), page.read().decode("utf-8", "replace")
        link = next((h for h in re.findall(r'href="([^"]+)"', text) if h.split("#")[0].endswith(name)), None)
        if link is None:
            return f"{index} does not list {name}"
        with urllib.request.urlopen(urljoin(base, link), timeout=60, context=trust) as page:
            with open(into / name, "wb") as file:
                shutil.copyfileobj(page, file)
        return None
    except (OSError, ValueError) as error:
        return f"{index}: {error}"


def fetch(name, digest, into):
    """The verified wheel as a path inside `into`."""
    by_hand = SOLVER / name
    reasons = []
    for way in (with_pip, with_urllib):
        if by_hand.exists():
            shutil.copyfile(by_hand, into / name)
        else:
            reason = way(name, into)
            if reason:
                reasons.append(reason)
                continue
        found = sha256(into / name)
        if found != digest:
            raise Missing(f"{name} has the SHA-256 {found} where {digest} is pinned: it is not the file we know and is not used.")
        return into / name
    raise Missing(
        f"Z3 {VERSION} is missing and could not be fetched ({'; '.join(reasons)}): connect to a Python package index "
        f"(PIP_INDEX_URL is honoured) or put {name} into {SOLVER}, then run `make solver` again."
    )


def unpack(archive, digest, into):
    """Writes lib, include and bin of the wheel, with the link that the run-time linker looks for, and the stamp."""
    for part in ("lib", "include", "bin"):
        (into / part).mkdir(parents=True)
    with zipfile.ZipFile(archive) as files:
        for entry in files.infolist():
            path = Path(entry.filename)
            if entry.filename == "z3/lib/libz3.so":
                target = into / "lib" / SONAME
            elif path.parts[:2] == ("z3", "include") and path.suffix == ".h":
                target = into / "include" / path.name
            elif path.parts[-2:] == ("bin", "z3"):
                target = into / "bin" / "z3"
            else:
                continue
            with files.open(entry) as source, open(target, "wb") as sink:
                shutil.copyfileobj(source, sink)
            target.chmod(0o755 if target.parent.name == "bin" else 0o644)
    if not (into / "lib" / SONAME).exists():
        raise Missing(f"{archive.name} holds no z3/lib/libz3.so: it is not the file we know and is not used.")
    os.symlink(SONAME, into / "lib" / "libz3.so")
    (into / "stamp").write_text(f"{digest} {sha256(into / 'lib' / SONAME)}\n")


def link(home):
    """Points `.solver/{lib,include,bin}` to `home`, each by one rename."""
    for part in ("lib", "include", "bin"):
        fresh = SOLVER / f".{part}-{os.getpid()}"
        fresh.unlink(missing_ok=True)
        os.symlink(f"{home.name}/{part}", fresh)
        place = SOLVER / part
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        os.replace(fresh, place)


def main(arguments):
    arch, name, digest = wheel()
    home = home_of(arch, digest)
    if done(home, digest):
        return 0
    if arguments == ["--check"]:
        raise Missing(f"Z3 {VERSION} is not in {SOLVER}: run `make solver`.")
    SOLVER.mkdir(exist_ok=True)
    print(f"solver: fetching Z3 {VERSION} ({name})", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=SOLVER, prefix=".new-") as scratch:
        scratch = Path(scratch)
        unpacked = scratch / "unpacked"
        unpack(fetch(name, digest, scratch), digest, unpacked)
        if home.exists():  # damaged, or another run was faster: moved aside whole, never edited in place
            os.rename(home, scratch / "old")
        os.rename(unpacked, home)
        link(home)
    if not done(home, digest):
        raise Missing(f"Z3 {VERSION} was unpacked into {home} and does not read back as written: check the disk, then run `make solver` again.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Missing as missing:
        print(f"solver: {missing}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(f"solver: cannot write {SOLVER} ({error}): make the directory writable, then run `make solver` again.", file=sys.stderr)
        sys.exit(1)
