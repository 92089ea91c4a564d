#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# tier: all
# builds: plain
# limit: 300
# alone: yes
"""Market in a real browser: register, sell with a picture, search, buy, see the order; by keyboard; on a phone and on a
desktop, light and dark, in English and Chinese. Screenshots go to build/screenshots/."""
import math
import os
import sys
import tempfile

from support import webdriver
from support.market import ROOT, Market, check, check_equal, make_png, new_product, new_user, run_cases, skip

SHOTS = ROOT / "build/screenshots"
LOOKS = {"desktop": (1280, 900, False), "phone": (390, 844, True)}
TAB, ENTER = "\ue004", "\ue007"

# Text whose contrast with what is behind it is below WCAG's AA. Backgrounds here are plain colours.
CONTRAST = """
const parse = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
const light = c => { const f = c.slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                     return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
                      if (e.matches('.receipt')) return parse(getComputedStyle(e, '::before').backgroundColor);
                      if (c[3] > .99) return c; } return [255, 255, 255, 1]; };
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), bad = [];
for (let node; node = walker.nextNode();) {
    const e = node.parentElement, style = getComputedStyle(e);
    if (!node.data.trim() || e.closest('.unseen, .skip, svg, option') || !e.getClientRects().length) continue;
    const a = light(parse(style.color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) bad.push(node.data.trim().slice(0, 30) + ' ' + ratio.toFixed(2));
}
return bad;
"""

# What a finger has to hit is at least 24 by 24 (WCAG 2.2, 2.5.8), links within text aside.
SMALL = """
return [...document.querySelectorAll('button, input:not([type=hidden]), .button, nav a, summary')]
    .filter(e => e.getClientRects().length && !e.closest('.unseen'))
    .filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; })
    .map(e => e.outerHTML.slice(0, 80));
"""


