#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# tier: test
# limit: 180
# alone: yes
"""Stopping under load: Ctrl-C answers what is under way and ends with 0 within 5 s; SIGSTOP, SIGCONT lose nothing."""
import http.client
import signal
import socket
import sys
import threading
import time

from support.market import Market, check, check_equal, new_product, new_user, run_cases


class Load:
    """Clients that ask without pause, each answer being checked, until told to stop or until the server is gone."""

    def __init__(self, market, token, product, count=20):
        self.port, self.token, self.product = market.port, token, product
        self.answers, self.bad = 0, []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(i,)) for i in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _ask(self, connection, i, number):
        if i % 4 == 0:
            connection.request("POST", "/api/orders", f'{{"product_id":{self.product},"quantity":1}}', {
                "Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
                "Idempotency-Key": f"{i}-{number}"})
        else:
            connection.request("GET", "/" if i % 4 == 1 else "/api/products")
        answer = connection.getresponse()
        body = answer.read()
        self.answers += 1
        if answer.status not in (200, 201):
            self.bad.append((answer.status, body[:200]))
        return answer.getheader("Connection", "") != "close"

    def _run(self, i):
        number = 0
        while not self.over.is_set():
            connection, asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60), 0
            try:
                kept = True
                while kept and not self.over.is_set():
                    number += 1
                    kept = self._ask(connection, i, number)
                    asked += 1
            except (OSError, http.client.HTTPException) as error:
                if asked == 0:
                    return  # no new connections: refused, or taken by the kernel and never served
                self.bad.append((f"request {asked + 1} of a connection", type(error).__name__, str(error)))
            finally:
                connection.close()


def prepare(market):
    seller = new_user(market, "Ann")
    product = new_product(seller, stock=1000000)
    return seller.headers["Authorization"].split()[1], product


def interrupted(number):
    with Market() as market:
        token, product = prepare(market)
        silent = socket.create_connection(("127.0.0.1", market.port))  # idle ones must not hold up the end
        with Load(market, token, product) as load:
            time.sleep(1)
            status, took = market.stop(number)
            check_equal(status, 0, f"exit status; {market.said()}")
            check(took < 5, f"the stop took {took:.1f} s")
        silent.close()
        check(load.answers > 20, f"answers under load: {load.answers}")
        check_equal(load.bad, [], "answers that were not as they should be")
        check("stopp" in market.said(), f"market said {market.said()!r}")
        print(f"  {load.answers} answers, stopped in {took:.2f} s")


def ctrl_c_under_load():
    interrupted(signal.SIGINT)


def sigterm_under_load():
    interrupted(signal.SIGTERM)


def is_served(port):
    """Whether a new connection is answered. The kernel may still take it; nobody may speak on it."""
    with socket.socket() as new:
        new.settimeout(0.5)
        try:
            new.connect(("127.0.0.1", port))
            new.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            return new.recv(1) != b""
        except OSError:
            return False


def an_answer_under_way_is_finished():
    """A request whose body is still on its way when the stop begins gets its answer."""
    with Market() as market:
        seller = new_user(market, "Bo")
        body = b'{"title":"Late","price_minor":1,"stock":1}'
        head = (f"POST /api/products HTTP/1.1\r\nHost: x\r\nAuthorization: {seller.headers['Authorization']}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", market.port)) as late:
            late.sendall(head + body[:10])
            time.sleep(0.3)
            market.process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            check(not is_served(market.port), "a new connection was served while stopping")
            late.sendall(body[10:])
            answer = late.recv(65536)
            check(answer.startswith(b"HTTP/1.1 201"), f"the late request got {answer[:100]!r}")
            check(b"connection: close" in answer.lower(), "the answer does not say that the connection ends")
        check_equal(market.process.wait(10), 0, "exit status")


def a_peer_that_never_reads_is_cut():
    with Market() as market:
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", market.port))
            deaf.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 500)
            time.sleep(0.5)
            status, took = market.stop()
            check_equal(status, 0, f"exit status; {market.said()}")
            check(took < 5, f"the stop took {took:.1f} s")


def stopped_and_continued():
    with Market() as market:
        token, product = prepare(market)
        with Load(market, token, product, 8) as load:
            time.sleep(0.5)
            market.process.send_signal(signal.SIGSTOP)
            before = load.answers
            time.sleep(5)
            market.process.send_signal(signal.SIGCONT)
            deadline = time.monotonic() + 20
            while load.answers < before + 100 and time.monotonic() < deadline:
                time.sleep(0.05)
            check(load.answers >= before + 100, f"{load.answers - before} answers after SIGCONT")
        check_equal(load.bad, [], "answers that were not as they should be")
        check_equal(market.client().call("GET", "/readyz").status, 200, "readyz")
        check_equal(market.stop()[0], 0, "exit status")


if __name__ == "__main__":
    sys.exit(run_cases([ctrl_c_under_load, sigterm_under_load, an_answer_under_way_is_finished,
                        a_peer_that_never_reads_is_cut, stopped_and_continued]))
