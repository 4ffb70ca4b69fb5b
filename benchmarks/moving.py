"""`python -m benchmarks.moving`: takes the moving picture of an exported page, `docs/pictures/page.webp`.

`reader` is exported, opened from the disk in Chromium, in light and in dark, and used: a text is typed, the
cursor moves along it, and the update gate is held. Needs the command chromium and what requirements-dev.txt
lists.
"""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from PIL import Image

from benchmarks.app.browser import CHROMIUM_FLAGS, PATIENCE, find_chromium
from rnn_core.export.written import export_models
from rnn_core.models.model import Model

if TYPE_CHECKING:
    from playwright.sync_api import Page

TEXT = "The first half is slow, but the ending is wonderful and moving."
TURNS_AT, HELD = "but", "z"
_FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
_WIDTH, _HEIGHT, _SHOWN, _QUALITY = 1280, 800, 960, 60
_TYPED_AT_ONCE = 3  # letters between two pictures
_SOON, _STEP, _PAUSE, _LONG = 140, 450, 1_400, 3_500  # milliseconds
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))"
_READ = "() => document.querySelector('#text').ariaBusy !== 'true'"


class Frame(NamedTuple):
    """A picture and for how many milliseconds it stands."""

    picture: bytes
    stands: int


def use_the_page(page: "Page") -> Iterator[Frame]:
    """Type, move along and hold, with a picture after each step."""

    def taken(stands: int) -> Frame:
        page.evaluate(_DRAWN)
        while not page.evaluate(_READ):
            page.wait_for_timeout(20)
        page.evaluate(_DRAWN)
        return Frame(page.screenshot(), stands)

    yield taken(_PAUSE)
    page.locator("#text").fill("")
    for begin in range(0, len(TEXT), _TYPED_AT_ONCE):
        page.keyboard.insert_text(TEXT[begin : begin + _TYPED_AT_ONCE])
        yield taken(_SOON)
    yield taken(_PAUSE)
    strip = page.get_by_role("listbox")
    strip.focus()
    page.keyboard.press("Home")
    for _ in range(strip.locator("[data-place]:not(.cut)").count()):
        yield taken(_STEP)
        page.keyboard.press("ArrowRight")
    strip.get_by_text(TURNS_AT, exact=True).click()
    yield taken(_PAUSE)
    page.locator(".holdable").get_by_role("button", name=HELD).first.click()
    yield taken(_LONG)


def take_moving_picture(page: "Page", path: Path) -> None:
    """Write what happens on the page as one file."""
    frames = list(use_the_page(page))
    size = (_SHOWN, _SHOWN * _HEIGHT // _WIDTH)
    first, *rest = [
        Image.open(io.BytesIO(frame.picture)).convert("RGB").resize(size, Image.Resampling.LANCZOS)
        for frame in frames
    ]
    stand = [frame.stands for frame in frames]
    first.save(
        path,
        save_all=True,
        append_images=rest,
        duration=stand,
        loop=0,
        quality=_QUALITY,
        method=4,
        kmax=1_000,
    )


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Take the moving picture of the exported page, in light and in dark."""
    chromium = find_chromium()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder, "reader.html")
        export_models([Model.load("reader")], file)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        for scheme, name in (("light", "page.webp"), ("dark", "page-dark.webp")):
            page = browser.new_page(
                viewport={"width": _WIDTH, "height": _HEIGHT},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            page.set_default_timeout(PATIENCE * 1e3)
            page.goto(file.as_uri())
            page.locator(".end .verdict").first.wait_for()
            take_moving_picture(page, _FOLDER / name)
            page.close()
            click.echo(f"{name}: {(_FOLDER / name).stat().st_size:,} bytes")
        browser.close()


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.moving")
