# SPDX-License-Identifier: MIT
"""Many buyers at the same moment, each on a connection of its own."""
import asyncio
import json


class Buyer:
    """One connection, ready to buy when the gate opens."""

    def __init__(self, port, token, product, key, quantity=1):
        body = json.dumps({"product_id": product, "quantity": quantity}).encode()
        self.port = port
        self.key = key
        self.request = (f"POST /api/orders HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
                        f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        self.status = None  # None: no answer came
        self.answer = None

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def buy(self):
        """Send, and read the answer; a connection that breaks leaves status None."""
        try:
            self.writer.write(self.request)
            await self.writer.drain()
            head = await self.reader.readuntil(b"\r\n\r\n")
            fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:-2])
            self.answer = json.loads(await self.reader.readexactly(int(fields[b"content-length"])))
            self.status = int(head.split()[1])
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writer.close()


async def rush(buyers, on_answer=None, on_start=None):
    """All connect, then all buy at once. `on_start()` is called right before, `on_answer(buyer)` at each answer."""
    for start in range(0, len(buyers), 100):
        await asyncio.gather(*(buyer.connect() for buyer in buyers[start:start + 100]))

    async def one(buyer):
        await buyer.buy()
        if on_answer is not None and buyer.status is not None:
            on_answer(buyer)

    if on_start is not None:
        on_start()
    await asyncio.gather(*(one(buyer) for buyer in buyers))
    return buyers
