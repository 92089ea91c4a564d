#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# tier: test
# limit: 300
"""Market's pages without a browser and without a script: forms, redirects, notices, languages, escaping, headers."""
import html.parser
import re
import sys
import threading
from http.cookies import SimpleCookie

from support.market import PNG, Market, check, check_equal, new_product, new_user, run_cases


class Page(html.parser.HTMLParser):
    """What the tests look at of a page."""

    VOID = {"meta", "link", "input", "br", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.forms, self.ids, self.references, self.errors, self.lang = [], [], set(), [], [], None
        self.text, self.labels, self.fields, self.headings = "", set(), set(), [0]
        self.feed(text)
        self.close()
        if self.open:
            self.errors.append(f"{self.open} never close")
        if self.fields - self.labels:
            self.errors.append(f"{self.fields - self.labels} have no label")
        if self.headings.count(1) != 1:
            self.errors.append(f"the headings are {self.headings[1:]}")

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            if int(tag[1]) > self.headings[-1] + 1:
                self.errors.append(f"<{tag}> comes behind {self.headings[1:]}")
            self.headings.append(int(tag[1]))
        if tag == "html":
            self.lang = values.get("lang")
        if "id" in values:
            if values["id"] in self.ids:
                self.errors.append(f"two elements have the id {values['id']}")
            self.ids.add(values["id"])
        if "style" in values or any(name.startswith("on") for name in values) or tag in ("script", "style"):
            self.errors.append(f"<{tag}> has script or style inside: {values}")
        self.references += values.get("aria-describedby", "").split()
        if tag == "label":
            self.labels.add(values["for"])
        if tag == "form":
            self.forms.append({"action": values.get("action"), "method": values.get("method", "get"), "fields": {}})
        if tag in ("input", "textarea") and self.forms:
            self.forms[-1]["fields"][values["name"]] = values.get("value", "")
            if values.get("type") != "hidden":
                self.fields.add(values.get("id"))
        if tag == "img" and "alt" not in values:
            self.errors.append("an image has no alt")

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(f"</{tag}> closes what is not open")

    def handle_data(self, data):
        self.text += data

    def form(self, action):
        found = [form for form in self.forms if form["action"] == action]
        check(found, f"no form goes to {action}: {[form['action'] for form in self.forms]}")
        return found[0]["fields"]


class Visitor:
    """A client that keeps cookies and reads pages, as a browser would."""

    def __init__(self, market, language="en"):
        self.client = market.client(**{"Accept-Language": language})
        self.cookies = {}

    def _keep(self, answer):
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(header).items():
                if morsel["max-age"] == "0" or "1970" in morsel["expires"]:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def _fields(self, more=None):
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookie or None, **(more or {})}

    def get(self, path, status=200):
        answer = self._keep(self.client.raw("GET", path, headers=self._fields()))
        check_equal(answer.status, status, f"the status of {path}")
        return self.read(path, answer)

    def read(self, path, answer):
        page = Page(answer.text)
        check_equal(page.errors, [], f"errors of {path}")
        check_equal([name for name in page.references if name not in page.ids], [], f"references of {path} to nothing")
        page.answer = answer
        return page

    def post(self, path, fields, headers=None):
        return self._keep(self.client.form(path, fields, self._fields(headers)))

    def follow(self, answer):
        check_equal(answer.status, 303, "the status of a form that was accepted")
        return self.get(answer.headers["Location"])

    def upload(self, path, fields, filename, data):
        boundary = "----weir5f1e"
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                 for name, value in fields.items()]
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="picture"; filename="{filename}"\r\n'
                     f'Content-Type: image/png\r\n\r\n'.encode() + data + b"\r\n")
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self._keep(self.client.raw("POST", path, body, self._fields(
            {"Content-Type": f"multipart/form-data; boundary={boundary}", "Origin": self.client.origin})))

    def register(self, name):
        return self.follow(self.post("/register", {"name": name, "password": "correct horse", "next": "/"}))


