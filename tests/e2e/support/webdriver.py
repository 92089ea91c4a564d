# SPDX-License-Identifier: MIT
"""Drives a headless Chromium through chromedriver (W3C WebDriver, a JSON protocol over HTTP)."""
import base64
import http.client
import json
import os
import shutil
import socket
import subprocess
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's name for a reference to an element


class WebDriverError(Exception):
    pass


def is_here():
    return shutil.which("chromium") is not None and shutil.which("chromedriver") is not None


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Browser:
    """One browser with one window. Use it in a `with`: what it started ends with it."""

    def __init__(self, folder, language="en-GB"):
        self.port = free_port()
        self.log = open(os.path.join(folder, "chromedriver.log"), "wb")
        self.process = subprocess.Popen(["chromedriver", f"--port={self.port}"], stdout=self.log, stderr=self.log,
                                        env=os.environ | {"HOME": folder})
        self.session = None
        self._wait_for_driver()
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--disable-background-networking", "--disable-component-update", "--no-first-run",
                     f"--accept-lang={language}", f"--user-data-dir={folder}/profile"]
        options = {"args": arguments, "prefs": {"intl.accept_languages": language}}
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = answer["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            if self.session:
                self._call("DELETE", f"/session/{self.session}")
        except (OSError, WebDriverError):
            pass
        self.process.terminate()
        self.process.wait(10)
        self.log.close()

    def _wait_for_driver(self):
        deadline = time.monotonic() + 30
        while True:
            try:
                return self._call("GET", "/status")
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.1)

    def _call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Content-Type": "application/json"})
        value = json.loads(connection.getresponse().read())["value"]
        connection.close()
        if isinstance(value, dict) and "error" in value:
            raise WebDriverError(f"{value['error']}: {value['message'].splitlines()[0]}")
        return value

    def _do(self, method, path, body=None):
        return self._call(method, f"/session/{self.session}{path}", {} if method == "POST" and body is None else body)

    def cdp(self, command, **parameters):
        """A command of Chromium's own protocol."""
        return self._do("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def look_as(self, width, height, scheme="light", phone=False):
        """From now on a screen of that size, with or without touch, light or dark."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1,
                 mobile=phone)
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def go(self, url):
        self._do("POST", "/url", {"url": url})

    @property
    def url(self):
        return self._do("GET", "/url")

    @property
    def title(self):
        return self._do("GET", "/title")

    def find_all(self, selector):
        found = self._do("POST", "/elements", {"using": "css selector", "value": selector})
        return [element[ELEMENT] for element in found]

    def find(self, selector):
        found = self.find_all(selector)
        if not found:
            raise WebDriverError(f"no element {selector} on {self.url}")
        return found[0]

    def text(self, selector):
        return self._do("GET", f"/element/{self.find(selector)}/text")

    def attribute(self, selector, name):
        return self._do("GET", f"/element/{self.find(selector)}/attribute/{name}")

    def click(self, selector):
        self._do("POST", f"/element/{self.find(selector)}/click")

    def click_to_load(self, selector):
        """Click what leads to another page, and wait until that is there."""
        self.run("window.isLeft = true")
        self.click(selector)
        deadline = time.monotonic() + 30
        while not self.run("return !window.isLeft && document.readyState === 'complete'"):
            if time.monotonic() > deadline:
                raise WebDriverError(f"{selector} led nowhere from {self.url}")
            time.sleep(0.02)

    def type(self, selector, text):
        element = self.find(selector)
        self._do("POST", f"/element/{element}/value", {"text": text})

    def clear(self, selector):
        self._do("POST", f"/element/{self.find(selector)}/clear")

    def press(self, *keys):
        """Keys on whatever has the focus."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def run(self, script, *arguments):
        return self._do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def console(self):
        """What the browser complained about since the last call."""
        return [entry["message"] for entry in self._do("POST", "/se/log", {"type": "browser"})]

    def screenshot(self, path, whole=True):
        if whole:
            height = self.run("return document.documentElement.scrollHeight")
            part = {"x": 0, "y": 0, "width": self.run("return innerWidth"), "height": min(height, 3000), "scale": 1}
            shot = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=part)["data"]
        else:
            shot = self._do("GET", "/screenshot")
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot))
