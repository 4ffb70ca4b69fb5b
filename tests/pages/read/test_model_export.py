"""A network is exported from Read: alone beside the files of a trace, with another one on Two models."""

import dataclasses
import threading

import pytest

from pages.components.shared.jobs import jobs
from rnn_core.errors import ExportError
from rnn_core.export.model_format import Exported
from rnn_core.progress import Progress
from tests.export.made import FOLDER, NAMES, registered
from tests.pages.elements import click, said
from tests.runs.workers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_own_corpus")]


@pytest.fixture(autouse=True)
def formats():
    """Two made-up formats: one file that takes two models, and a folder."""
    with registered(names=NAMES, folder=FOLDER):
        yield


def downloads(page):
    """What the page offers to download of a network."""
    labels = [button.proto.label.replace("\\", "") for button in page.get("download_button")]
    return [label for label in labels if label.startswith("Download")]


def choose_format(page, name, key="export_model"):
    page.get_by_key(f"{key}_format").set_value(name).run()


def make(page, settle, name, key="export_model"):
    choose_format(page, name, key)
    click(page, f"{key}_make")
    settle(page)


def test_every_format_is_offered_with_what_is_inside_and_nothing_is_made_before_it_is_asked_for(open_read):
    page = open_read("Export")
    offered = page.get_by_key("export_model_format")
    assert list(offered.options)[-3:] == ["zip", "Names", "Numbers"]
    choose_format(page, "names")
    assert NAMES.help in said(page)
    assert "Inside: weights and vocabulary; no training text." in said(page)
    assert "`python -m rnn_core export model --to names --out model.names`" in said(page)
    assert not downloads(page)
    assert not jobs()._jobs


def test_a_file_and_a_folder_are_made_and_offered(open_read, settle):
    page = open_read("Export")
    make(page, settle, "names")
    assert downloads(page) == ["Download gatescope-model.names, 6 bytes"]
    assert "Inside: the name." in said(page)
    make(page, settle, "folder")
    [label] = downloads(page)
    assert label.startswith("Download gatescope-model.zip, ")


def test_another_model_asks_again(open_read, make_model, settle):
    page = open_read("Export")
    make_model("second")
    make(page, settle, "names")
    assert downloads(page)
    page.get_by_key("model_picked").set_value("second").run()
    assert not downloads(page)


def test_a_format_that_refuses_is_disabled_and_says_why(open_read):
    def check(models):
        raise ExportError("A page has no cell called `gru`.")

    with registered(no=dataclasses.replace(NAMES, label="No", suffix=".no", check=check)):
        page = open_read("Export")
        choose_format(page, "no")
        assert "A page has no cell called `gru`." in said(page)
        button = page.button(key="export_model_make")
        assert button.disabled
        assert button.help == "A page has no cell called `gru`."
        choose_format(page, "names")
        assert not page.button(key="export_model_make").disabled


def test_an_export_that_fails_says_why_and_can_be_tried_again(open_read, settle):
    def fail(models):
        yield Progress("Working", 0, 1)
        raise ExportError("Some weights are no numbers.")

    with registered(failing=dataclasses.replace(NAMES, suffix=".fail", make=fail)):
        page = open_read("Export")
        make(page, settle, "failing")
        assert "Some weights are no numbers." in said(page)
        assert page.button(key="again_export_model_work")


def test_long_work_shows_how_far_it_is_and_is_cancelled(open_read, settle):
    go_on, closed = threading.Event(), threading.Event()

    def work(models):
        try:
            for done in range(1, 10_000):
                yield Progress("Rounding", done, 10_000)
                go_on.wait(0.01)
            return Exported({"": b""}, ())
        finally:
            closed.set()

    with registered(long=dataclasses.replace(NAMES, suffix=".long", make=work)):
        page = open_read("Export")
        choose_format(page, "long")
        click(page, "export_model_make")
        assert not downloads(page)
        click(page, "cancel_export_model_work")
        wait_until(closed.is_set)
        settle(page)
        assert "It was cancelled; nothing was kept." in said(page)
        assert not downloads(page)


def test_two_models_go_into_one_file_of_a_format_that_takes_two(open_read, make_model, settle):
    make_model("other", cell="lstm")
    page = open_read("Two models")
    assert list(page.get_by_key("export_two_format").options)[-1] == "Names"
    assert "Numbers" not in page.get_by_key("export_two_format").options
    make(page, settle, "names", "export_two")
    assert downloads(page) == ["Download gatescope-model-and-other.names, 12 bytes"]
    assert "export model other --to names --out model-and-other.names`" in said(page)


def test_of_private_texts_and_of_a_large_network_it_is_said_before(open_app, make_own_model):
    classes = [f"class {number}" for number in range(50)]
    make_own_model("mine", *classes)
    page = open_app("read", {"model": "mine"}, review_text="the film is great", read_panel="Export", token=2)
    assert "the 5 most frequent words of tickets. If these texts are private, so is" in said(page)
    assert "mine has 8 words and 50 classes. This export will be larger than usual" in said(page)


def test_a_network_of_a_language_is_exported(open_app, make_language_model, settle):
    make_language_model()
    page = open_app("read", {"model": "speaker"}, review_text="aabb", read_panel="Export", token=1)
    make(page, settle, "zip")
    [label] = downloads(page)
    assert label.startswith("Download gatescope-speaker.zip, ")