def registering(market):
    visitor = Visitor(market)
    page = visitor.get("/register")
    check({"name", "password", "next"} <= set(page.form("/register")), "the form's fields")
    answer = visitor.post("/register", {"name": "", "password": "short"})
    check_equal(answer.status, 422, "a form that is not filled in")
    page = visitor.read("/register", answer)
    check({"name-flaw", "password-flaw"} <= set(page.references), f"flaws are not tied to fields: {page.references}")
    page = visitor.register("Ann <b>")
    check("Welcome to the market" in page.text, "the notice")
    check("Ann <b>" in page.text, "the name")
    check("Welcome" not in visitor.get("/").text, "the notice is said once only")
    other = Visitor(market)
    answer = other.post("/register", {"name": "ann <B>", "password": "correct horse"})
    check_equal(answer.status, 409, "a name that is taken")
    check("already" in other.read("/register", answer).text, "why")
    answer = other.post("/login", {"name": "Ann <b>", "password": "wrong horse"})
    check_equal(answer.status, 401, "a wrong password")
    check("wrong" in other.read("/login", answer).text, "why")
    answer = other.post("/login", {"name": "Ann <b>", "password": "correct horse", "next": "/orders"})
    check_equal((answer.status, answer.headers["Location"]), (303, "/orders"), "logging in")
    for _ in range(10):
        check_equal(other.post("/login", {"name": "Zoe", "password": "wrong horse"}).status, 401, "a login of nobody's")
    check_equal(other.post("/login", {"name": "Zoe", "password": "wrong horse"}).status, 429, "and once more")
    check("Welcome to the market" in Visitor(market).register("Zoe").text, "who registers need not log in")
    answer = other.post("/logout", {})
    check("logged out" in other.follow(answer).text, "logging out")
    check_equal(other.client.raw("GET", "/orders", headers=other._fields()).status, 303, "orders of nobody")


def redirects_stay_here(market):
    visitor = Visitor(market)
    visitor.register("Bo")
    for path in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\r\nX: y",
                 "evil", "/\u00e9"):
        answer = visitor.post("/language", {"lang": "en", "next": path})
        check_equal((answer.status, answer.headers["Location"]), (303, "/"), f"where next={path!r} leads")
    answer = visitor.post("/language", {"lang": "en", "next": "/?q=tea&page=2"})
    check_equal(answer.headers["Location"], "/?q=tea&page=2", "a path of ours")


def forms_from_elsewhere(market):
    visitor = Visitor(market)
    visitor.register("Cy")
    for path in ("/sell", "/orders", "/logout", "/login", "/register", "/language", "/sell/1", "/sell/1/withdraw"):
        for fields in ({"Origin": "https://evil.example"}, {"Origin": None}, {"Sec-Fetch-Site": "cross-site"}):
            answer = visitor.post(path, {"title": "x"}, fields)
            check_equal(answer.status, 403, f"{path} with {fields}")
    check("Cy" in visitor.get("/").text, "still logged in")


def languages(market):
    english, chinese = Visitor(market, "en-GB,zh;q=0.5"), Visitor(market, "zh-CN,zh;q=0.9,en;q=0.8")
    check_equal(english.get("/").lang, "en-GB", "lang")
    page = chinese.get("/")
    check_equal(page.lang, "zh-Hans", "lang")
    check("搜索" in page.text and "登录" in page.text, "Chinese words")
    check_equal(page.answer.headers["Content-Language"], "zh-Hans", "Content-Language")
    check("Accept-Language" in page.answer.headers["Vary"], "Vary")
    answer = chinese.post("/language", {"lang": "en", "next": "/register"})
    check_equal(chinese.follow(answer).lang, "en-GB", "after the switch")
    check_equal(chinese.get("/login").lang, "en-GB", "it stays so")
    chinese.post("/language", {"lang": "xx", "next": "/"})
    check_equal(chinese.get("/").lang, "en-GB", "after a switch to no language")


