#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# tier: test
# limit: 420
"""500 clients buy at once what there are 100 of; then the same with `kill -9` in the middle, ten times."""
import asyncio
import os
import random
import sys
from collections import Counter

from support.market import Market, check, check_equal, new_product, new_user, run_cases
from support.rush import Buyer, rush

CLIENTS, STOCK, USERS, KILLS = 500, 100, 5, 10


def token_of(client):
    return client.headers["Authorization"].split()[1]


def make_buyers(market, users, product, name):
    return [Buyer(market.port, token_of(users[i % USERS]), product, f"{name}-{i}") for i in range(CLIENTS)]


def orders_of(users, port, product):
    """All orders for the product that the server knows, by id."""
    found = {}
    for user in users:
        user.port = port
        user.close()
        user.connection.port = port
        page, total = 1, 1
        while (page - 1) * 100 < total:
            answer = user.call("GET", f"/api/orders?per_page=100&page={page}")
            check_equal(answer.status, 200, "reading the orders")
            total = answer.json["total"]
            for order in answer.json["items"]:
                if order["lines"][0]["product_id"] == product:
                    found[order["id"]] = order
            page += 1
    return found


def stock_of(client, product):
    return client.call("GET", f"/api/products/{product}").json["stock"]


def all_at_once(market, users):
    product = new_product(users[0], "The last hundred", stock=STOCK)
    buyers = asyncio.run(rush(make_buyers(market, users, product, "once")))
    statuses = Counter(buyer.status for buyer in buyers)
    check_equal(statuses, Counter({201: STOCK, 409: CLIENTS - STOCK}), "the answers")
    codes = Counter(buyer.answer["code"] for buyer in buyers if buyer.status == 409)
    check_equal(codes, Counter({"out_of_stock": CLIENTS - STOCK}), "the codes")
    check_equal(stock_of(users[0], product), 0, "stock")
    made = {buyer.answer["id"] for buyer in buyers if buyer.status == 201}
    check_equal(len(made), STOCK, "orders")
    check_equal(set(orders_of(users, market.port, product)), made, "the orders that are there")
    print(f"  {statuses[201]} answers are 201, {statuses[409]} are 409 out_of_stock, stock is 0")


def kill_later(market, seconds):
    asyncio.get_running_loop().call_later(seconds, market.process.kill)


def kill_in_the_middle(market, users, number, chance):
    product = new_product(users[0], f"Round {number}", stock=STOCK)
    buyers = make_buyers(market, users, product, f"kill{number}")
    until, answered = chance.randint(1, STOCK - 5), 0

    def count(_):
        nonlocal answered
        answered += 1
        if answered == until:
            market.process.kill()

    # One time at so many answers, the next at some moment after the first was sent.
    by_answers = number % 2 == 0
    asyncio.run(rush(buyers, count if by_answers else None,
                     None if by_answers else lambda: kill_later(market, chance.uniform(0.005, 0.08))))
    market.kill()
    market.start()
    told = {buyer.answer["id"] for buyer in buyers if buyer.status == 201}
    there, stock = orders_of(users, market.port, product), stock_of(users[0], product)
    check(told <= set(there), f"orders that were answered are gone: {sorted(told - set(there))}")
    check_equal(len(there) + stock, STOCK, "orders and stock together")

    # Who heard nothing asks again with the same key; then nobody has bought twice, and all are gone.
    again = [Buyer(market.port, token_of(users[i % USERS]), product, buyer.key) for i, buyer in enumerate(buyers)]
    asyncio.run(rush(again))
    for before, after in zip(buyers, again):
        if before.status == 201:
            check_equal((after.status, after.answer["id"]), (201, before.answer["id"]), "the same key again")
    check_equal(sum(buyer.status == 201 for buyer in again), STOCK, "buyers served in the end")
    check_equal(set(there) <= {buyer.answer["id"] for buyer in again if buyer.status == 201}, True, "orders kept")
    check_equal(stock_of(users[0], product), 0, "stock in the end")
    return len(told), len(there), stock


def killed_ten_times(market, users):
    seed = int(os.environ.get("WEIR_TEST_SEED", random.randrange(1 << 32)))
    print(f"  seed {seed}")
    chance = random.Random(seed)
    for number in range(KILLS):
        told, there, stock = kill_in_the_middle(market, users, number, chance)
        print(f"  kill {number + 1}: {told} orders were answered, {there} are there, stock {stock}", flush=True)


def main():
    with Market() as market:
        users = [new_user(market, f"Buyer {i}") for i in range(USERS)]
        status = run_cases([all_at_once, killed_ten_times], market, users)
        ended, _ = market.stop()
        return status or ended


if __name__ == "__main__":
    sys.exit(main())