def picture(name, colours):
    """A PNG of waves, as a file."""
    def colour(x, y):
        wave = math.sin(x / 37) * 22 + math.sin((x + y) / 61) * 17 + y
        return colours[int(wave // 42) % len(colours)]
    path = os.path.join(tempfile.gettempdir(), name)
    with open(path, "wb") as file:
        file.write(make_png(400, 300, colour))
    return path


class Shop:
    def __init__(self, market, browser):
        self.market, self.browser = market, browser
        self.base = f"http://127.0.0.1:{market.port}"

    def go(self, path):
        self.browser.go(self.base + path)

    def check_page(self, what):
        """What holds on every page, however it looks."""
        browser = self.browser
        check_equal(browser.run(CONTRAST), [], f"text of too little contrast on {what}")
        check_equal(browser.run(SMALL), [], f"targets that are too small on {what}")
        wide = browser.run("return [document.documentElement.scrollWidth, innerWidth]")
        check(wide[0] <= wide[1], f"{what} is wider than the screen: {wide}")
        check_equal(len(browser.find_all("h1")), 1, f"main headings on {what}")
        check_equal(len(browser.find_all("main")), 1, f"main parts of {what}")
        complaints = [line for line in browser.console() if "favicon" not in line and "status of 4" not in line]
        check_equal(complaints, [], f"what the browser says of {what}")

    def submit(self, form):
        self.browser.click_to_load(f"form[action='{form}'] button:not([name])")


def fill_shelves(market):
    """A catalogue to look at: the seed's, and articles with a few peculiarities."""
    seller = new_user(market, "Ann Weaver")
    offers = (("White hanging heart T-light holder", 295, 40), ("青花瓷茶杯，景德镇手工制作", 4800, 3),
              ("Regency cakestand, three tiers", 1275, 0), ("手工竹编灯笼", 6650, 12),
              ("An oak writing desk with four drawers, a leather top and a title that goes on", 48000, 1))
    words = "Made by hand, and as good as new.\n\nPosted within two days, wrapped in paper. 手工制作。"
    for title, price, stock in offers:
        new_product(seller, title, price_minor=price, stock=stock, description=words)


def buy_something(shop):
    """The whole way, in English, on a desktop."""
    browser = shop.browser
    browser.look_as(1280, 900)
    shop.go("/")
    check("Market" in browser.title, f"title {browser.title}")
    shop.check_page("/")
    browser.click_to_load("nav a[href='/login']")
    browser.click_to_load(".aside a")
    browser.type("#name", "Bo Potter")
    browser.type("#password", "correct horse")
    shop.submit("/register")
    check("Welcome" in browser.text(".notice"), "no welcome")

    browser.click_to_load("nav a[href='/sell']")
    browser.type("#title", "Wave print on cotton")
    browser.type("#description", "Block-printed by hand in three colours.\n\n50 by 70 cm, washed once.")
    browser.type("#price", "18.50")
    browser.clear("#stock")
    browser.type("#stock", "4")
    browser.type("#picture", picture("waves.png", [(31, 111, 92), (244, 236, 223), (216, 69, 43)]))
    shop.submit("/sell")
    check_equal(browser.text("h1"), "Wave print on cotton", "the new article")
    check("on sale" in browser.text(".notice"), "no notice")
    loaded = browser.run("const i = document.querySelector('.product img'); return [i.complete, i.naturalWidth]")
    check_equal(loaded, [True, 400], "the picture")
    shop.check_page("the new article")
    browser.click_to_load("form[action='/logout'] button")

    browser.click_to_load("nav a[href='/login']")
    browser.click_to_load(".aside a")
    browser.type("#name", "陈茶香")
    browser.type("#password", "密码密码密码密码")
    shop.submit("/register")
    browser.type("#q", "cotton wav")
    browser.click_to_load(".search button")
    check_equal(browser.text(".card mark"), "Wave", "the match")
    browser.click_to_load(".card h2 a")
    browser.clear("#quantity")
    browser.type("#quantity", "2")
    shop.submit("/orders")
    check("/orders/" in browser.url, f"after buying: {browser.url}")
    check("£37.00" in browser.text(".receipt"), "the receipt's total")
    shop.check_page("the order")
    browser.click_to_load("nav a[href='/orders']")
    check("Wave print on cotton" in browser.text("table"), "the list of orders")


def by_keyboard(shop):
    """Everything is reached with Tab, sees where it is, and the skip link skips."""
    browser = shop.browser
    shop.go("/")
    browser.press(TAB)
    check_equal(browser.run("return document.activeElement.className"), "skip", "the first stop")
    check(browser.run("return document.activeElement.getBoundingClientRect().top") >= 0, "the skip link is not seen")
    browser.press(ENTER)
    check_equal(browser.run("return document.activeElement.id"), "main", "where the skip link leads")
    shop.go("/")
    seen = set()
    for _ in range(40):
        browser.press(TAB)
        style = browser.run("const e = document.activeElement;"
                            "const seen = part => getComputedStyle(e, part).outlineStyle !== 'none';"
                            "return [e.tagName, e.getAttribute('href') || e.name || '', seen(null) || seen('::after')]")
        if style[0] == "BODY":
            break
        check(style[2], f"the focus is not seen on {style[:2]}")
        seen.add(style[1])
    check({"/", "q", "/sell", "/orders"} <= seen, f"Tab reached {seen}")


def all_looks(shop):
    """Each page, on each screen, in each colour, in each language."""
    browser = shop.browser
    SHOTS.mkdir(parents=True, exist_ok=True)
    paths = {"home": "/", "search": "/?q=holder+made", "nothing-found": "/?q=unfindable", "product": "/products/1",
             "sell": "/sell", "orders": "/orders", "order": "/orders/1", "not-found": "/nothing"}
    for language in ("en", "zh"):
        for device, (width, height, phone) in LOOKS.items():
            for scheme in ("light", "dark"):
                browser.look_as(width, height, scheme, phone)
                shop.go("/")
                browser.click_to_load(f".languages button[value={language}]")
                for name, path in paths.items():
                    shop.go(path)
                    shop.check_page(f"{name} ({language}, {device}, {scheme})")
                    browser.screenshot(SHOTS / f"{name}-{device}-{scheme}-{language}.png")
    browser.click_to_load(".languages button[value=en]")


def forms_and_flaws(shop):
    """What the browser would refuse itself is sent all the same, to see what the server makes of it."""
    browser = shop.browser
    browser.click_to_load("form[action='/logout'] button")
    for device, (width, height, phone) in LOOKS.items():
        for scheme in ("light", "dark"):
            browser.look_as(width, height, scheme, phone)
            shop.go("/register")
            shop.check_page("register")
            browser.type("#name", "Bo Potter")
            browser.type("#password", "short")
            browser.run("document.querySelector('form.sheet').noValidate = true")
            shop.submit("/register")
            shop.check_page("register, with flaws")
            check_equal(browser.attribute("#password", "aria-invalid"), "true", "the password")
            described = browser.attribute("#password", "aria-describedby").split()
            check("password-flaw" in described and browser.find_all("#password-flaw"), f"described by {described}")
            browser.screenshot(SHOTS / f"register-flawed-{device}-{scheme}-en.png")
            shop.go("/login")
            shop.check_page("login")
            browser.screenshot(SHOTS / f"login-{device}-{scheme}-en.png")


def small_and_enlarged(shop):
    """320 pixels wide, as WCAG's reflow has it, and with text of twice the size."""
    browser = shop.browser
    for width in (320, 768):
        browser.look_as(width, 700, phone=width < 400)
        for path in ("/", "/?q=holder", "/products/1", "/login"):
            shop.go(path)
            shop.check_page(f"{path} at {width} pixels")
    browser.look_as(1280, 900)
    shop.go("/")
    browser.run("document.documentElement.style.fontSize = '200%'")
    shop.check_page("/ with text of twice the size")


def main():
    if not webdriver.is_here():
        skip("chromium and chromedriver are not installed")
    with Market() as market, tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        fill_shelves(market)
        try:
            begun = webdriver.Browser(folder)
        except webdriver.WebDriverError as error: # in a bare chroot, say
            skip(f"chromium does not start here: {error}")
        with begun as browser:
            status = run_cases([buy_something, by_keyboard, all_looks, forms_and_flaws, small_and_enlarged],
                               Shop(market, browser))
        ended, _ = market.stop()
    print(f"screenshots are in {SHOTS.relative_to(ROOT)}/")
    return status or ended


if __name__ == "__main__":
    sys.exit(main())