def selling_and_buying(market):
    seller, buyer = Visitor(market), Visitor(market)
    seller.register("Di")
    page = seller.get("/sell")
    check({"title", "description", "price", "stock", "picture"} <= set(page.form("/sell")), "the form's fields")
    answer = seller.post("/sell", {"title": "", "price": "1,5", "stock": "-1", "description": "x" * 10001})
    check_equal(answer.status, 422, "a form with mistakes")
    page = seller.read("/sell", answer)
    check({"title-flaw", "price-flaw", "stock-flaw", "description-flaw"} <= set(page.references), "all that is wrong")
    check_equal(page.form("/sell")["price"], "1,5", "what was typed is kept")
    offer = {"title": "Blue <i>cup</i>", "description": "one\r\ntwo\r\n\r\nthree & four", "price": "12.5", "stock": "3"}
    answer = seller.upload("/sell", offer, "cup.png", b"no picture at all")
    check_equal(answer.status, 422, "a picture that is none")
    check("picture-flaw" in seller.read("/sell", answer).references, "the picture's flaw")
    page = seller.follow(seller.upload("/sell", offer, "../../cup.png", PNG))
    check("on sale" in page.text and "Blue <i>cup</i>" in page.text and "£12.50" in page.text, "the article's page")
    product = int(re.search(r"/sell/(\d+)", page.answer.text).group(1))
    check_equal(market.client().call("GET", f"/api/products/{product}").json["description"], "one\ntwo\n\nthree & four",
                "the description, with plain line breaks")
    check("<br>" in page.answer.text and "three &amp; four" in page.answer.text, "the description on the page")

    page = buyer.get(f"/products/{product}")
    check("Log in to buy" in page.text, "a visitor must log in")
    buyer.register("Ed")
    form = buyer.get(f"/products/{product}").form("/orders")
    for quantity, status in (("0", 422), ("x", 422), ("", 422), ("4", 409)):
        answer = buyer.post("/orders", form | {"quantity": quantity})
        check_equal(answer.status, status, f"buying {quantity!r}")
        check("quantity-flaw" in buyer.read("/orders", answer).references, "the quantity's flaw")
    answer = buyer.post("/orders", form | {"quantity": "2"})
    page = buyer.follow(answer)
    check("Your order is confirmed" in page.text and "£25.00" in page.text, "the receipt")
    again = buyer.post("/orders", form | {"quantity": "2"})
    check_equal(again.headers["Location"], answer.headers["Location"], "the order, after pressing twice")
    check("already" in buyer.follow(again).text, "the notice")
    check_equal(market.client().call("GET", f"/api/products/{product}").json["stock"], 1, "stock")
    check_equal(buyer.post("/orders", form | {"quantity": "1"}).status, 409, "the form again, with another quantity")
    check("Blue <i>cup</i>" in buyer.get("/orders").text, "the list of orders")
    seller_path = answer.headers["Location"]
    check_equal(seller.client.raw("GET", seller_path, headers=seller._fields()).status, 404, "another's order")

    check_equal(buyer.client.raw("GET", f"/sell/{product}", headers=buyer._fields()).status, 403, "another's article")
    check_equal(buyer.post(f"/sell/{product}/withdraw", {}).status, 403, "withdrawing another's article")
    page = seller.get(f"/sell/{product}")
    check_equal(page.form(f"/sell/{product}")["price"], "12.50", "the price in the form")
    offer["price"] = "9"
    page = seller.follow(seller.upload(f"/sell/{product}", offer, "", b""))
    check("Saved" in page.text and "£9.00" in page.text and f"/products/{product}/picture" in page.answer.text,
          "the change, the picture kept")
    page = seller.follow(seller.post(f"/sell/{product}/withdraw", {}))
    check("Withdrawn" in page.text, "the list says so")
    check("no longer on sale" in buyer.get(f"/products/{product}").text, "its page says so")


