"""Train with a corpus of the user's own: its classes by name, the scores of unequal ones, what is gone."""

import shutil

import pytest

from pages.components.shared.format import literal
from rnn_core.config.run import RunConfig
from rnn_core.data.own.catalogue import own_folder
from rnn_core.runs.run import FINISHED
from tests.own import make_own
from tests.pages.elements import texts

CLASSES = ("printer", "invoice", "parcel")
CONFUSION = [[9, 1, 0], [0, 8, 2], [4, 0, 6]]
MISTAKES = [
    {"index": 0, "label": 2, "predicted": 0, "probability": 0.9},
    {"index": 1, "label": 1, "predicted": 2, "probability": 0.8},
    {"index": 2, "label": 2, "predicted": 0, "probability": 0.7},
]


@pytest.fixture
def tickets():
    make_own("tickets", CLASSES, [40, 40, 40])


@pytest.fixture
def scored(store):
    run = store.create(RunConfig(data="tickets", classes=CLASSES))
    scores = {
        "accuracy": 23 / 30, "loss": 0.6, "reviews": 30, "confusion": CONFUSION, "mistakes": MISTAKES,
    }  # fmt: skip
    store.finish(run.id, FINISHED, "", scores)
    return run


@pytest.fixture
def open_train(open_app, verdict_only):
    def open_page(**query):
        return open_app("train", query)

    return open_page


def metrics(page):
    return {metric.label: metric.value for metric in page.metric}


def test_results_name_the_classes_and_score_them_alike(open_train, tickets, scored):
    page = open_train(run=scored.id, data="tickets")
    assert not page.exception
    shown = metrics(page)
    assert shown["Test accuracy"] == f"{23 / 30:.1%}"
    assert shown["Balanced accuracy"] == f"{(0.9 + 0.8 + 0.6) / 3:.1%}"
    f1 = [2 * 9 / (10 + 13), 2 * 8 / (10 + 9), 2 * 6 / (10 + 8)]
    assert shown["Macro F1"] == f"{sum(f1) / 3:.1%}"
    said = "of 10 test texts labelled parcel, 4 (40.0%) were taken for printer"
    assert literal(said) in texts(page, "caption")


def test_mistakes_are_picked_by_their_class(open_train, tickets, scored):
    page = open_train(run=scored.id)

    def mistakes():
        return [part.proto.body for part in page.get("html") if 'gs-mistake"' in part.proto.body]

    assert len(mistakes()) == 3
    page.get_by_key(f"mistakes_of_{scored.id}").set_value(1).run()
    [only] = mistakes()
    assert "80.0% parcel" in only
    assert "labelled invoice" in only


def test_a_run_whose_corpus_is_gone_keeps_its_results_and_says_what_to_do(open_train, tickets, scored):
    shutil.rmtree(own_folder("tickets"))
    page = open_train(run=scored.id, data="tickets")
    assert not page.exception
    assert metrics(page)["Test accuracy"] == f"{23 / 30:.1%}"
    assert literal("There is no corpus 'tickets' on this machine. Add it again on Data") in texts(
        page, "warning"
    )
    assert literal("There is no corpus 'tickets' on this machine. Add it again on Data") in texts(
        page, "caption"
    )
    assert "is not on this machine now, so its texts can't be shown" in texts(page, "info")
    with pytest.raises(KeyError):
        page.button(key="start")
