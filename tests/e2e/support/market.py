# SPDX-License-Identifier: MIT
"""Starts `market serve` in a folder of its own on a free port, and talks to it."""
import http.client
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(os.environ.get("WEIR_BIN", ROOT / "build/bin")).absolute()
MARKET = str(BIN / "market")
SKIPPED = 77


def make_png(width=1, height=1, colour=lambda x, y: (200, 60, 30)):
    """A PNG of that size; `colour(x, y)` is red, green and blue."""
    rows = b"".join(b"\0" + b"".join(bytes(colour(x, y)) for x in range(width)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


PNG = make_png()


class Failure(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failure(text)


def check_equal(actual, expected, what):
    check(actual == expected, f"{what} is {actual!r}, not {expected!r}")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # http.client's, names in any case
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Market:
    """A server with its database. Use it in a `with`: it is killed at the end, if it still runs."""

    def __init__(self, *arguments, folder=None, prepare=None):
        self.arguments = arguments
        self.prepare = prepare  # runs in the child, before market: limits, say
        self.temporary = tempfile.TemporaryDirectory() if folder is None else None
        self.folder = Path(self.temporary.name if folder is None else folder)
        self.db = str(self.folder / "market.db")
        self.process = None
        self.errors = self.folder / "stderr.txt"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        self.kill()
        if kind is not None and self.errors.exists():
            sys.stderr.write("".join(f"  market: {line}\n" for line in self.said().splitlines()[-40:]))
        if self.temporary:
            self.temporary.cleanup()

    def said(self):
        return self.errors.read_text(errors="replace")

    def start(self, port=0):
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(
                [MARKET, "serve", "--listen", f"127.0.0.1:{port}", "--db", self.db, *self.arguments],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, preexec_fn=self.prepare)
        line = self.process.stdout.readline().decode()
        check(line.startswith("market listening on http://127.0.0.1:"), f"market said {line!r}: {self.said()}")
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def stop(self, number=signal.SIGINT, limit_s=30):
        """Send the signal. Returns (exit status, seconds until the end)."""
        began = time.monotonic()
        self.process.send_signal(number)
        try:
            status = self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise Failure(f"market still ran {limit_s} s after signal {number}") from None
        self.process.stdout.close()
        return status, time.monotonic() - began

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process is not None:
            self.process.stdout.close()

    def is_running(self):
        return self.process.poll() is None

    def memory(self):
        """Resident bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise Failure("no VmRSS")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def client(self, **headers):
        return Client(self.port, headers)


class Client:
    """One kept connection, with header fields that every call sends."""

    def __init__(self, port, headers=None, timeout=60):
        self.port = port
        self.headers = dict(headers or {})
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def raw(self, method, path, body=None, headers=None):
        """A request as it is given; header fields of None are left out."""
        fields = {**self.headers, **(headers or {})}
        fields = {name: value for name, value in fields.items() if value is not None}
        chunked = "Transfer-Encoding" in fields
        try:
            self.connection.request(method, path, body, fields, encode_chunked=chunked)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.connection.close()  # the server had closed the kept connection: once more on a new one
            self.connection.request(method, path, body, fields, encode_chunked=chunked)
            answer = self.connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())

    def call(self, method, path, value=None, headers=None):
        """A call of the JSON interface."""
        body = None if value is None else json.dumps(value).encode()
        fields = {} if value is None else {"Content-Type": "application/json"}
        return self.raw(method, path, body, {**fields, **(headers or {})})

    def form(self, path, fields, headers=None):
        """What a page's form sends."""
        from urllib.parse import urlencode
        return self.raw("POST", path, urlencode(fields).encode(),
                        {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin, **(headers or {})})

    def close(self):
        self.connection.close()


def new_user(market, name, password="correct horse"):
    """A client of a fresh account, logged in by its token."""
    client = market.client()
    answer = client.call("POST", "/api/users", {"name": name, "password": password})
    check_equal(answer.status, 201, f"registering {name}")
    answer = client.call("POST", "/api/sessions", {"name": name, "password": password})
    check_equal(answer.status, 201, f"logging in {name}")
    client.headers["Authorization"] = "Bearer " + answer.json["token"]
    return client


def new_product(seller, title="Tea pot", price_minor=1250, stock=100, description=""):
    offer = {"title": title, "description": description, "price_minor": price_minor, "stock": stock}
    answer = seller.call("POST", "/api/products", offer)
    check_equal(answer.status, 201, f"publishing {title}")
    return answer.json["id"]


def check_problem(answer, status, code, what):
    check_equal(answer.status, status, f"the status of {what}")
    check_equal(answer.headers["Content-Type"], "application/problem+json", f"the type of {what}")
    problem = answer.json
    check_equal(problem["status"], status, f"`status` of {what}")
    check_equal(problem["code"], code, f"`code` of {what}")
    check(problem["type"] and problem["title"], f"{what} has no type or title: {problem}")
    return problem


def run_cases(cases, *arguments):
    """Call each, say how it went; the exit status of the script."""
    if not os.access(MARKET, os.X_OK):
        print(f"{MARKET} is not built")
        return 1
    failed = 0
    for case in cases:
        began = time.monotonic()
        try:
            case(*arguments)
        except Failure as failure:
            failed += 1
            print(f"not ok {case.__name__}: {failure}", flush=True)
        except Exception as error:  # noqa: BLE001: a case that breaks must not hide those after it
            failed += 1
            import traceback
            traceback.print_exc()
            print(f"not ok {case.__name__}: {type(error).__name__}: {error}", flush=True)
        else:
            print(f"ok {case.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{len(cases) - failed} of {len(cases)} cases passed")
    return 1 if failed else 0
