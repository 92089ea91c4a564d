#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# tier: test
"""Market's command line: help, mistakes, addresses and databases that cannot be had, and the log."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from support.market import MARKET, Market, check, check_equal, new_user, run_cases


def run(*arguments):
    return subprocess.run([MARKET, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)


def helps():
    for arguments in (["--help"], ["serve", "--help"], ["import", "--help"], ["seed", "--help"], ["--version"]):
        done = run(*arguments)
        check_equal((done.returncode, done.stderr), (0, ""), f"market {' '.join(arguments)}")
        check(done.stdout.strip(), f"market {' '.join(arguments)} says nothing")


def mistakes():
    for arguments in ([], ["sell"], ["serve", "--colour"], ["serve", "--listen"], ["serve", "--listen", "nowhere"],
                      ["serve", "extra"], ["serve", "--listen", "127.0.0.1:99999"], ["serve", "--origin", "shop"],
                      ["import"], ["import", "a", "b"], ["import", "--colour", "a"], ["import", "a", "--db"],
                      ["import", "a", "--db="], ["seed", "--colour"], ["seed", "extra"], ["seed", "--db"],
                      ["seed", "--db="]):
        done = run(*arguments)
        check_equal(done.returncode, 2, f"the status of market {' '.join(arguments)}")
        check("usage" in done.stderr, f"market {' '.join(arguments)} says {done.stderr!r}")
        check_equal(done.stdout, "", "on standard output")


def options_with_a_sign():
    """`--db=FILE` and `--db FILE` are the same for every command, before and behind the file."""
    with tempfile.TemporaryDirectory() as folder:
        books = Path(folder) / "books.csv"
        books.write_text("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n")
        for arguments in (["seed", f"--db={folder}/a.db"], ["import", f"--db={folder}/b.db", str(books)],
                          ["import", str(books), f"--db={folder}/c.db"],
                          ["import", "--db", f"{folder}/d.db", "--", str(books)]):
            done = run(*arguments)
            check_equal(done.returncode, 0, f"the status of market {' '.join(arguments)}: {done.stderr}")
        check_equal(sorted(path.name for path in Path(folder).glob("*.db")), ["a.db", "b.db", "c.db", "d.db"], "files")


def an_address_in_use():
    with Market() as market:
        done = run("serve", "--listen", f"127.0.0.1:{market.port}", "--db", str(market.folder / "other.db"))
        check_equal(done.returncode, 1, "status")
        check("in use" in done.stderr and str(market.port) in done.stderr, f"it says {done.stderr!r}")


def databases_that_cannot_be_had():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "text.db").write_text("This is a letter, not a database. " * 200)
        (folder / "a folder").mkdir()
        for path in (folder / "text.db", folder / "a folder", Path("/proc/market.db"), folder / "text.db/below.db"):
            done = run("serve", "--listen", "127.0.0.1:0", "--db", str(path))
            check_equal(done.returncode, 1, f"the status with {path.name}")
            check(f"market: {path}: " not in done.stderr, f"it names the file twice in a row: {done.stderr!r}")
            check(path.name in done.stderr, f"with {path.name} it says {done.stderr!r}")
            check_equal(done.stdout, "", "on standard output")
        check((folder / "text.db").read_text().startswith("This is a letter"), "the letter is as it was")


def a_database_in_use():
    with Market() as market:
        done = run("serve", "--listen", "127.0.0.1:0", "--db", market.db)
        check_equal(done.returncode, 1, "status")
        check("market.db" in done.stderr, f"it says {done.stderr!r}")
        check_equal(market.client().raw("GET", "/readyz").status, 200, "the first")


def the_log():
    with Market("--log") as market:
        user = new_user(market, "Ann", "very secret words")
        user.call("GET", "/api/products?q=private+search")
        user.call("GET", "/api/nothing")
        token = user.headers["Authorization"].split()[1]
        check_equal(market.stop()[0], 0, "exit status")
        said = market.said()
    check("method=POST path=/api/users status=201" in said, f"the log is {said!r}")
    check("method=GET path=/api/nothing status=404" in said, "a 404 is logged")
    for secret in ("very secret", token, "private"):
        check(secret not in said, f"{secret!r} is in the log")


def a_log_that_nobody_reads():
    """A full pipe on standard error delays no answer."""
    reader, writer = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen([MARKET, "serve", "--listen", "127.0.0.1:0", "--db", f"{folder}/market.db", "--log"],
                                   stdout=subprocess.PIPE, stderr=writer, stdin=subprocess.DEVNULL)
        port = int(process.stdout.readline().decode().rsplit(":", 1)[1])
        market = Market(folder=folder)
        market.port = port
        client = market.client()
        for _ in range(2000):
            check_equal(client.raw("GET", "/healthz").status, 200, "an answer")
        process.terminate()
        check_equal(process.wait(30), 0, "exit status, the pipe still being full")
        process.stdout.close()
        os.close(writer)
        os.close(reader)


if __name__ == "__main__":
    sys.exit(run_cases([helps, mistakes, options_with_a_sign, an_address_in_use, databases_that_cannot_be_had,
                        a_database_in_use, the_log, a_log_that_nobody_reads]))
