"""A network that overflows on a text says so, on the page and on each panel; nothing else is shown."""

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.paths import pretrained_folder
from tests.pages.conftest import WORDS, save_untrained
from tests.pages.everywhere import ask

pytestmark = pytest.mark.slow  # it draws pages

TEXT = "The film is great"


def save(name, cell="gru", word=None):
    """Puts a network among the pretrained ones whose weights are too large: all, or the vector of a word."""

    def enlarge(classifier):
        if word is not None:
            classifier.embedding.weight[WORDS.words.index(word)] = 3e38
        else:
            for weights in classifier.parameters():
                weights.copy_(weights.sign() * 3e38)

    config = RunConfig(data="verdict").with_settings(cell=cell)
    save_untrained(pretrained_folder() / name, config, change=enlarge)


def warned(app):
    return " ".join(warning.value for warning in app.warning)


@pytest.mark.parametrize("page", ["read", "cells"])
def test_a_page_says_where_the_network_overflows_and_shows_no_number(open_app, page):
    save("large")
    app = open_app(page, {"model": "large", "variant": "gru-before"}, review_text=TEXT)
    assert "overflows at token 1 of 5" in warned(app)
    assert "nan" not in " ".join(part.value for part in (*app.markdown, *app.caption))


def test_home_says_it_while_one_types(open_app):
    save("reader")
    assert "overflows at token 1 of" in warned(open_app("home", home_text=TEXT))


def test_a_panel_that_reads_otherwise_says_it_and_the_page_stays(open_app, with_own_corpus):
    save("model", cell="indrnn", word="dull")
    app = open_app(
        "read", {"model": "model"}, review_text=TEXT, read_panel="Another word", token=4, what_if_by="dull"
    )
    assert "overflows at token 5 of 5, “dull”" in warned(app).replace("\\", "")
    for panel in ("The plane of states", "Two models", "Padding", "At this token"):
        ask(app, panel)
        assert ("overflows on some of these texts" in warned(app)) == (panel == "The plane of states")
