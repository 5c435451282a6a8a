"""Headless Chromium for tests: pages are opened and looked at over the DevTools pipe, without another package."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SECONDS = 60
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
DESKTOP, TABLET, PHONE = (1280, 900), (768, 1024), (360, 740)


def executable() -> str | None:
    """Where a Chromium is, if one is installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def axe_source() -> str | None:
    """The source of axe-core, if the package that carries it is installed."""
    spec = find_spec("axe_core_python")
    file = Path(spec.origin).with_name("axe.min.js") if spec and spec.origin else None
    return file.read_text(encoding="utf-8") if file and file.exists() else None


class Browser:
    """One page of one browser. Commands go out and answers come in as JSON, each ended by a zero byte."""

    def __init__(self, write: int, read: int):
        self._out, self._in = os.fdopen(write, "wb"), os.fdopen(read, "rb")
        self._buffer, self._last, self._session = b"", 0, None
        self.events: list[dict[str, Any]] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its answer; what happens meanwhile is kept in `events`."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        self._out.flush()
        while True:
            answer = self._read()
            if answer.get("id") == self._last:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            data = os.read(self._in.fileno(), 1 << 20)
            assert data, "the browser has gone"
            self._buffer += data
        text, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(text)

    def size(self, width: int, height: int) -> None:
        """The window in CSS pixels."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, *, kind: str = "screen", scheme: str = "light") -> None:
        """Screen or print, light or dark."""
        self.send(
            "Emulation.setEmulatedMedia", media=kind, features=[{"name": "prefers-color-scheme", "value": scheme}]
        )

    def open(self, path: Path) -> None:
        """Load a file and wait until it is there."""
        self.events.clear()
        self.send("Page.navigate", url=path.resolve().as_uri())
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self._read())

    def ask(self, script: str) -> Any:
        """The value of a JavaScript expression on the page; promises are waited for."""
        told = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def complaints(self) -> list[str]:
        """Errors and warnings of the console, exceptions, and loads that failed since the page was opened."""
        self.ask("new Promise(done => setTimeout(done, 50))")
        found = []
        for event in self.events:
            method, told = event.get("method"), event.get("params", {})
            if method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
                found.append(told["entry"]["text"])
            elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
                found.append(str(told["args"]))
            elif method in ("Runtime.exceptionThrown", "Network.loadingFailed"):
                found.append(str(told))
        return found

    def requests(self) -> list[str]:
        """Everything that the page asked for."""
        sent = [e["params"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [told["request"]["url"] for told in sent]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return self.ask("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """A PNG of the window or of the whole page."""
        data = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def paper(self) -> bytes:
        """The page as PDF."""
        return base64.b64decode(self.send("Page.printToPDF", printBackground=True)["data"])

    def accessibility(self, axe: str) -> list[dict[str, Any]]:
        """What axe-core finds serious or critical."""
        self.send("Runtime.evaluate", expression=axe)
        found = self.ask("axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))")
        return [
            {"rule": v["id"], "what": v["help"], "where": [n["html"][:120] for n in v["nodes"][:3]]}
            for v in json.loads(found)
            if v["impact"] in ("serious", "critical")
        ]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium that reads commands from file 3 and answers on file 4, ended at the end."""
    program = executable()
    assert program, "no Chromium"
    to_browser, from_us = os.pipe()
    to_us, from_browser = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--hide-scrollbars"]
        command = [program, *flags, "--disable-dev-shm-usage", f"--user-data-dir={profile}", "about:blank"]
        script = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        process = subprocess.Popen(
            ["bash", "-c", script, "bash", *command],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        browser = Browser(from_us, to_us)
        try:
            yield browser
        finally:
            browser._session = None
            browser._out.write(b'{"id": 0, "method": "Browser.close"}\0')
            browser._out.flush()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            browser._out.close()
            browser._in.close()
