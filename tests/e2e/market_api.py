#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# tier: test
# limit: 300
"""Every call of market's JSON interface, with every answer that it may give."""
import json
import sys
import threading

from support.market import PNG, Market, check, check_equal, check_problem, new_product, new_user, run_cases

OFFER = {"title": "Tea pot", "description": "Blue, 1 l", "price_minor": 1250, "stock": 3}


def register(client, name, password="12345678"):
    return client.call("POST", "/api/users", {"name": name, "password": password})


def log_in(client, name, password="correct horse"):
    return client.call("POST", "/api/sessions", {"name": name, "password": password})


def buy(client, order, key):
    return client.call("POST", "/api/orders", order, {"Idempotency-Key": key})


def users(market):
    client = market.client()
    answer = register(client, " Ann ")
    check_equal(answer.status, 201, "status")
    check_equal(answer.json["name"], "Ann", "the name")
    check(isinstance(answer.json["id"], int) and answer.json["id"] > 0, f"id {answer.json}")
    for name in ("Ann", "aNN"):
        check_problem(register(client, name), 409, "name_taken", name)
    for name in ("", "   ", "x" * 65, 5, None, "a\nb"):
        answer = register(client, name)
        check_equal((answer.status, answer.json["field"]), (422, "name"), f"the name {name!r}")
    for password in ("", "1234567", "x" * 2000, 5, None):
        answer = register(client, "Bo", password)
        check_equal((answer.status, answer.json["field"]), (422, "password"), f"the password {str(password)[:20]!r}")
    check_problem(client.call("POST", "/api/users", {"name": "Bo"}), 422, "missing_field", "no password")
    answer = register(client, "茶香", "密码密码密码密码")
    check_equal(answer.status, 201, "a Chinese name")
    check_equal(answer.json["name"], "茶香", "the name")


def sessions(market):
    client = market.client()
    register(client, "Cleo", "correct horse")
    answer = log_in(client, "cleo")
    check_equal(answer.status, 201, "status")
    token, cookie = answer.json["token"], answer.headers["Set-Cookie"]
    check(cookie.startswith(f"session={token};"), f"cookie {cookie}")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="):
        check(part in cookie, f"{part} is not in {cookie}")
    check("Secure" not in cookie, "a cookie of plain HTTP must not be Secure")
    check_equal(answer.headers["Cache-Control"], "no-store", "Cache-Control")
    for name, password in (("Cleo", "wrong horse"), ("nobody", "correct horse"), ("", ""), ("Cleo", "")):
        check_problem(log_in(client, name, password), 401, "bad_login", f"{name!r} with {password!r}")
    check_problem(client.call("POST", "/api/sessions", {"name": "Cleo"}), 422, "missing_field", "no password")

    check_problem(client.call("DELETE", "/api/sessions"), 401, "login_required", "logging out without a token")
    check_problem(client.call("DELETE", "/api/sessions", headers={"Authorization": "Bearer nonsense"}), 401,
                  "login_required", "logging out with nonsense")
    bearer = {"Authorization": f"Bearer {token}"}
    check_equal(client.call("GET", "/api/orders", headers=bearer).status, 200, "a call with the token")
    answer = client.call("DELETE", "/api/sessions", headers=bearer)
    check_equal((answer.status, answer.body), (204, b""), "logging out")
    check("Max-Age=0" in answer.headers["Set-Cookie"] or "1970" in answer.headers["Set-Cookie"], "the cookie is left")
    check_equal(client.call("GET", "/api/orders", headers=bearer).status, 401, "a call with the old token")


def failed_logins(market):
    client = market.client()
    register(client, "Dan", "correct horse")
    answers = [log_in(client, "Dan", f"wrong horse {i}") for i in range(12)]
    check_equal(answers[0].status, 401, "the first")
    check_problem(answers[-1], 429, "too_many_logins", "the twelfth")
    check(int(answers[-1].headers["Retry-After"]) > 0, "Retry-After")
    check_equal(log_in(client, "Dan").status, 429, "the right password while it is limited")


