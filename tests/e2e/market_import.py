#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# tier: test
# limit: 900
# builds: plain
"""The order lines of a real shop: imported, counted, searched, served; and imported again, which adds nothing."""
import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

from support.market import MARKET, ROOT, Market, check, check_equal, run_cases, skip

# Of the file, by its README and by counting it otherwise: 3,361 customers are 3,360 and the one without a number.
COUNTS = {"lines": 320705, "invoices": 16459, "articles": 3774, "customers": 3360, "no customer": 88652,
          "cancellations": 5847, "no description and no price": 1161, "malformed": 0}


def find_data():
    shared = Path(os.environ.get("WEIR_SHARED", ROOT.parent / "shared"))
    return shared / "data/online-retail/orders-2010-12-to-2011-08.csv.gz"


def run_import(market, path):
    done = subprocess.run([MARKET, "import", str(path), "--db", market.db], capture_output=True, text=True)
    check_equal(done.returncode, 0, f"the exit status of import; {done.stderr[-500:]}")
    return done.stdout + done.stderr


def counts(text):
    """What import has counted, by the words before the number or behind it."""
    found = {}
    for line in text.splitlines():
        before = re.match(r"([a-z][a-z ]*?)  +([\d,]+)", line)
        behind = re.match(r" +([\d,]+)   ([a-z0-9 ]+)$", line)
        name, value = before.groups() if before else (behind.groups()[::-1] if behind else (None, None))
        if name:
            found[name] = int(value.replace(",", ""))
    return found


def new_ones(text):
    """How many of each kind were added."""
    return [int(value.replace(",", "")) for value in re.findall(r"([\d,]+) new", text)]


def articles(market, query=""):
    answer = market.client().call("GET", f"/api/products?per_page=100{query}")
    check_equal(answer.status, 200, "the list")
    return answer.json


def imported(market, data):
    text = run_import(market, data)
    print("".join(f"  {line}\n" for line in text.splitlines() if "%" not in line))
    found = counts(text)
    for name, value in COUNTS.items():
        check_equal(found.get(name), value, name)
    check_equal(found["lines"] - found["skipped"], new_ones(text)[0], "lines that became part of an order")
    check(all(new_ones(text)), f"nothing is new: {text}")


def served_and_searched(market, _):
    market.start()
    total = articles(market)["total"]
    check(3000 < total <= COUNTS["articles"], f"{total} articles are on sale")
    found = articles(market, "&q=t-light+holder")
    check(found["total"] > 20, f"{found['total']} articles are found by `t-light holder`")
    titles = [item["title"].lower() for item in found["items"]]
    check(all("light" in title and "holder" in title for title in titles[:20]), f"the first are {titles[:5]}")
    print(f"  {total} articles; `t-light holder` finds {found['total']}, first {found['items'][0]['title']!r}")
    dear = articles(market, "&q=t-light+holder&sort=-price")["items"]
    prices = [item["price_minor"] for item in dear]
    check_equal(prices, sorted(prices, reverse=True), "prices, dear first")
    check("<mark>" in market.client().raw("GET", "/?q=t-light+holder").text, "matches are marked on the page")
    check_equal(market.stop()[0], 0, "exit status")


def imported_again(market, data):
    market.start()
    before = articles(market)["total"]
    market.stop()
    text = run_import(market, data)
    check_equal(set(new_ones(text)), {0}, "what is new the second time")
    market.start()
    check_equal(articles(market)["total"], before, "articles after importing twice")
    check_equal(market.stop()[0], 0, "exit status")


def bad_files(market, data):
    for name, content in (("empty", b""), ("noise", bytes(range(256)) * 50), ("cut.gz", data.read_bytes()[:5000]),
                          ("other.csv", b"a,b,c\n1,2,3\n")):
        path = market.folder / name
        path.write_bytes(content)
        command = [MARKET, "import", str(path), "--db", str(market.folder / "other.db")]
        done = subprocess.run(command, capture_output=True, text=True)
        check(done.returncode == 1 and done.stderr.strip(), f"import of {name}: {done.returncode}, {done.stderr!r}")
    done = subprocess.run([MARKET, "import", "/nonexistent", "--db", market.db], capture_output=True, text=True)
    check(done.returncode == 1 and "nonexistent" in done.stderr, f"a file that is not there: {done.stderr!r}")


def main():
    data = find_data()
    if not data.exists():
        skip(f"the real shop's file is not at {data}; WEIR_SHARED says where its folder is")
    with gzip.open(data) as file:
        file.read(1)
    market = Market()
    try:
        return run_cases([imported, served_and_searched, imported_again, bad_files], market, data)
    finally:
        if market.process is not None:
            market.kill()
        market.temporary.cleanup()


if __name__ == "__main__":
    sys.exit(main())
