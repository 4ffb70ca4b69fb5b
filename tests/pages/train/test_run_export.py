"""The network of a run is exported from Train: beside Edit and Delete, and beside its results."""

import pytest
import streamlit as st

from rnn_core.config.run import RunConfig
from tests.cell_files.sources import write
from tests.export.made import NAMES, registered
from tests.own_cells.files import LEAKY
from tests.pages.elements import as_written, click
from tests.pages.train.made import make_run
from tests.runs.workers import SMALL, trained

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_own_corpus")]


@pytest.fixture(autouse=True)
def names():
    with registered(names=NAMES):
        yield


def run_of(store, **settings):
    return trained(store, RunConfig(data="verdict").with_settings(**SMALL, **settings))


def opened(page, run, place="list"):
    """The page with this popover opened."""
    page.session_state[f"export_{place}_open_{run.id}"] = True
    return page.run()


def downloads(page):
    labels = [button.proto.label.replace("\\", "") for button in page.get("download_button")]
    return [label for label in labels if label.startswith("Download")]


def test_the_network_of_a_run_is_exported_under_its_name_beside_edit_and_beside_its_results(
    open_train, store, settle
):
    run = run_of(store)
    store.runs.describe(run.id, name="the first", note="", starred=False)
    page = open_train(run=run.id)
    for number, place in enumerate(("list", "results"), 1):
        assert f"export_{place}_format" not in page.session_state
        opened(page, run, place)
        page.get_by_key(f"export_{place}_format").set_value("names").run()
        click(page, f"export_{place}_make")
        settle(page)
        assert downloads(page) == number * [f"Download gatescope-{run.id}.names, 10 bytes"]  # and a line end
    assert f"`python -m rnn_core export {run.id} --to names --out {run.id}.names`" in as_written(page)


def popovers(page):
    return [part.proto.popover for part in page.get("popover") if part.proto.popover.label == "Export"]


def test_a_run_without_a_model_has_the_button_disabled_with_the_reason(open_train, store):
    run = make_run(store, state="failed", message="It failed.")
    [button] = popovers(open_train(run=run.id))
    assert button.disabled
    assert button.help == "It has no model that could be exported: it ended without one."


def test_a_run_at_work_has_the_button_disabled_with_the_reason(open_train, at_work):
    [button] = popovers(open_train(run=at_work.id))
    assert button.disabled
    assert button.help == "It has no model yet: it can be exported once it has ended."


def test_a_run_whose_files_are_damaged_says_which(open_train, store):
    run = run_of(store)
    (store.folder(run.id) / "weights.safetensors").write_bytes(b"cut")
    page = opened(open_train(run=run.id), run)
    assert "weights.safetensors" in " ".join(error.value for error in page.error).replace("\\", "")


def test_a_cell_of_ones_own_is_in_no_page_and_its_zip_needs_none_of_its_code(open_train, store, monkeypatch):
    write("leaky", LEAKY)
    run = run_of(store, cell="leaky")
    page = opened(open_train(run=run.id), run)
    button = page.button(key="export_list_make")
    assert button.disabled
    assert "cell of your own" in button.help
    page.get_by_key("export_list_format").set_value("zip").run()
    assert not page.button(key="export_list_make").disabled
    st.cache_resource.clear()  # as in another server, which never read it
    monkeypatch.setenv("GATESCOPE_OWN_CELLS", "0")
    page = opened(open_train(run=run.id), run)
    assert "needs none of its code" in as_written(page)
    assert "Export as zip" in {button.proto.label for button in page.get("download_button")}
