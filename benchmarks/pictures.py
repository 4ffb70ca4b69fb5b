"""`python -m benchmarks.pictures`: takes the pictures in `docs/pictures`, each page in light and in dark.

A GRU is trained on the verdict corpus first, so that Train has something to show. Build shows a GRU without
reset. With names, as in `python -m benchmarks.pictures write`, only these are taken. Needs the command
chromium and what requirements-dev.txt lists; with the IMDB reviews at hand, Data shows them.

The picture `page` moves: `reader` is exported, opened from the disk, and used: a text is typed, the cursor
moves along it, and the update gate is held.
"""

import contextlib
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from PIL import Image

from benchmarks.app.browser import PATIENCE, chromium, new_artifacts, serve
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.export.written import export_models
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder, results_folder
from rnn_core.runs.store import Store
from rnn_core.runs.worker import run_in_foreground

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = ("home", "data", "train", "read", "write", "experiments", "cells")
BUILD, EXPORTED = "build", "page"
NAMES = (*PAGES, BUILD, EXPORTED)
_FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
_WIDTH, _HEIGHT, _TALL, _QUALITY = 1280, 800, 1800, 72
_AT_WORK = "[data-testid=stStatusWidget], [data-testid=stSkeleton]"
"""Elements of a page that still runs, and placeholders of charts."""
_QUIET = 1_500  # milliseconds after the last sign of work: charts are drawn one by one
_BOTTOM = "(part) => Math.ceil(document.querySelector(part).getBoundingClientRect().bottom)"
_DRAWING = ".st-key-build_step_now"
_TEXT = "The first half is slow, but the ending is wonderful and moving."
_TURNS_AT, _HELD = "but", "z"
_SHOWN, _MOVING_QUALITY = 960, 60
_TYPED_AT_ONCE = 3  # letters between two pictures
_SOON, _STEP, _PAUSE, _LONG = 140, 450, 1_400, 3_500  # milliseconds
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))"
_READ = "() => document.querySelector('#text').ariaBusy !== 'true'"


class Frame(NamedTuple):
    """A picture and for how many milliseconds it stands."""

    picture: bytes
    stands: int


def take_pictures(names: Sequence[str]) -> Iterator[Path]:
    """Write the pictures one by one. Raises BenchError where there is no browser."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    committed = (pretrained_folder(), results_folder())
    with chromium() as browser, new_artifacts() as folder, serve() as server:
        for source in committed:
            (folder / source.name).symlink_to(source, target_is_directory=True)
        if pages := [name for name in PAGES if name in names]:
            _train()
            for name in pages:
                yield from _take(browser, name, f"{server.address}/{'' if name == 'home' else name}")
        if BUILD in names:
            address = f"{server.address}/build?exercise=equations"
            yield from _take(browser, BUILD, address, lowest=_DRAWING, press="GRU without reset")
        if EXPORTED in names:
            file = folder / "reader.html"
            export_models([Model.load("reader")], file)
            for page, path in _opened(browser, EXPORTED, file.as_uri(), _HEIGHT):
                page.locator(".end .verdict").first.wait_for()
                write_moving(_use(page), path)
                yield path


def _train() -> None:
    load_corpus("verdict")
    store = Store()
    run = store.create(recommended_config("verdict"), foreground=True)
    for _ in run_in_foreground(store, run.id, click.echo):
        pass


def _take(browser: "Browser", name: str, address: str, lowest: str = "", press: str = "") -> Iterator[Path]:
    """Take a picture in light and in dark: the first screen of the page, or the page down to what `lowest`
    selects. `press` is pressed before.
    """
    for page, path in _opened(browser, name, address, _TALL if lowest else _HEIGHT):
        page.get_by_role("heading", level=1).wait_for()
        if press:
            page.get_by_text(press, exact=True).click()
        if lowest:
            page.locator(lowest).wait_for()
        page.wait_for_timeout(_QUIET)
        page.wait_for_function(f"() => !document.querySelector('{_AT_WORK}')")
        page.wait_for_timeout(_QUIET)
        height = max(_HEIGHT, page.evaluate(_BOTTOM, lowest) if lowest else 0)
        picture = page.screenshot(clip={"x": 0, "y": 0, "width": _WIDTH, "height": height})
        Image.open(io.BytesIO(picture)).save(path, quality=_QUALITY, method=6)
        yield path


def _opened(browser: "Browser", name: str, address: str, height: int) -> Iterator[tuple["Page", Path]]:
    """Open an address in light and in dark, each with the path of its picture."""
    for dark in (False, True):
        page = browser.new_page(
            viewport={"width": _WIDTH, "height": height}, color_scheme="dark" if dark else "light"
        )
        page.set_default_timeout(PATIENCE * 1e3)
        page.goto(address)
        with contextlib.closing(page):
            yield page, _FOLDER / f"{name}{'-dark' if dark else ''}.webp"


def _use(page: "Page") -> Iterator[Frame]:
    """Type, move along and hold, with a picture after each step."""

    def taken(stands: int) -> Frame:
        page.evaluate(_DRAWN)
        while not page.evaluate(_READ):
            page.wait_for_timeout(20)
        page.evaluate(_DRAWN)
        return Frame(page.screenshot(), stands)

    yield taken(_PAUSE)
    page.locator("#text").fill("")
    for begin in range(0, len(_TEXT), _TYPED_AT_ONCE):
        page.keyboard.insert_text(_TEXT[begin : begin + _TYPED_AT_ONCE])
        yield taken(_SOON)
    yield taken(_PAUSE)
    strip = page.get_by_role("listbox")
    strip.focus()
    page.keyboard.press("Home")
    for _ in range(strip.locator("[data-place]:not(.cut)").count()):
        yield taken(_STEP)
        page.keyboard.press("ArrowRight")
    strip.get_by_text(_TURNS_AT, exact=True).click()
    yield taken(_PAUSE)
    page.locator(".holdable").get_by_role("button", name=_HELD).first.click()
    yield taken(_LONG)


def write_moving(frames: Iterable[Frame], path: Path) -> None:
    """Write pictures as one that moves."""
    seen = list(frames)
    size = (_SHOWN, _SHOWN * _HEIGHT // _WIDTH)
    first, *rest = [
        Image.open(io.BytesIO(frame.picture)).convert("RGB").resize(size, Image.Resampling.LANCZOS)
        for frame in seen
    ]
    first.save(
        path,
        save_all=True,
        append_images=rest,
        duration=[frame.stands for frame in seen],
        loop=0,
        quality=_MOVING_QUALITY,
        method=4,
        kmax=1_000,
    )


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
def main(names: tuple[str, ...]) -> None:
    """Take the pictures with these NAMES, else all."""
    for picture in take_pictures(names or NAMES):
        click.echo(f"{picture.name}: {picture.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.pictures")