def cookie_writes_need_the_origin(market):
    client = market.client()
    register(client, "Eve", "correct horse")
    cookie = {"Cookie": f"a=b; session={log_in(client, 'Eve').json['token']}; c=d"}
    check_equal(client.call("GET", "/api/orders", headers=cookie).status, 200, "reading by the cookie")
    for fields in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"},
                   {"Origin": client.origin, "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = client.call("POST", "/api/products", OFFER, {**cookie, **fields})
        check_problem(answer, 403, "foreign_origin", f"a write with {fields}")
    for fields in ({"Origin": client.origin}, {"Sec-Fetch-Site": "same-origin"}):
        answer = client.call("POST", "/api/products", OFFER, {**cookie, **fields})
        check_equal(answer.status, 201, f"a write with {fields}")
    answer = client.call("DELETE", "/api/sessions", headers=cookie)
    check_problem(answer, 403, "foreign_origin", "logging out without an Origin")


def publishing(market):
    client, seller = market.client(), new_user(market, "Fay")
    check_problem(client.call("POST", "/api/products", OFFER), 401, "login_required", "publishing as nobody")
    answer = seller.call("POST", "/api/products", OFFER)
    check_equal(answer.status, 201, "status")
    made = answer.json
    check_equal(answer.headers["Location"], f"/api/products/{made['id']}", "Location")
    check_equal({name: made[name] for name in OFFER}, OFFER, "the article")
    check_equal(made["seller"]["name"], "Fay", "the seller")
    check_equal((made["currency"], made["picture"]), ("GBP", None), "currency and picture")
    check_equal(client.call("GET", f"/api/products/{made['id']}").json, made, "the article, read again")
    wrong = {"title": ["", "   ", "x" * 201, 5, None, "a\u0007b"], "description": ["x" * 10001, 5],
             "price_minor": [-1, 1.5, "12", 10**18, 10**30, None, True], "stock": [-1, 0.5, 1000001, "1"]}
    for field, values in wrong.items():
        for value in values:
            answer = seller.call("POST", "/api/products", OFFER | {field: value})
            check_equal(answer.status, 422, f"status of {field} {str(value)[:30]}")
            check_equal(answer.json["field"], field, f"field of {field} {str(value)[:30]}")
        if field != "description":
            left = {name: value for name, value in OFFER.items() if name != field}
            check_problem(seller.call("POST", "/api/products", left), 422, "missing_field", f"no {field}")
    answer = seller.call("POST", "/api/products", {"title": "x" * 200, "price_minor": 0, "stock": 0})
    check_equal((answer.status, answer.json["description"]), (201, ""), "the least that makes an article")
    answer = seller.call("POST", "/api/products", OFFER | {"colour": "red"})
    check_equal(check_problem(answer, 422, "unknown_field", "colour")["field"], "colour", "field")


def changing(market):
    seller, other = new_user(market, "Gil"), new_user(market, "Hal")
    path = f"/api/products/{new_product(seller)}"
    answer = seller.call("PATCH", path, {"price_minor": 990})
    check_equal((answer.status, answer.json["price_minor"], answer.json["title"]), (200, 990, "Tea pot"), "a new price")
    answer = seller.call("PATCH", path, {"title": "Coffee pot", "stock": 0, "description": "Red"})
    changed = [answer.json[name] for name in ("title", "stock", "price_minor", "description")]
    check_equal(changed, ["Coffee pot", 0, 990, "Red"], "the rest")
    check_equal(seller.call("PATCH", path, {}).status, 200, "an empty change")
    check_equal(seller.call("PATCH", path, {"stock": -1}).json["field"], "stock", "a wrong stock")
    check_problem(other.call("PATCH", path, {"stock": 5}), 403, "not_yours", "another's change")
    check_problem(other.call("DELETE", path), 403, "not_yours", "another's withdrawal")
    check_problem(market.client().call("PATCH", path, {"stock": 5}), 401, "login_required", "nobody's change")
    check_problem(market.client().call("DELETE", path), 401, "login_required", "nobody's withdrawal")
    for number in ("999999", "0", "-1", "x", "1x", "99999999999999999999", "%31%00", "..", "1%2f.."):
        answer = seller.call("PATCH", f"/api/products/{number}", {"stock": 5})
        check(answer.status in (400, 404), f"changing {number}: {answer}")
        check(market.client().call("GET", f"/api/products/{number}").status in (400, 404), f"reading {number}")
    answer = seller.call("DELETE", path)
    check_equal((answer.status, answer.body), (204, b""), "withdrawing")
    check_problem(seller.call("DELETE", path), 404, "not_found", "withdrawing twice")
    check_problem(market.client().call("GET", path), 404, "not_found", "reading what is withdrawn")
    check_problem(seller.call("PATCH", path, {"stock": 5}), 404, "not_found", "changing what is withdrawn")


def listing(market):
    client, seller = market.client(), new_user(market, "Ida")
    for i in range(5):
        new_product(seller, f"Zebra lamp {i}", price_minor=1000 - i, description="striped")
    new_product(seller, "斑马纹灯笼")
    answer = client.call("GET", "/api/products?q=zebra&per_page=2&page=2&sort=price")
    check_equal(answer.status, 200, "status")
    found = answer.json
    check_equal((found["total"], found["page"], found["per_page"], len(found["items"])), (5, 2, 2, 2), "the page")
    check_equal([item["price_minor"] for item in found["items"]], [998, 999], "the order by price")
    newest = client.call("GET", "/api/products?q=zebra&sort=newest").json["items"]
    check_equal([item["title"] for item in newest], [f"Zebra lamp {i}" for i in (4, 3, 2, 1, 0)], "the order by age")
    dear = client.call("GET", "/api/products?q=zebra&sort=-price").json["items"]
    check_equal(dear[0]["price_minor"], 1000, "the dearest")
    for words, total in (("zeb", 5), ("lamp+3", 1), ("zebra+coffin", 0), ("%E7%81%AF%E7%AC%BC", 1), ("%E6%96%91", 1),
                         ("%22", None), ("*", None), ("a+OR+(b", None), ("';drop", None)):
        answer = client.call("GET", f"/api/products?q={words}")
        check_equal(answer.status, 200, f"searching {words}")
        if total is not None:
            check_equal(answer.json["total"], total, f"articles found by {words}")
    check_equal(client.call("GET", "/api/products?page=100").json["items"], [], "far behind the last page")
    for query in ("page=0", "page=-1", "page=x", "page=1.5", "per_page=0", "per_page=101",
                  "per_page=99999999999999999999", "sort=colour"):
        answer = client.call("GET", f"/api/products?{query}")
        check_problem(answer, 422, "invalid", query)
        check_equal(answer.json["field"], query.split("=")[0], "field")
    check_problem(client.call("GET", "/api/products?q=%ff%fe"), 400, "invalid_utf8", "a search that is no UTF-8")


def pictures(market):
    seller, other, client = new_user(market, "Jo"), new_user(market, "Kay"), market.client()
    number = new_product(seller)
    path, page = f"/api/products/{number}/picture", f"/products/{number}/picture"
    check_equal(client.raw("GET", page).status, 404, "no picture yet")
    answer = seller.raw("PUT", path, PNG, {"Content-Type": "image/png"})
    check_equal((answer.status, answer.body), (204, b""), "a picture")
    answer = client.raw("GET", page)
    check_equal((answer.status, answer.headers["Content-Type"], answer.body), (200, "image/png", PNG), "the picture")
    check_equal(answer.headers["X-Content-Type-Options"], "nosniff", "nosniff")
    etag = answer.headers["ETag"]
    answer = client.raw("GET", page, headers={"If-None-Match": etag})
    check_equal((answer.status, answer.body), (304, b""), "the picture that is known")
    check_equal(client.raw("HEAD", page).headers["Content-Length"], str(len(PNG)), "its length")
    check_equal(client.call("GET", f"/api/products/{number}").json["picture"], page, "where it is")
    check_problem(seller.raw("PUT", path, b"GIF89a" + bytes(50)), 415, "picture_type", "a GIF")
    check_problem(seller.raw("PUT", path, b"<svg onload=alert(1)>", {"Content-Type": "image/png"}), 415, "picture_type",
                  "an SVG that says it is a PNG")
    check_problem(seller.raw("PUT", path, PNG[:20]), 415, "picture_type", "a PNG that is cut")
    check_problem(seller.raw("PUT", path, b""), 415, "picture_type", "nothing")
    check_problem(other.raw("PUT", path, PNG), 403, "not_yours", "another's")
    check_problem(client.raw("PUT", path, PNG), 401, "login_required", "nobody's")
    check_problem(seller.raw("PUT", "/api/products/999999/picture", PNG), 404, "not_found", "of no article")
    large = PNG + bytes(5 * 1000 * 1000)
    answer = seller.raw("PUT", path, large)
    check_equal(answer.status, 413, "one that is too large")
    answer = seller.raw("PUT", path, iter([large[i:i + 65536] for i in range(0, len(large), 65536)]),
                        {"Transfer-Encoding": "chunked"})
    check_equal(answer.status, 413, "one that is too large, in chunks")


def orders(market):
    seller, buyer, other = new_user(market, "Lea"), new_user(market, "Mia"), new_user(market, "Ned")
    product = new_product(seller, "Cup", price_minor=250, stock=5)
    order = {"product_id": product, "quantity": 2}
    check_problem(buy(market.client(), order, "1"), 401, "login_required", "nobody's order")
    check_problem(buyer.call("POST", "/api/orders", order), 400, "idempotency_key_required", "an order without a key")
    for key in ("", "a\tb", "x" * 256, "\u00e9"):
        check_equal(buy(buyer, order, key).status, 422, f"a key of {len(key)} characters")
    answer = buy(buyer, order, "first")
    check_equal(answer.status, 201, "status")
    made = answer.json
    check_equal((made["total_minor"], made["status"]), (500, "confirmed"), "the order")
    again = buy(buyer, order, "first")
    check_equal((again.status, again.json), (201, made), "the same again")
    check_equal(buyer.call("GET", f"/api/products/{product}").json["stock"], 3, "stock")
    for body in (order | {"quantity": 1}, order | {"product_id": new_product(seller)}):
        check_problem(buy(buyer, body, "first"), 409, "key_reused", "another body")
    check_equal(buy(other, order | {"quantity": 1}, "first").status, 201, "the same key of another buyer")
    check_problem(buy(buyer, order | {"quantity": 3}, "2"), 409, "out_of_stock", "more than there are")
    for quantity in (0, -1, 1.5, "1", 10**20, None):
        answer = buy(buyer, order | {"quantity": quantity}, "3")
        check_equal((answer.status, answer.json["field"]), (422, "quantity"), f"a quantity of {quantity}")
    check_problem(buy(buyer, {"product_id": 999999, "quantity": 1}, "4"), 404, "not_found", "of no article")
    check_problem(buy(buyer, {"quantity": 1}, "5"), 422, "missing_field", "of nothing")

    answer = buyer.call("GET", "/api/orders")
    check_equal(answer.status, 200, "the buyer's orders")
    check_equal(answer.json["items"], [made], "the buyer's orders")
    answer = buyer.call("GET", f"/api/orders/{made['id']}")
    check_equal((answer.status, answer.json), (200, made), "the order, read again")
    line = {"product_id": product, "title": "Cup", "price_minor": 250, "quantity": 2}
    check_equal(made["lines"], [line], "its lines")
    check_problem(other.call("GET", f"/api/orders/{made['id']}"), 404, "not_found", "another's order")
    check_problem(buyer.call("GET", "/api/orders/x"), 404, "not_found", "no order")
    answer = market.client().call("GET", "/api/orders")
    check_problem(answer, 401, "login_required", "nobody's orders")
    check(answer.headers["WWW-Authenticate"].startswith("Bearer"), "how to log in")


def one_key_at_once(market):
    """Ten requests with one key at the same time make one order."""
    seller, buyer = new_user(market, "Ola"), new_user(market, "Pia")
    product, answers = new_product(seller, stock=10), []

    def press():
        answers.append(buy(market.client(**buyer.headers), {"product_id": product, "quantity": 1}, "k"))

    threads = [threading.Thread(target=press) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_equal({answer.status for answer in answers}, {201}, "statuses")
    check_equal(len({answer.json["id"] for answer in answers}), 1, "orders made")
    check_equal(buyer.call("GET", f"/api/products/{product}").json["stock"], 9, "stock")


def bodies(market):
    seller = new_user(market, "Quin")
    kind = {"Content-Type": "application/json"}
    for body, status, code in ((b"{", 400, "malformed_json"), (b"", 400, "empty_body"), (b"[" * 60000, 400, "too_deep"),
                               (b'{"title":"\xff"}', 400, "invalid_utf8"), (b"[]", 422, "not_an_object"),
                               (b'{"title":"a","title":"b"}', 400, "duplicate_field"),
                               (b"x" * 100000, 413, "body_too_large"), (b'{"title":1e999}', 422, "invalid")):
        check_problem(seller.raw("POST", "/api/products", body, kind), status, code, str(body[:30]))
    for kind in (None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
        answer = seller.raw("POST", "/api/products", json.dumps(OFFER).encode(), {"Content-Type": kind})
        check_problem(answer, 415, "unsupported_media_type", f"Content-Type {kind}")
    kind = {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = seller.raw("POST", "/api/products", json.dumps(OFFER).encode(), kind)
    check_equal(answer.status, 201, "a type with a parameter")


def methods_and_addresses(market):
    client = market.client()
    check_problem(client.call("GET", "/api/nothing"), 404, "not_found", "no such address")
    answer = client.call("PUT", "/api/products")
    check_problem(answer, 405, "method_not_allowed", "no such method")
    check_equal({name.strip() for name in answer.headers["Allow"].split(",")} >= {"GET", "POST"}, True, "Allow")
    check_equal(client.call("OPTIONS", "/api/products").status in (200, 204), True, "OPTIONS")
    answer = client.call("HEAD", "/api/products")
    check_equal((answer.status, answer.body), (200, b""), "HEAD")
    answer = client.call("GET", "/nothing")
    check_equal(answer.status, 404, "a page about nothing")
    check_equal(answer.headers["Content-Type"], "text/html; charset=utf-8", "its type")
    problem = client.call("GET", "/api/nothing").json
    check_equal(client.call("GET", problem["type"]).status, 200, "the page that explains a problem")
    check_equal(client.call("GET", "/problems/nothing").status, 404, "a problem that does not exist")


def health(market):
    client = market.client()
    for path, text in (("/healthz", "ok\n"), ("/readyz", "ready\n")):
        answer = client.raw("GET", path)
        check_equal((answer.status, answer.text), (200, text), path)
    answer = client.raw("GET", "/metrics")
    check(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"), "the type of /metrics")
    values = {}
    for line in answer.text.splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            values[name] = float(value)
    check(values["market_orders_placed_total"] >= 2, f"orders placed: {values['market_orders_placed_total']}")
    check(values["market_orders_refused_total"] >= 1, "orders refused")
    check(values['market_http_answers_total{status="201"}'] > 10, "answers with 201")
    total = values["market_http_answer_seconds_count"]
    check_equal(values['market_http_answer_seconds_bucket{le="+Inf"}'], total, "the histogram's last bucket")
    check(values["market_connections_open"] >= 1, "connections")
    check(values["market_logins_failed_total"] >= 3, "failed logins")
    check(values["market_passwords_hashed_total"] >= 10, "passwords")
    check_equal(values["market_passwords_waiting"], 0, "calls in line for a password")


def main():
    with Market() as market:
        status = run_cases([users, sessions, failed_logins, cookie_writes_need_the_origin, publishing, changing,
                            listing, pictures, orders, one_key_at_once, bodies, methods_and_addresses, health], market)
        ended, _ = market.stop()
        if ended != 0:
            print(f"market ended with {ended}: {market.said()}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
