"""Growth of the server's memory while five browsers click at random, for as long as one likes."""

import contextlib
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmarks.app.browser import chromium, own_artifacts, serve
from benchmarks.bench import Measurement, Measuring, bench
from rnn_core.errors import BenchError

if TYPE_CHECKING:
    from playwright.sync_api import Page

BROWSERS = 5
_FILES = sorted(Path(__file__).parents[1].glob("pages/[a-z]*.py"))
PAGES = ["" if file.stem == "home" else file.stem for file in _FILES]
_WARM_UP = 1 / 6
"""The share of the time in which caches fill: ten minutes of an hour."""
_LEAVES = 0.15
_CLICKED = "button, [role=radio], [role=tab], [role=option], summary"
_NOT_CLICKED = "Start|Queue|Download|Delete|Add|Export|Read it from there|Measure"
_PATIENCE = 2_000  # milliseconds
_PAUSE = 0.3  # seconds between two clicks of all browsers
_FEWEST = 20
"""Clicks a minute of all browsers together: with fewer the pages were hardly used."""


@bench(
    "memory",
    click.option("--minutes", default=60.0, show_default=True, help="How long the browsers click."),
    in_browser=True,
)
def measure_memory(minutes: float) -> Measuring:
    """Watch the server's memory while five browsers click at random. Takes an hour, or --minutes.

    Needs the command chromium and what requirements-dev.txt lists. Nothing that is clicked trains or deletes.
    """
    if not Path("/proc/self/status").exists():
        raise BenchError("What a process takes is read in /proc, which this system does not have.")
    rng = random.Random(0)
    with chromium() as browser, own_artifacts(), serve() as server:
        pages = [browser.new_context().new_page() for _ in range(BROWSERS)]
        for page in pages:
            page.set_default_timeout(_PATIENCE)
        began, clicks = time.monotonic(), 0
        share_said, warm = 0.0, 0.0
        while (share := (time.monotonic() - began) / (60 * minutes)) < 1:
            for page in pages:
                clicks += _act(page, server.address, rng)
                time.sleep(_PAUSE)
            if share >= share_said:
                now = _megabytes(server.process_id)
                yield Measurement(
                    f"The server after {share * minutes:.1f} minutes and {clicks:,} clicks", now, "MB"
                )
                share_said += _WARM_UP
                if share >= _WARM_UP and not warm:
                    warm = now
        if clicks < _FEWEST * minutes:
            raise BenchError(
                f"{clicks:,} clicks in {minutes:g} minutes are too few to tell. Close other programs, "
                "and try it again."
            )
        growth = 100 * (_megabytes(server.process_id) / (warm or 1) - 1)
        yield Measurement(
            f"Growth from minute {_WARM_UP * minutes:.1f} to minute {minutes:.1f}", growth, "%", at_most=10
        )


def _act(page: "Page", address: str, rng: random.Random) -> int:
    """One click, or the way to another page; how many clicks it was."""
    from playwright.sync_api import Error

    with contextlib.suppress(Error):  # what was to be clicked has gone meanwhile
        if page.url == "about:blank" or rng.random() < _LEAVES:
            page.goto(f"{address}/{rng.choice(PAGES)}", wait_until="commit", timeout=10 * _PATIENCE)
            return 0
        found = page.locator(_CLICKED).filter(visible=True).all()
        if found:
            one = rng.choice(found)
            if not any(word in (one.text_content() or "") for word in _NOT_CLICKED.split("|")):
                one.click()
                return 1
    return 0


def _megabytes(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text()
    [kilobytes] = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(kilobytes) / 1e3
