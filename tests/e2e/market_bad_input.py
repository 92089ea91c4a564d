#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# tier: test
# limit: 300
# alone: yes
"""Input and surroundings that are bad on purpose: each gets a clear error, nothing is lost, and others are served."""
import json
import os
import resource
import select
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support.market import Market, check, check_equal, check_problem, new_product, new_user, run_cases

JSON = {"Content-Type": "application/json"}
OFFER = {"title": "Tea pot", "price_minor": 1250, "stock": 3}


class Shop:
    """A market with a seller, and what every case looks at when it is over."""

    def __init__(self, market):
        self.market = market
        self.seller = new_user(market, "Ann")
        self.product = new_product(self.seller, "Steady", stock=1000)
        self.bought = 0

    def total(self):
        return self.market.client().call("GET", "/api/products").json["total"]

    def check_well(self):
        check(self.market.is_running(), f"market has ended: {self.market.said()}")
        check_equal(self.market.client().raw("GET", "/readyz").status, 200, "readyz")
        self.bought += 1
        answer = self.seller.call("POST", "/api/orders", {"product_id": self.product, "quantity": 1},
                                  {"Idempotency-Key": f"well-{self.bought}"})
        check_equal(answer.status, 201, "an order afterwards")
        stock = self.seller.call("GET", f"/api/products/{self.product}").json["stock"]
        check_equal(stock, 1000 - self.bought, "stock afterwards")

    def connect(self, receive_buffer=None):
        sock = socket.socket()
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.connect(("127.0.0.1", self.market.port))
        return sock

    def post_head(self, length, path="/api/products"):
        return (f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {self.seller.headers['Authorization']}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n").encode()


def read_all(sock, limit_s=30):
    sock.settimeout(limit_s)
    data = b""
    try:
        while piece := sock.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    return data


def json_that_is_none(shop):
    for body, status, code in ((b'{"title":', 400, "malformed_json"), (b"[" * 100000, 413, "body_too_large"),
                               (b"[" * 50000, 400, "too_deep"), (b'{"a":' * 10000, 400, "too_deep"),
                               (b'{"title":"\xc3\x28","price_minor":1,"stock":1}', 400, "invalid_utf8"),
                               (b'["title"]', 422, "not_an_object")):
        check_problem(shop.seller.raw("POST", "/api/products", body, JSON), status, code, str(body[:20]))


def a_hundred_thousand_brackets(shop):
    """Also where more bytes are taken: in a form's field, as a picture, in the address."""
    brackets = b"[" * 100000
    answer = shop.seller.raw("PUT", f"/api/products/{shop.product}/picture", brackets)
    check_problem(answer, 415, "picture_type", "brackets as a picture")
    answer = shop.market.client().raw("GET", "/api/products?q=" + "%5B" * 2000)
    check_equal(answer.status, 200, "brackets as a search")
    answer = shop.market.client().raw("GET", "/" + "[" * 9000)
    check_equal(answer.status, 414, "brackets as an address")


def fields_of_wrong_kinds(shop):
    for field, value in (("title", 5), ("title", ["x"]), ("price_minor", "1250"), ("stock", 1.5), ("stock", {}),
                         ("price_minor", -1), ("stock", -10**18), ("price_minor", 10**12), ("stock", 10**400),
                         ("price_minor", 1e308), ("colour", "red")):
        answer = shop.seller.call("POST", "/api/products", OFFER | {field: value})
        check_equal((answer.status, answer.json["field"]), (422, field), f"{field} {str(value)[:20]}")
    long = shop.seller.call("POST", "/api/products", OFFER | {"\u00e9" * 100: 1})
    check_problem(long, 422, "unknown_field", "a field with a long name")
    check_equal(set(long.json["field"]), {"\u00e9"}, "its name, cut between two characters")
    for quantity in (-1, 0, 0.5, 10**9, 10**30):
        answer = shop.seller.call("POST", "/api/orders", {"product_id": shop.product, "quantity": quantity},
                                  {"Idempotency-Key": "q"})
        check_equal((answer.status, answer.json["field"]), (422, "quantity"), f"quantity {quantity}")


def a_title_of_a_megabyte(shop):
    answer = shop.seller.call("POST", "/api/products", OFFER | {"title": "x" * 1000000})
    check_problem(answer, 413, "body_too_large", "a title of 1 MB")
    answer = shop.seller.call("POST", "/api/products", OFFER | {"title": "x" * 60000})
    check_equal((answer.status, answer.json["field"]), (422, "title"), "a title of 60 KB")


def bodies_of_wrong_types(shop):
    for kind in ("text/plain", "multipart/form-data", "application/x-www-form-urlencoded", None):
        answer = shop.seller.raw("POST", "/api/products", json.dumps(OFFER).encode(), {"Content-Type": kind})
        check_problem(answer, 415, "unsupported_media_type", str(kind))


def truncated_bodies(shop):
    before = shop.total()
    body = json.dumps(OFFER).encode()
    for end in ("close", "finish", "reset"):
        with shop.connect() as sock:
            sock.sendall(shop.post_head(len(body)) + body[:-5])
            if end == "finish":
                sock.shutdown(socket.SHUT_WR)
                answer = read_all(sock)
                check(answer == b"" or answer.startswith(b"HTTP/1.1 400"), f"half a body got {answer[:80]!r}")
            elif end == "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    time.sleep(0.2)
    check_equal(shop.total(), before, "articles made of half a body")


def one_byte_a_second(shop):
    """In the head, and in the body: the client is told, and its connection is ended."""
    body = json.dumps(OFFER).encode()
    slow = {"head": (shop.connect(), b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Filler: "),
            "body": (shop.connect(), shop.post_head(len(body)))}
    slow["body"][0].sendall(slow["body"][1])
    began, answers, sent = time.monotonic(), {}, 0
    while len(answers) < 2 and time.monotonic() - began < 90:
        for name, (sock, head) in slow.items():
            if name in answers:
                continue
            text = head if name == "head" else body
            try:
                sock.sendall(text[sent % len(text):][:1])
            except OSError:
                pass
            if select.select([sock], [], [], 0.5)[0]:
                answers[name] = (sock.recv(65536), time.monotonic() - began)
        sent += 1
        check_equal(shop.market.client().raw("GET", "/healthz").status, 200, "another client meanwhile")
    for name, (sock, _) in slow.items():
        sock.close()
        check(name in answers, f"a {name} of one byte a second was still waited for after 90 s")
        answer, took = answers[name]
        check(answer[9:12] in (b"408", b"503"), f"a slow {name} got {answer[:80]!r}")
        print(f"  a {name} of one byte a second: {answer[9:12].decode()} after {took:.0f} s")


def clients_that_never_read(shop):
    for i in range(100):
        new_product(shop.seller, f"Filler {i}", description="x" * 2000)
    before, deaf = shop.market.memory(), []
    for _ in range(8):
        sock = shop.connect(receive_buffer=4096)
        sock.setblocking(False)
        request = b"GET /api/products?per_page=100 HTTP/1.1\r\nHost: x\r\n\r\n" * 200
        try:
            while request:
                request = request[sock.send(request):]
        except BlockingIOError:
            pass
        deaf.append(sock)
    time.sleep(3)
    grown = (shop.market.memory() - before) / len(deaf)
    check_equal(shop.market.client().raw("GET", "/healthz").status, 200, "another client meanwhile")
    check(grown < 32 * 2**20, f"a client that never reads costs {grown / 2**20:.1f} MiB")
    print(f"  a client that never reads costs {grown / 2**20:.2f} MiB")
    for sock in deaf:
        sock.close()


def ten_thousand_silent_connections(shop):
    wanted = 10000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    limits = Path(f"/proc/{shop.market.process.pid}/limits").read_text()
    theirs = int(next(line for line in limits.splitlines() if line.startswith("Max open files")).split()[3])
    if min(hard, theirs) < wanted + 200:
        print(f"  skipped: only {min(hard, theirs)} descriptors may be open here")
        return
    before, silent = shop.market.memory(), []
    for _ in range(wanted):
        silent.append(shop.connect())
    client = shop.market.client()
    began = time.monotonic()
    check_equal(client.raw("GET", "/healthz").status, 200, "another client meanwhile")
    took, memory = time.monotonic() - began, shop.market.memory()
    open_now = 0
    for line in client.raw("GET", "/metrics").text.splitlines():
        if line.startswith("market_connections_open "):
            open_now = int(line.split()[1])
    print(f"  {wanted} silent connections, {open_now} held by the server: {memory / 2**20:.0f} MiB resident, "
          f"{(memory - before) / wanted / 1024:.1f} KiB each; another client waits {took * 1000:.0f} ms")
    for sock in silent:
        sock.close()


def no_descriptors_at_accept(shop):
    pid, market = shop.market.process.pid, shop.market
    limit = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    time.sleep(1)  # until what earlier cases have closed is closed on the other side too
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (market.descriptors() + 5, limit[1]))
    crowd = [shop.connect() for _ in range(20)]
    for sock in crowd:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.5)
    answered = [sock for sock in crowd if select.select([sock], [], [], 0)[0]]
    check(1 <= len(answered) < 20, f"{len(answered)} of 20 were answered while descriptors were short")
    times = cpu_seconds(pid)
    time.sleep(1)
    spent = cpu_seconds(pid) - times
    check(spent < 0.5, f"market spent {spent:.2f} s of CPU in one second of waiting for a descriptor")
    for sock in answered:
        sock.close()
    deadline = time.monotonic() + 20
    waiting = [sock for sock in crowd if sock not in answered]
    while waiting and time.monotonic() < deadline:
        for sock in select.select(waiting, [], [], 1)[0]:
            check(sock.recv(4096).startswith(b"HTTP/1.1 200"), "one of the crowd was not answered well")
            sock.close()
            waiting.remove(sock)
    check(not waiting, f"{len(waiting)} were never answered, though descriptors were free again")
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)
    print(f"  {len(answered)} of 20 answered at once, the others as descriptors came free")


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def paths_that_climb(shop):
    secret = (shop.market.folder / "market.db").read_bytes()[:16]
    for path in ("/../../../../etc/passwd", "/assets/../../../../etc/passwd", "/assets/..%2f..%2fetc%2fpasswd",
                 "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/....//....//etc/passwd", "/products/../market.db",
                 "/assets/market.db", "/assets/..\\..\\etc\\passwd", "//etc/passwd", "/assets/%00", "/./",
                 "/products/%2e%2e"):
        with shop.connect() as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = read_all(sock)
        check(answer[9:12] in (b"400", b"404"), f"{path} got {answer[:60]!r}")
        check(b"root:" not in answer and secret not in answer, f"{path} gave a file away")


