"""The app as its user meets it: a server and a browser of their own, and what the page says of itself."""

import base64
import contextlib
import logging
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from rnn_core.errors import BenchError
from rnn_core.paths import pretrained_folder, results_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

PATIENCE = 60.0  # seconds
_QUIET = 300  # milliseconds without a word from the server: it has nothing more to say
SETTLED = f"bench.isAtRest() && bench.isQuiet({_QUIET})"
"""JavaScript: whether the page is drawn, and stays as it is."""
CHROMIUM_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


class Server(NamedTuple):
    """The app as a process."""

    address: str
    seconds: float
    """Time between its start and its first answer."""
    process_id: int


class Frame(NamedTuple):
    """Content of the page when the browser drew it."""

    at: float
    """Milliseconds of the page's clock."""
    drawn: bool
    range: tuple[float, ...]
    """The chart's x axis from where to where."""


class Message(NamedTuple):
    """One message of the server."""

    at: float
    """Milliseconds of the page's clock."""
    bytes: int
    chart: str
    """The key of the chart in it; empty where it is something else."""


class Watched(NamedTuple):
    """Events of a chart for a while, in order."""

    received: list[Message]
    """Since the page was opened."""
    frames: list[Frame]
    pictures: list[bytes]
    seconds: float


def find_chromium() -> str:
    """Find the command chromium. Raises BenchError where it or Playwright is missing."""
    chromium = shutil.which("chromium") or shutil.which("chromium-headless-shell")
    if chromium is None:
        raise BenchError(
            "The app is measured in a real browser, and there is no command chromium on this machine. "
            "Install Chromium (Debian, Ubuntu: `apt install chromium`), then try again."
        )
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError as error:
        raise BenchError(
            "The app is measured through Playwright, which is not installed. "
            "`python -m pip install -r requirements-dev.txt` brings it."
        ) from error
    return chromium


def chromium_version() -> str:
    """Return the name that the browser gives itself."""
    said = subprocess.run([find_chromium(), "--version"], capture_output=True, text=True, check=False)
    return " ".join(said.stdout.split()[:2])


@contextlib.contextmanager
def own_artifacts() -> Iterator[Path]:
    """The committed models and baselines and no runs, for this process and all that it starts."""
    models, results = pretrained_folder(), results_folder()
    with new_artifacts() as folder:
        if models.is_dir():
            shutil.copytree(models, folder / models.name)
        (folder / results.name).mkdir()
        for scores in results.glob("baselines-*.json"):
            shutil.copy(scores, folder / results.name)
        yield folder


@contextlib.contextmanager
def new_artifacts() -> Iterator[Path]:
    """An empty folder of artifacts, for this process and all that it starts."""
    with (
        tempfile.TemporaryDirectory(prefix="gatescope-bench-") as folder,
        patch.dict("os.environ", GATESCOPE_ARTIFACTS=folder),
    ):
        yield Path(folder)


