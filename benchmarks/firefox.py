"""`python -m benchmarks.firefox FILE... --pictures FOLDER`: exported pages in Firefox, opened from the disk.

Firefox is driven over WebDriver BiDi, without another program in between. Its network is off: it asks a proxy
that is not there. Of each file it prints when the first answer stood there, how long 400 tokens take, what
was asked for besides the file, and what the browser complained of. Needs the command firefox-esr or firefox
(Debian: `apt install firefox-esr`), and websockets, which Streamlit brings.
"""

import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from benchmarks.app.browser import free_port
from rnn_core.errors import BenchError

PATIENCE = 60.0  # seconds
TOKENS = 400
_OFFLINE = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "",
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
}
_WIDTHS = {"": (1280, 800), "-phone": (390, 844)}
_WATCH = """() => {
  const look = () => {
    if (document.querySelector(".end")?.textContent.trim()) window.firstAnswer = performance.now()
    else requestAnimationFrame(look)
  }
  look()
}"""
_ANSWERED = """async () => {
  while (window.firstAnswer === undefined) await new Promise((done) => setTimeout(done, 5))
  return window.firstAnswer
}"""
_TYPED = """async (text) => {
  const [box, tokens] = [document.querySelector("#text"), document.querySelector("[role=listbox]")]
  const [before, began] = [tokens.textContent, performance.now()]
  box.value = text
  box.dispatchEvent(new Event("input", { bubbles: true }))
  while (tokens.textContent === before) await new Promise((done) => requestAnimationFrame(done))
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
  return performance.now() - began
}"""


class Seen(NamedTuple):
    """How a page did in Firefox."""

    first_answer: float
    """Milliseconds after the page began to load."""
    typed: float
    """Milliseconds from 400 tokens in the text box until the page was drawn again, the least of five."""
    asked: list[str]
    """Addresses other than the file."""
    complaints: list[str]
    """Errors that the browser reported."""


class Firefox:
    """A browser that does what it is asked, one thing after the other."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._numbers = socket, itertools.count(1)
        self._events: list[dict[str, Any]] = []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self.ask("script.addPreloadScript", functionDeclaration=_WATCH)
        self._tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command of WebDriver BiDi. Raises BenchError where it fails."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv(timeout=PATIENCE))
            if message.get("type") == "event":
                self._events.append(message)
            elif message.get("id") == number:
                if message["type"] == "error":
                    raise BenchError(f"Firefox could not do {method}: {message['message']}.")
                return dict(message["result"])

    def open(self, address: str) -> None:
        """Open an address, and wait until all of it is there."""
        self._events.clear()
        self.ask("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def seen(self, method: str) -> list[dict[str, Any]]:
        """What the page did since it was opened, of one kind of event; not what Firefox did by itself."""
        of_kind = [event["params"] for event in self._events if event["method"] == method]
        return [
            event
            for event in of_kind
            if self._tab in (event.get("context"), event.get("source", {}).get("context"))
        ]

    def call(self, function: str, *texts: str) -> Any:
        """What a JavaScript function gives back for these texts: a number, a text or nothing."""
        done = self.ask(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[{"type": "string", "value": text} for text in texts],
            target={"context": self._tab},
            awaitPromise=True,
        )
        if done["type"] == "exception":
            raise BenchError(f"The page failed in Firefox: {done['exceptionDetails']['text']}.")
        return done["result"].get("value")

    def take_picture(self, width: int, height: int) -> bytes:
        """The whole page as PNG, in a window of this size."""
        viewport = {"width": width, "height": height}
        self.ask("browsingContext.setViewport", context=self._tab, viewport=viewport)
        self.call("() => new Promise((done) => setTimeout(done, 300))")
        taken = self.ask("browsingContext.captureScreenshot", context=self._tab, origin="document")
        return base64.b64decode(taken["data"])


@contextlib.contextmanager
def firefox() -> Iterator[Firefox]:
    """A Firefox of its own, without a window and without a network. Raises BenchError where there is none."""
    command = shutil.which("firefox-esr") or shutil.which("firefox")
    if command is None:
        raise BenchError("There is no command firefox-esr here. `apt install firefox-esr` brings it.")
    with tempfile.TemporaryDirectory(prefix="gatescope-firefox-") as folder:
        settings = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _OFFLINE.items()
        ]
        Path(folder, "user.js").write_text("\n".join(settings), encoding="utf-8")
        port = free_port()
        process = subprocess.Popen(
            [command, "--headless", "--no-remote", "--profile", folder, f"--remote-debugging-port={port}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with _connected(port, process) as socket:
                yield Firefox(socket)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _connected(port: int, process: "subprocess.Popen[bytes]") -> ClientConnection:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return connect(f"ws://127.0.0.1:{port}/session", max_size=None, compression=None)
        except (OSError, WebSocketException) as error:
            if process.poll() is not None or time.monotonic() > end:
                raise BenchError("Firefox did not start.") from error
            time.sleep(0.1)


def look_at(browser: Firefox, file: Path, pictures: Path | None) -> Seen:
    """Open a page, type a long text, and take pictures of it in light and in dark, wide and as a phone."""
    browser.open(file.resolve().as_uri())
    first = float(browser.call(_ANSWERED))
    if pictures is not None:
        for theme in ("light", "dark"):
            browser.call("(theme) => { document.documentElement.dataset.theme = theme }", theme)
            for name, size in _WIDTHS.items():
                picture = browser.take_picture(*size)
                (pictures / f"{file.stem}-{theme}{name}.png").write_bytes(picture)
    words = ["a", "slow", "but", "wonderful", "film"]
    texts = [" ".join((words[turn:] + words[:turn]) * (TOKENS // len(words))) for turn in range(len(words))]
    typed = min(float(browser.call(_TYPED, text)) for text in texts)
    asked = [one["request"]["url"] for one in browser.seen("network.beforeRequestSent")]
    return Seen(
        first_answer=first,
        typed=typed,
        # Firefox shows itself a font out of a data address, which asks nobody.
        asked=[at for at in asked if at != file.resolve().as_uri() and not at.startswith("data:")],
        complaints=[entry["text"] for entry in browser.seen("log.entryAdded") if entry["level"] == "error"],
    )


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--pictures", type=click.Path(file_okay=False, path_type=Path), help="Write pictures here.")
def main(files: tuple[Path, ...], pictures: Path | None) -> None:
    """Open exported pages in Firefox, from the disk, with its network off."""
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    try:
        with firefox() as browser:
            for file in files:
                seen = look_at(browser, file, pictures)
                click.echo(
                    f"{file.name}: first answer after {seen.first_answer:.0f} ms, "
                    f"{TOKENS} tokens in {seen.typed:.0f} ms, "
                    f"asked for: {', '.join(seen.asked) or 'nothing else'}, "
                    f"complaints: {'; '.join(seen.complaints) or 'none'}"
                )
    except BenchError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
