#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# tier: test
# builds: plain asan
# limit: 300
"""The HTTP server over real sockets: examples/http_server, asked by curl and by hand."""
import contextlib
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ.get("WEIR_BUILD", "build") + "/examples/http_server"
ROOT = pathlib.Path(tempfile.mkdtemp(prefix="weir-http-"))
FOLDER = ROOT / "www"


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def check_equal(actual, expected, what):
    check(actual == expected, f"{what}: {actual!r}, expected {expected!r}")


class Server:
    def __init__(self, descriptors=None):
        command = [PROGRAM, "127.0.0.1:0", str(FOLDER)]
        if descriptors:
            command = ["prlimit", f"--nofile={descriptors}:{descriptors}"] + command
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        line = self.process.stdout.readline()
        check(line.startswith("listening on 127.0.0.1:"), f"it says {line!r}")
        self.port = int(line.rsplit(":", 1)[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        self.process.stdout.close()

    def stop(self, seconds=20):
        """Ctrl-C; the exit status must be 0."""
        self.process.send_signal(signal.SIGINT)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("it does not end after SIGINT")
        check_equal(status, 0, "exit status after SIGINT")

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def curl(self, *arguments):
        """Standard output of curl, which fails as curl does."""
        command = ["curl", "-sS", "--max-time", "60", *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout

    def resident_bytes(self):
        words = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(words[1]) * os.sysconf("SC_PAGESIZE")


def read_all(connection):
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(65536):
            data += chunk
    return data


def talk(server, request):
    """Send, end our half, and read all that comes."""
    with server.connect() as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def get(path, fields=b""):
    return b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n"


def curl_calls(server):
    check_equal(server.curl(server.url + "/api/products/3"), b'{"stock":21}\n', "a product")
    text = server.curl("-o", "-", "-w", "%{http_code}", server.url + "/api/products/x")
    check_equal(text, b"no such product\n404", "404")
    text = server.curl("-o", "/dev/null", "-w", "%{http_code} %{size_download}", "-I", server.url + "/api/products/3")
    check_equal(text, b"200 0", "HEAD")
    headers = server.curl("-X", "DELETE", "-i", server.url + "/api/products/3").decode()
    check("405 Method Not Allowed" in headers and "Allow: GET, HEAD, OPTIONS" in headers, headers)
    lines = server.curl(server.url + "/api/stock.csv").split(b"\r\n")
    check_equal((len(lines), lines[99], lines[100]), (101, b"99,3", b""), "the download")
    # several requests over one connection
    text = server.curl(server.url + "/api/products/1", server.url + "/api/products/2", "-w", "%{num_connects}\n")
    check_equal(text, b'{"stock":7}\n1\n{"stock":14}\n0\n', "keep-alive")
    check_equal(server.curl("--http1.0", server.url + "/api/stock.csv"), b"\r\n".join(lines), "HTTP/1.0")


def curl_bodies(server):
    picture = FOLDER / "picture"
    picture.write_bytes(os.urandom(3_000_000))
    url = server.url + "/api/products/1/picture"
    check_equal(server.curl("-T", str(picture), url), b'{"bytes":3000000}\n', "an upload, with Expect")
    text = server.curl("-T", str(picture), "-H", "Transfer-Encoding: chunked", url)
    check_equal(text, b'{"bytes":3000000}\n', "chunked")
    check_equal(server.curl("-F", "title=Tea pot", "-F", f"picture=@{picture};type=image/png", server.url + "/sell"),
                b"Tea pot: a picture of 3000000 bytes\n", "a form with a file")
    large = FOLDER / "large"
    large.write_bytes(bytes(6_000_000))
    for how in ((), ("-H", "Expect:"), ("-H", "Transfer-Encoding: chunked")):
        status = server.curl("-o", "/dev/null", "-w", "%{http_code}", "-T", str(large), *how, url)
        check_equal(status, b"413", f"an upload that is too long {how}")


def curl_files(server):
    data = os.urandom(1_000_000)
    (FOLDER / "data.bin").write_bytes(data)
    url = server.url + "/files/data.bin"
    check_equal(server.curl(url), data, "a file")
    check_equal(server.curl("-r", "500000-500099", url), data[500000:500100], "a range")
    check_equal(server.curl("-r", "-100", url), data[-100:], "the end")
    etag = next(line.split(":", 1)[1].strip() for line in server.curl("-I", url).decode().splitlines()
                if line.lower().startswith("etag"))
    text = server.curl("-o", "/dev/null", "-w", "%{http_code}", "-H", f"If-None-Match: {etag}", url)
    check_equal(text, b"304", "If-None-Match")
    part = FOLDER / "part"
    part.write_bytes(data[:400_000])
    server.curl("-C", "-", "-o", str(part), url)
    check_equal(part.read_bytes(), data, "a download that goes on")
    (ROOT / "secret").write_text("secret")
    for path in ("../secret", "%2e%2e/secret", "..%2fsecret", "/etc/passwd", "%2fetc/passwd"):
        text = server.curl("--path-as-is", "-w", "%{http_code}", server.url + "/files/" + path)
        check_equal(text, b"404 Not Found\n404", path)


def pipelining(server):
    answers = talk(server, b"".join(get(b"/api/products/%d" % (i % 100)) for i in range(1000)))
    check_equal(answers.count(b"HTTP/1.1 200 OK\r\n"), 1000, "answers")
    stock = [int(part.split(b"}")[0]) for part in answers.split(b'{"stock":')[1:]]
    check_equal(stock, [i % 100 * 7 % 30 for i in range(1000)], "their order")
    # sixteen that come together leave together
    with server.connect() as connection:
        connection.sendall(get(b"/api/products/1") * 16)
        first = connection.recv(65536)
        check_equal(first.count(b"HTTP/1.1 200 OK\r\n"), 16, "answers in the first segment")


def refusals(server):
    cases = {
        b"GET / HTTP/1.1\r\n\r\n": 400,
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n": 400,
        b"GET / HTTP/1.1\nHost: a\n\n": 400,
        b"GET /\r\n\r\n": 400,
        b"POST /sell HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": 400,
        b"POST /sell HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello": 400,
        b"POST /sell HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n": 400,
        b"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n": 400,
        b"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n": 400,
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n": 400,
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n": 414,
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 40000 + b"\r\n\r\n": 431,
        b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n": 501,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": 505,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500): 400,
    }
    for request, status in cases.items():
        answers = talk(server, request + get(b"/smuggled"))
        check(answers.startswith(b"HTTP/1.1 %d " % status), f"{request[:80]!r}: {answers[:80]!r}")
        check_equal(answers.count(b"HTTP/1.1"), 1, f"answers to {request[:80]!r}")
        check(b"\r\nConnection: close\r\n" in answers, f"{request[:80]!r} leaves the connection open")


def answer_before_the_end_of_an_upload(server):
    """Who sends more than is wanted still gets to read the answer: no reset overtakes it."""
    for _ in range(20):
        with server.connect() as connection:
            connection.sendall(b"PUT /api/products/1/picture HTTP/1.1\r\nHost: a\r\nContent-Length: 90000000\r\n\r\n")
            for _ in range(30):
                connection.sendall(bytes(100_000))
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        check(answer.startswith(b"HTTP/1.1 413 "), f"the answer: {answer!r}")


def byte_by_byte(server):
    with server.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in get(b"/api/products/3") + get(b"/api/products/4", b"Connection: close\r\n"):
            connection.sendall(bytes([byte]))
        answers = read_all(connection)
    check_equal((answers.count(b"200 OK"), answers.count(b'{"stock":28}')), (2, 1), "answers")


def deaf_clients(server):
    """Clients that never read their answers cost little."""
    before = server.resident_bytes()
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            connection = stack.enter_context(server.connect())
            connection.sendall(get(b"/api/stock.csv?times=100000"))
        time.sleep(1)
        grown = server.resident_bytes() - before
        check_equal(server.curl(server.url + "/api/products/3"), b'{"stock":21}\n', "others are served")
    check(grown < 32 << 20, f"20 of them cost {grown} bytes")


def silent_connections(server):
    """Connections that say nothing cost about a page of stack each, and nobody else anything."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(2000, hard - 100)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 100), hard))
    before = server.resident_bytes()
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(server.connect())
        check_equal(server.curl(server.url + "/api/products/3"), b'{"stock":21}\n', "others are served")
        each = (server.resident_bytes() - before) / count
        if "asan" not in PROGRAM:
            check(each < 12_000, f"each of {count} costs {each:.0f} bytes")


def no_descriptors_left():
    with Server(descriptors=40) as server:
        with contextlib.ExitStack() as stack:
            connections = [stack.enter_context(server.connect()) for _ in range(80)]
            connections[0].sendall(get(b"/api/products/3"))
            check(b'{"stock":21}' in connections[0].recv(65536), "those that were taken are served")
        check_equal(server.curl(server.url + "/api/products/3"), b'{"stock":21}\n', "once others have left")


def drain():
    with Server() as server, server.connect() as idle, server.connect() as busy:
        idle.sendall(get(b"/api/products/3"))
        check(b'{"stock":21}' in idle.recv(65536), "an answer")
        busy.sendall(get(b"/slow") + get(b"/slow"))
        time.sleep(0.1)
        start = time.monotonic()
        server.stop()
        check(time.monotonic() - start < 5, "draining takes long")
        answer = read_all(busy)
        check(answer.startswith(b"HTTP/1.1 200 OK\r\n"), f"under way: {answer!r}")
        check(b"Connection: close\r\n" in answer, f"under way: {answer!r}")
        check_equal(answer.count(b"done\n"), 1, "answers")
        check_equal(read_all(idle), b"", "to the idle one")


def main():
    cases = [curl_calls, curl_bodies, curl_files, pipelining, refusals, answer_before_the_end_of_an_upload,
             byte_by_byte, deaf_clients, silent_connections]
    failed = 0
    FOLDER.mkdir()
    try:
        for case in cases + [no_descriptors_left, drain]:
            try:
                if case in cases:
                    with Server() as server:
                        case(server)
                else:
                    case()
                print(f"ok {case.__name__}")
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                print(f"not ok {case.__name__}: {error}")
                failed += 1
    finally:
        subprocess.run(["rm", "-rf", str(ROOT)], check=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