def a_full_disk(_):
    """On a small file system of its own; skipped where none can be mounted."""
    with FullDisk() as disk:
        if disk.folder is None:
            print("  skipped: no file system can be mounted here")
            return
        with Market(folder=disk.folder) as market:
            shop = Shop(market)
            disk.fill()
            statuses = []
            for i in range(200):
                answer = shop.seller.call("POST", "/api/orders", {"product_id": shop.product, "quantity": 1},
                                          {"Idempotency-Key": f"full-{i}"})
                statuses.append(answer.status)
                if answer.status != 201:
                    break
            check_problem(answer, 507, "disk_full", "an order on a full disk")
            check_equal(market.client().raw("GET", "/").status, 200, "reading meanwhile")
            disk.free()
            shop.bought = statuses.count(201)
            again = shop.seller.call("POST", "/api/orders", {"product_id": shop.product, "quantity": 1},
                                     {"Idempotency-Key": f"full-{i}"})
            check_equal(again.status, 201, "the order, once there is room")
            shop.bought += 1
            shop.check_well()
            total = shop.seller.call("GET", "/api/orders").json["total"]
            check_equal(total, shop.bought, "orders that are there")
            check_equal(market.stop()[0], 0, "exit status")
            print(f"  {statuses.count(201)} orders went into what was left, then 507, and on again once there was room")


