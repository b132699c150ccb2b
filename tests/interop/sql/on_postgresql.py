"""Runs emitted SQL in a PostgreSQL server of its own: `on_postgresql.py JOBS.json`. The same as `on_duckdb.py`, with the function of the script.

The server has its data and its socket in a new folder, listens on no port, and is stopped and removed at the end, whatever happens. As
root, it runs as the user `postgres`, as PostgreSQL insists."""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def programs():
    """The folder of the newest server programs."""
    found = glob.glob("/usr/lib/postgresql/*/bin/pg_ctl")
    newest = max(found, key=lambda path: int(path.split("/")[4]), default=None) or shutil.which("pg_ctl")
    if newest is None:
        sys.exit("no PostgreSQL server: tests/interop/install/postgresql.sh installs one")
    return os.path.dirname(os.path.realpath(newest))


class Server:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="lexport-pg-")
        self.bin = programs()
        self.become = []
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
            self.become = ["runuser", "-u", "postgres", "--"]

    def run(self, program, *arguments):
        command = [*self.become, f"{self.bin}/{program}", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def __enter__(self):
        try:
            self.run("initdb", "-D", f"{self.folder}/data", "-A", "trust", "-U", "lexport", "-E", "UTF8", "--no-locale", "--no-sync")
            options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off -c jit=off"
            self.run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", options, "start")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if os.path.exists(f"{self.folder}/data/postmaster.pid"):
            self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def psql(self, *arguments, text=None):
        command = [f"{self.bin}/psql", "-h", self.folder, "-U", "lexport", "-d", "postgres", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run([*command, *arguments], input=text, check=True, stdout=subprocess.PIPE, encoding="utf-8")
        return done.stdout


def answers(server, job):
    """Loads the script, then the cases, and writes the answers."""
    server.psql("-f", job["script"])
    schema = quoted(job["name"])
    wrong = int(server.psql("-c", f'SELECT count(*) FROM {schema}."check"'))
    arguments = ", ".join(f"{quoted(name)} => c.{quoted(name)}" for name in job["inputs"])
    parts = [".outcome", ".status", "", ".rules", ".possible", ".ask"]
    found = []
    for decision, is_set in zip(job["decisions"], job["sets"]):
        columns = ["d." + quoted(decision + part) for part in parts]
        columns[2] += "" if is_set else "::text"
        found.append(f"json_build_array({', '.join(columns)})")
    text = f"""
        CREATE TEMPORARY TABLE lines (line json);
        \\copy lines FROM '{job["cases"]}' WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')
        CREATE TEMPORARY TABLE cases AS SELECT c.* FROM lines, json_populate_record(NULL::{schema}.vectors, line) AS c;
        ANALYZE cases;
        SELECT json_build_array(c."check vector", d.problem, json_build_array({", ".join(found)}))
        FROM cases AS c, {schema}.decide({arguments}) AS d;
    """
    begin = time.time()
    with open(job["out"], "w", encoding="utf-8") as out:
        out.write(json.dumps({"wrong": wrong}) + "\n")
        out.write(server.psql(text=text))
    print(f"{job['name']}: {time.time() - begin:.1f} s", file=sys.stderr)


def main():
    with Server() as server:
        for job in json.load(open(sys.argv[1], encoding="utf-8")):
            answers(server, job)
        print(server.psql("-c", "SHOW server_version").strip())


main()
