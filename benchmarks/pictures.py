"""`python -m benchmarks.pictures`: takes the pictures in `docs/pictures`, each page in light and in dark.

A GRU is trained on the verdict corpus first, so that Train has something to show. Needs the command chromium
and what requirements-dev.txt lists; with the IMDB reviews at hand, Data shows them.
"""

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from PIL import Image

from benchmarks.app.browser import CHROMIUM_FLAGS, PATIENCE, find_chromium, new_artifacts, serve
from rnn_core.paths import pretrained_folder, results_folder

PAGES = ("home", "data", "train", "read", "experiments", "cells")
_FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
_QUALITY = 72
_AT_WORK = "[data-testid=stStatusWidget], [data-testid=stSkeleton]"
"""What stands there while a page runs, and in the place of a chart until it is drawn."""
_QUIET = 1_500  # milliseconds after the last sign of work: charts are drawn one by one


def take_pictures() -> Iterator[Path]:
    """Write the pictures one by one. Raises BenchError where there is no browser."""
    chromium = find_chromium()
    from playwright.sync_api import sync_playwright

    _FOLDER.mkdir(parents=True, exist_ok=True)
    committed = (pretrained_folder(), results_folder())
    with new_artifacts() as folder, serve() as server, sync_playwright() as playwright:
        for source in committed:
            (folder / source.name).symlink_to(source, target_is_directory=True)
        subprocess.run([sys.executable, "-m", "rnn_core", "train", "--data", "verdict"], check=True)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        for dark in (False, True):
            page = browser.new_page(
                viewport={"width": 1280, "height": 800}, color_scheme="dark" if dark else "light"
            )
            page.set_default_timeout(PATIENCE * 1e3)
            for name in PAGES:
                page.goto(f"{server.address}/{'' if name == 'home' else name}")
                page.get_by_role("heading", level=1).wait_for()
                page.wait_for_timeout(_QUIET)
                page.wait_for_function(f"() => !document.querySelector('{_AT_WORK}')")
                page.wait_for_timeout(_QUIET)
                path = _FOLDER / f"{name}{'-dark' if dark else ''}.webp"
                Image.open(io.BytesIO(page.screenshot())).save(path, quality=_QUALITY, method=6)
                yield path
            page.close()
        browser.close()


if __name__ == "__main__":
    for picture in take_pictures():
        click.echo(f"{picture.name}: {picture.stat().st_size:,} bytes")