def pressing_twice_at_once(market):
    visitor = Visitor(market)
    visitor.register("Flo")
    product = new_product(new_user(market, "Flo's seller"), stock=10)
    form, places = visitor.get(f"/products/{product}").form("/orders"), []

    def press():
        other = Visitor(market)
        other.cookies = dict(visitor.cookies)
        places.append(other.post("/orders", form | {"quantity": "1"}).headers["Location"])

    threads = [threading.Thread(target=press) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_equal(len(set(places)), 1, f"orders made: {places}")


def searching(market):
    seller = new_user(market, "Gus")
    for i in range(30):
        new_product(seller, f"Lantern {i:02} \"red\" & <b>bold</b>", price_minor=100 + i)
    visitor = Visitor(market)
    page = visitor.get("/?q=lantern+red&sort=price&page=2")
    check("<mark>" in page.answer.text and "<b>bold" not in page.answer.text, "matches are marked, the rest is escaped")
    check("Page 2 of 2" in page.text, "the pager")
    check("q=lantern%20red&amp;sort=price" in page.answer.text, "links keep the search")
    for query in ("q=%22%27%3E%3Cscript%3Ealert(1)%3C/script%3E", "q=%ff%fe", "page=0", "page=99999", "sort=x",
                  "q=" + "a" * 3000, "q=%20%20", "q=%00"):
        answer = visitor.client.raw("GET", f"/?{query}")
        check(answer.status in (200, 400), f"{query[:30]}: {answer.status}")
        visitor.read(query, answer)
        check("<script>" not in answer.body.decode(), "a script came through")
    check("Nothing like that" in visitor.get("/?q=unfindable").text, "a search that finds nothing")


def nothing_of_an_address_is_markup(market):
    """Pages come back to the address that was asked for when the language is switched, so it stands in them."""
    visitor = Visitor(market)
    evil = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    for path, status in ((f"/?{evil}=1", 200), (f"/?q={evil}&{evil}={evil}", 200), (f"/nothing/{evil}", 404),
                         (f"/{evil}?{evil}", 404), (f"/login?next=/{evil}", 200), (f"/problems/{evil}", 404),
                         (f"/products/1?'{evil}'=", 200), ("/?q=%01%1b%7f", 200), (f"/orders/{evil}", 404)):
        page = visitor.get(path, status)
        check(not set(page.answer.text) & {"\x01", "\x1b", "\x7f"}, f"{path} holds controls")
    form = visitor.get("/?a%26b=c%3Dd&q=x").form("/language")
    check_equal(form["next"], "/?a%26b=c%3Dd&q=x", "where the switch comes back to")


def headers(market):
    visitor = Visitor(market)
    for path in ("/", "/login", "/nothing", "/products/1"):
        answer = visitor.client.raw("GET", path)
        policy = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "style-src 'self'", "img-src 'self'", "form-action 'self'",
                     "base-uri 'none'", "frame-ancestors 'none'"):
            check(part in policy, f"{part} is not in {policy}")
        check_equal(answer.headers["X-Content-Type-Options"], "nosniff", f"nosniff of {path}")
        check_equal(answer.headers["Referrer-Policy"], "same-origin", f"Referrer-Policy of {path}")
        check(answer.headers["Cache-Control"], f"Cache-Control of {path}")
    style = re.search(r'href="(/assets/market\.[0-9a-f]+\.css)"', visitor.get("/").answer.text).group(1)
    answer = visitor.client.raw("GET", style)
    check_equal((answer.status, answer.headers["Content-Type"]), (200, "text/css; charset=utf-8"), "the style sheet")
    check("immutable" in answer.headers["Cache-Control"], "the style sheet's Cache-Control")
    answer = visitor.client.raw("GET", style, headers={"If-None-Match": answer.headers["ETag"]})
    check_equal(answer.status, 304, "the style sheet, again")
    check_equal(visitor.client.raw("GET", "/assets/market.css").status, 404, "an asset of another name")


def secure_cookies_behind_tls(market):
    with Market("--origin", "https://shop.example") as proxied:
        client = proxied.client(Host="shop.example")
        fields = {"name": "Ann", "password": "correct horse"}
        check_equal(client.form("/register", fields).status, 403, "the inner origin")
        answer = client.form("/register", fields, {"Origin": "https://shop.example"})
        check_equal(answer.status, 303, "the outer origin")
        for cookie in answer.headers.get_all("Set-Cookie"):
            check("; Secure" in cookie, f"{cookie} is not Secure")


def main():
    with Market() as market:
        return run_cases([registering, redirects_stay_here, forms_from_elsewhere, languages, selling_and_buying,
                          pressing_twice_at_once, searching, nothing_of_an_address_is_markup, headers,
                          secure_cookies_behind_tls], market)


if __name__ == "__main__":
    sys.exit(main())
