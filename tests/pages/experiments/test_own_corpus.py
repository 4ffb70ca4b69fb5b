"""Sweeps on a corpus of the user's own, on Experiments: asked, shown, and shown when the corpus is gone."""

import shutil

import pytest

from rnn_core.data.own.catalogue import own_folder
from rnn_core.data.sources import bare_config
from rnn_core.sweeps.sweep import Sweep
from tests.own import make_own
from tests.pages.elements import texts
from tests.pages.experiments.made import begun, result

CLASSES = ("printer", "invoice", "parcel")


@pytest.fixture
def sweep():
    make_own("tickets", CLASSES, [40, 24, 24])
    return Sweep(
        name="on-tickets", base=bare_config("tickets"), cases=[{"cell": "elman"}, {"cell": "gru"}], seeds=[0]
    )


@pytest.fixture
def ended(sweep):
    accuracies = {"elman": 0.5, "gru": 0.75}
    begun(
        sweep,
        *(
            result({"cell": cell}, 0, accuracy, balanced_accuracy=accuracy - 0.1, macro_f1=accuracy - 0.2)
            for cell, accuracy in accuracies.items()
        ),
    )
    return sweep


@pytest.fixture
def open_experiments(open_app, verdict_only):
    return lambda **query: open_app("experiments", query)


def test_its_finding_names_the_corpus_and_classes_count_alike(open_experiments, ended):
    page = open_experiments(sweep="on-tickets")
    assert "of the test texts of tickets is 75.0%" in texts(page, "markdown")
    assert "Holds for: tickets" in texts(page, "caption")
    shown = page.get_by_key("effect_measure")
    assert {"Balanced accuracy", "Macro F1"} <= set(shown.options)
    shown.set_value("balanced_accuracy").run()
    assert not page.exception


def test_it_is_still_shown_when_the_corpus_is_gone(open_experiments, ended):
    shutil.rmtree(own_folder("tickets"))
    page = open_experiments(sweep="on-tickets")
    assert "of the test texts of tickets is 75.0%" in texts(page, "markdown")
    with pytest.raises(KeyError):
        page.button(key="baselines_tickets")


def test_a_question_of_ones_own_is_asked_of_the_corpus_of_the_form(open_experiments, sweep):
    page = open_experiments(data="tickets")
    page.session_state["own_question"] = True
    page.run()
    assert not page.exception
    assert "All other settings are those of the page Train: tickets, " in texts(page, "caption")
