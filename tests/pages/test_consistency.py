"""A figure on a page is the same figure everywhere: in the core, in cards, in files, on other pages.

Each line of the table reads one figure from a page as it is drawn, with the committed models and results,
and works it out a second time (`second_way`). Pages are opened once for all lines.
"""

import functools
import json
import re

import numpy as np
import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from rnn_core.data.sources import load_corpus
from tests.pages import second_way as again
from tests.pages.conftest import made_after_app_ran, open_page
from tests.pages.elements import body, figures, given, texts
from tests.runs.workers import artifacts_in

pytestmark = pytest.mark.slow

PAGES = {
    **{page: (page, {}) for page in ("home", "read", "train", "data")},
    "read, length-400": ("read", {"model": "length-400"}),
    "experiments": ("experiments", {"sweep": "vocabulary"}),
}
"""Name in the table -> the page, and all that its address says."""


def found(pattern, text):
    match = re.search(pattern, text)
    assert match, f"{pattern!r} is nowhere in: {text[:2_000]}"
    return match[1]


def typed(page):
    return given(page, "placeholder")[0]["value"]


def says(probability):
    """Return the verdict as its box puts it to those who can't see it."""
    label = "positive" if probability > 0.5 else "negative"
    return f"{label}, probability {max(probability, 1 - probability):.1%}"


def verdict(page):
    return found(r'aria-label="The network says ([^"]+)"', body(page))


def metric(page, label):
    [value] = [element.value for element in page.metric if element.label == label]
    return value


def points(page):
    return as_shares(figures(page)[0]["data"][0]["y"])


def as_shares(values):
    return " ".join(f"{value:.1%}" for value in values)


def means(question):
    """Return the mean test accuracy over the seeds of each case."""
    return list(again.mean_by_case(question, "test_accuracy").values())


def said_in_finding(page):
    """The means in the table of cases, in the order of their vocabulary."""
    return as_shares(page.dataframe[0].value.sort_values("vocab_size")["mean"] / 100)


def baseline(name):
    """The mean test accuracy of a baseline on IMDB over its seeds."""
    baselines = json.loads((again.RESULTS / "baselines-imdb.json").read_text(encoding="utf-8"))["baselines"]
    [seeds] = [one["seeds"] for one in baselines if one["title"] == name]
    return f"{np.mean([seed['test_accuracy'] for seed in seeds]):.1%}"


def parameters():
    """Weights of a GRU of 128 units with embeddings of 32 that knows the words of the verdict corpus."""
    words = {token for review in training_reviews() for token in review}
    cell, head = (32 + 128 + 1) * 3 * 128, 128 + 1
    return (3 + len(words)) * 32 + cell + head


@functools.cache
def training_reviews():
    return again.tokens(load_corpus("verdict"), "training")


def cut_off(page):
    """Share of tokens that do not fit into the maximum length, beside `<start>`: some, though hardly any."""
    [length] = [slider.value for slider in page.select_slider if slider.label == "Maximum length"]
    lengths = np.array([len(review) for review in training_reviews()])
    share = np.maximum(lengths - (int(length) - 1), 0).sum() / lengths.sum()
    return "< 0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def words_known(page):
    [size] = [slider.value for slider in page.select_slider if slider.label == "Vocabulary size"]
    return f"{again.words_known(training_reviews(), int(size)):.1%}"


TABLE = {
    ("home", "the first verdict"): (
        verdict,
        lambda page: says(again.usual_probability(page.text_input[0].value)),
    ),
    ("home", "how many models are not named"): (
        lambda page: found(r"and (\d+) more", texts(page, "text")),
        lambda _: str(len([*again.PRETRAINED.iterdir(), *again.RESULTS.glob("models/*/")]) - 3),
    ),
    ("read", "the first verdict"): (verdict, lambda page: says(again.usual_probability(typed(page)))),
    ("read", "how many time steps were read"): (
        lambda page: found(r"after ([\d,]+) time steps", body(page)),
        lambda page: f"{len(again.ids(again.USUAL, typed(page))):,}",
    ),
    ("train", "the test accuracy of the network shown before the first run"): (
        lambda page: found(r"right on \*\*([\d.]+%)\*\* of the test reviews", texts(page, "info")),
        lambda _: f"{again.kept('gru', 'scores.json')['accuracy']:.1%}",
    ),
    ("train", "the parameters of the default network"): (
        lambda page: found(r"\*\*([\d,]+)\*\* parameters", texts(page, "markdown")),
        lambda _: f"{parameters():,}",
    ),
    ("experiments", "the points of the picture"): (points, lambda _: as_shares(means("vocabulary"))),
    ("experiments", "the finding"): (said_in_finding, lambda _: as_shares(means("vocabulary"))),
    ("experiments", "the test accuracies in the table of runs"): (
        lambda page: as_shares(page.dataframe[-1].value["test_accuracy"] / 100),
        lambda _: as_shares(run["test_accuracy"] for run in again.results("vocabulary")),
    ),
    ("experiments", "how many runs the finding rests on"): (
        lambda page: found(r"(\d+) runs, 3 seeds each", texts(page, "caption") + texts(page, "markdown")),
        lambda _: str(len(again.results("vocabulary"))),
    ),
    ("experiments", "the baseline that counts pairs of words"): (
        lambda page: found(r"NB-SVM on(?: |<br>)bigrams ([\d.]+%)", str(figures(page)[0]["layout"])),
        lambda _: baseline("NB-SVM on bigrams"),
    ),
    ("read, length-400", "the test accuracy of a network from Experiments"): (
        lambda page: found(r"([\d.]+%) of 25,000 test reviews", texts(page, "markdown")),
        lambda _: as_shares(
            run["test_accuracy"]
            for run in again.results("length")
            if (run["case"]["max_length"], run["seed"]) == (400, 0)
        ),
    ),
    ("data", "words known"): (lambda page: metric(page, "Words known"), words_known),
    ("data", "words cut off"): (lambda page: metric(page, "Words cut off"), cut_off),
}
"""(page, what) -> how it is shown there, and how it is found elsewhere: from no more than the page's text."""


@pytest.fixture(scope="module")
def committed(tmp_path_factory, own_verdict_cache):
    """Folders in which the committed models and results are, no runs, the verdict corpus and no IMDB."""
    root = tmp_path_factory.mktemp("committed")
    artifacts = root / "artifacts"
    artifacts.mkdir()
    for folder in (again.PRETRAINED, again.RESULTS):
        (artifacts / folder.name).symlink_to(folder)
    return artifacts, own_verdict_cache


@pytest.fixture(scope="module")
def drawn(committed):
    """Every page by its name in the table."""
    with artifacts_in(*committed), pytest.MonkeyPatch.context() as patched:
        patched.setattr(PagesManager, "__init__", made_after_app_ran)
        patched.delenv("GATESCOPE_IMDB", raising=False)
        st.cache_data.clear()
        st.cache_resource.clear()
        yield {name: open_page(page, query) for name, (page, query) in PAGES.items()}


@pytest.fixture(autouse=True)
def in_committed(committed, own_folders):
    with artifacts_in(*committed):
        yield


@pytest.mark.parametrize(("page", "what"), TABLE)
def test_a_figure_on_a_page_is_the_one_found_elsewhere(drawn, page, what):
    shown, elsewhere = TABLE[page, what]
    assert shown(drawn[page]) == elsewhere(drawn[page])