@contextlib.contextmanager
def serve() -> Iterator[Server]:
    """The app on a free port, from its first answer until the end of the block."""
    port, began = free_port(), time.perf_counter()
    app = [sys.executable, "-m", "streamlit", "run", "app.py"]
    server = subprocess.Popen(
        [*app, f"--server.port={port}", "--server.headless=true"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for us, who then end it
    )
    try:
        address = f"http://127.0.0.1:{port}"
        while not answers(address):
            if server.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise BenchError("The app did not start. `make app` says why.")
            time.sleep(0.01)
        yield Server(address, time.perf_counter() - began, server.pid)
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE / 3)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def free_port() -> int:
    """A port of this machine that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    """True if a server of the app answers there."""
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
            return True
    except OSError:
        return False


class Visitor:
    """Someone with a browser, who looks at a page of the app, clicks and types."""

    def __init__(self, page: "Page", camera: "CDPSession") -> None:
        self._page, self._camera = page, camera

    def go(self, address: str) -> None:
        """Open an address, and wait until its title stands there."""
        self._page.goto(address)
        self._page.get_by_role("heading", level=1).wait_for()

    def open(self, address: str, condition: str) -> float:
        """Open an address; milliseconds until the frame in which this JavaScript expression held."""
        self._page.goto(address, wait_until="commit")
        since_opened = f"() => ({condition}) ? performance.now() : undefined"
        held = self._page.wait_for_function(since_opened, polling="raf")
        return float(held.json_value())

    def run(self, expression: str, *given: str) -> Any:
        """The value of JavaScript in the page, or of a function that it names, called with these."""
        return self._page.evaluate(f"(given) => ({expression})(...given)" if given else expression, given)

    def leave(self) -> None:
        """Close the page; the browser stays."""
        self._page.goto("about:blank")

    def wait_for(self, condition: str, patience: float = PATIENCE) -> None:
        """Wait until this JavaScript expression holds; `bench` in it is `in_page.js`."""
        self._page.wait_for_function(
            f"() => {{ const bench = window.gatescopeBench; return {condition} }}",
            timeout=patience * 1e3,
            polling=50,
        )

    def click(
        self,
        control: str,
        option: int,
        conditions: dict[str, str],
        pause: float,
        chart: str = "",
        *,
        part: str = '[role="radio"]',
        patience: float = PATIENCE,
    ) -> dict[str, float]:
        """Press an option, counted from 0, of a control `pause` seconds after the pointer came there.

        The options are the parts of the control that this selector finds.

        Milliseconds from the press until each of these JavaScript expressions held, within `patience`
        seconds, and, as "arrived", until that chart had come from the server (nan where it did not).
        """
        box = self._box(f".st-key-{control} {part}", option)
        self._page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self._expect("pointerdown", conditions, chart, patience)
        time.sleep(pause)
        # Not Playwright's own click, which waits until the page has time for it.
        self._page.mouse.down()
        self._page.mouse.up()
        return self._answer(f"a click on {control}", patience)

    def paste(self, box: str, text: str) -> None:
        """Put a text into a text box in place of what stands there; the next key goes to its end."""
        self._page.locator(f".st-key-{box} textarea").fill(text)
        self._page.keyboard.press("Control+End")

    def focus(self, selector: str) -> None:
        """Let the next key go to this part of the page."""
        self._page.locator(selector).focus()

    def type(self, text: str) -> None:
        """Type into the text box that was pasted into."""
        self._page.keyboard.type(text)

    def press(self, key: str, condition: str) -> float:
        """Press a key where the focus is; milliseconds from then until this JavaScript expression held."""
        self._expect("keydown", {"holds": condition})
        self._page.keyboard.press(key)
        return self._answer(f"the key {key}")["holds"]

    def received(self) -> list[Message]:
        """Return the messages since the page was opened."""
        return [Message(*message) for message in self._page.evaluate("() => window.gatescopeBench.received")]

    def received_since(self) -> list[Message]:
        """Return the messages since the last click or key that was expected, in milliseconds from then."""
        began = self._page.evaluate("() => window.gatescopeBench.began")
        return [one._replace(at=one.at - began) for one in self.received() if one.at >= began]

    def loaded(self, file: str) -> int:
        """Bytes of a file of the server that the page asked for, by its name."""
        found = f"performance.getEntriesByType('resource').filter(({{ name }}) => name.includes('{file}'))"
        return int(self._page.evaluate(f"() => {found}.reduce((sum, file) => sum + file.encodedBodySize, 0)"))

    def _expect(
        self, event: str, conditions: dict[str, str], chart: str = "", patience: float = PATIENCE
    ) -> None:
        """Measure from the next event of this name on."""
        functions = ", ".join(f"{name}: () => {condition}" for name, condition in conditions.items())
        self._page.evaluate(
            "() => { const bench = window.gatescopeBench;"
            f" bench.expect('{event}', {{ {functions} }}, '{chart}', {patience * 1e3}) }}"
        )

    def _answer(self, what: str, patience: float = PATIENCE) -> dict[str, float]:
        answer = self._page.evaluate("() => window.gatescopeBench.answer")
        if answer is None:
            raise BenchError(f"The page did not answer {what} within {patience:g} s.")
        return {name: float("nan") if ms is None else float(ms) for name, ms in answer.items()}

    def zoom(self, chart: str) -> tuple[float, ...]:
        """Drag over nearly all of a chart, as with a mouse; from where to where its x axis goes then."""
        before = self.range(chart)
        box = self._box(f".st-key-{chart} .nsewdrag")
        left, top = box["x"] + 0.03 * box["width"], box["y"] + 0.04 * box["height"]
        right, bottom = box["x"] + 0.95 * box["width"], box["y"] + 0.98 * box["height"]
        self._page.mouse.move(left, top)
        self._page.mouse.down()
        self._page.mouse.move(right, bottom, steps=10)
        self._page.mouse.up()
        self._page.mouse.move(0, 0)
        self.wait_for(f"bench.range('{chart}')[0] > {before[0]}", patience=5)
        return self.range(chart)

    def range(self, chart: str) -> tuple[float, ...]:
        """Returns from where to where the x axis of a chart goes."""
        return tuple(self._page.evaluate(f"() => window.gatescopeBench.range('{chart}')"))

    def watch(self, chart: str, ticks: int, every: float) -> Watched:
        """Look at a chart until it has come so often and once more, with a picture every so many seconds."""
        box = self._box(f".st-key-{chart} .gs-chart")
        self._page.evaluate(f"() => window.gatescopeBench.watch('{chart}')")
        clip = {"format": "png", "optimizeForSpeed": True, "clip": {**box, "scale": 1}}
        count = f"() => window.gatescopeBench.received.filter(([, , which]) => which === '{chart}').length"
        pictures: list[bytes] = []
        began, before = time.monotonic(), self._page.evaluate(count)
        while self._page.evaluate(count) <= before + ticks:
            if time.monotonic() - began > 2 * ticks + PATIENCE:
                raise BenchError("The charts stopped to grow. End what else keeps this machine busy.")
            picture = self._camera.send("Page.captureScreenshot", clip)["data"]
            pictures.append(base64.b64decode(picture))
            time.sleep(max(0.0, began + every * len(pictures) - time.monotonic()))
        seconds = time.monotonic() - began
        seen = self._page.evaluate(
            "() => { const { received, frames } = window.gatescopeBench;"
            " window.gatescopeBench.frames = []; return { received, frames } }"
        )
        return Watched(
            received=[Message(*message) for message in seen["received"]],
            frames=[Frame(at, drawn, tuple(range)) for at, drawn, range in seen["frames"]],
            pictures=pictures,
            seconds=seconds,
        )

    def _box(self, selector: str, number: int = 0) -> Any:
        found = self._page.locator(selector).nth(number)
        found.scroll_into_view_if_needed()
        return found.bounding_box()


@contextlib.contextmanager
def browse() -> Iterator[Visitor]:
    """A browser with an empty page. What goes wrong in it is raised as BenchError."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(PATIENCE * 1e3)
        page.add_init_script(path=Path(__file__).with_name("in_page.js"))
        yield Visitor(page, page.context.new_cdp_session(page))


@contextlib.contextmanager
def chromium() -> Iterator["Browser"]:
    """A browser, which has ended after the block. What goes wrong in it is raised as BenchError."""
    path = find_chromium()
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
            try:
                yield browser
            finally:
                with contextlib.suppress(Error):
                    browser.close()
    except KeyboardInterrupt:
        # It ended Playwright's own process, too, which would be reported as an error at the very end.
        logging.getLogger("asyncio").disabled = True
        raise
    except Error as error:
        raise BenchError(f"The browser could not go on: {error.message.splitlines()[0]}.") from error