class FullDisk:
    """A file system of 8 MB, where this process may mount one."""

    def __enter__(self):
        self.temporary = tempfile.mkdtemp()
        command = ["mount", "-t", "tmpfs", "-o", "size=8m", "weir-test", self.temporary]
        mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
        self.folder = Path(self.temporary) if mounted else None
        return self

    def fill(self):
        self.filler = open(self.folder / "filler", "wb", buffering=0)
        try:
            while True:
                self.filler.write(bytes(4096))
        except OSError:
            pass

    def free(self):
        self.filler.close()
        (self.folder / "filler").unlink()

    def __exit__(self, *_):
        if self.folder is not None:
            subprocess.run(["umount", "-l", self.temporary], check=False)
        os.rmdir(self.temporary)


def well_after(case):
    def run(shop):
        case(shop)
        if shop is not None:
            shop.check_well()
    run.__name__ = case.__name__
    return run


def main():
    cases = [json_that_is_none, a_hundred_thousand_brackets, fields_of_wrong_kinds, a_title_of_a_megabyte,
             bodies_of_wrong_types, truncated_bodies, paths_that_climb, clients_that_never_read,
             no_descriptors_at_accept, ten_thousand_silent_connections, one_byte_a_second, a_full_disk]
    with Market() as market:
        shop = Shop(market)
        status = run_cases([well_after(case) for case in cases], shop)
        return status or market.stop()[0]


if __name__ == "__main__":
    sys.exit(main())
