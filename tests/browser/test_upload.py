"""The largest shipped model leaves the app as a zip file and comes back through the page it left from."""

import json
import zipfile

import pytest
from playwright.sync_api import expect

from rnn_core.paths import pretrained_folder
from rnn_core.runs.transfer import import_run
from tests.browser.test_main_job import go
from tests.browser.test_sessions import IDLE
from tests.browser.wire import ask
from tests.runs.workers import wait_until

FILES = ("config.json", "vocabulary.txt", "weights.safetensors", "history.json", "scores.json")
UPLOADER = "[data-testid=stFileUploader]"


@pytest.fixture
def best(store, tmp_path):
    """A run that ended with the model that is shipped as `best`."""
    about = {
        "name": "Our best", "note": "", "state": "finished", "message": "", "validation_accuracy": 0.9292,
        "total_steps": 2816,
    }  # fmt: skip
    path = tmp_path / "best.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in FILES:
            archive.write(pretrained_folder() / "best" / name, name)
        archive.writestr("run.json", json.dumps(about))
    with path.open("rb") as file:
        return import_run(store, file)


def held(port):
    """What the server says of the files that it holds in memory."""
    path = "/_stcore/metrics?families=cache_memory_bytes"
    lines = ask(port, "GET", path, {"Host": f"127.0.0.1:{port}"}).body.decode().splitlines()
    return [line for line in lines if "UploadedFileManager" in line]


def test_our_best_is_exported_and_imported_on_the_same_page_and_no_copy_of_it_stays(
    shared, page, store, best, tmp_path
):
    go(page, f"{shared.address}/train?run={best.id}")
    edit = page.get_by_role("button", name="Edit")
    edit.wait_for()
    page.wait_for_selector(IDLE)
    edit.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as zip").click()
    file = tmp_path / "our-best.zip"
    download.value.save_as(file)
    assert 3e6 < file.stat().st_size < 20e6

    page.keyboard.press("Escape")
    page.get_by_text("Import a run").click()
    page.locator(f"{UPLOADER} input").set_input_files(file)
    wait_until(lambda: len(store.runs.all()) == 2)
    taken = next(run for run in store.runs.all() if run.id != best.id)
    page.wait_for_url(f"**run={taken.id}**")
    expect(page.locator(UPLOADER).get_by_text("our-best.zip")).to_have_count(0)
    assert store.records.all(taken.id) == store.records.all(best.id)
    weights = [(store.folder(run.id) / "weights.safetensors").read_bytes() for run in (taken, best)]
    assert weights[0] == weights[1]
    wait_until(lambda: not held(shared.port))
