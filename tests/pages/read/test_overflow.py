"""A network that overflows on a text says so, on the page and on each panel; nothing else is shown."""

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.models.folder import save_model
from rnn_core.nn.classifier import Classifier
from rnn_core.paths import pretrained_folder
from tests.pages.conftest import WORDS

pytestmark = pytest.mark.slow  # it draws pages

TEXT = "The film is great"


def save(name, change, cell="gru"):
    config = RunConfig(data="verdict").with_settings(cell=cell, hidden_size=5, embedding_size=3)
    torch.manual_seed(0)
    classifier = Classifier(config.model, len(WORDS))
    with torch.no_grad():
        change(classifier)
    save_model(pretrained_folder() / name, config, WORDS, classifier.state_dict())


def enlarge(classifier):
    for weights in classifier.parameters():
        weights.copy_(weights.sign() * 3e38)


def enlarge_dull(classifier):
    classifier.embedding.weight[WORDS.words.index("dull")] = 3e38


def warned(app):
    assert not app.exception
    return " ".join(warning.value for warning in app.warning)


@pytest.mark.parametrize("page", ["read", "cells"])
def test_a_page_says_where_the_network_overflows_and_shows_no_number(open_app, page):
    save("large", enlarge)
    query = {"model": "large"} if page == "read" else {"model": "large", "variant": "gru-before"}
    app = open_app(page, query, review_text=TEXT)
    assert "overflows at token 1 of 5" in warned(app)
    assert "nan" not in " ".join(part.value for part in (*app.markdown, *app.caption))


def test_home_says_it_while_one_types(open_app):
    save("reader", enlarge)
    assert "overflows at token 1 of" in warned(open_app("home", home_text=TEXT))


def test_a_panel_that_reads_otherwise_says_it_and_the_page_stays(open_app, with_own_corpus):
    save("model", enlarge_dull, cell="indrnn")
    app = open_app(
        "read", {"model": "model"}, review_text=TEXT, read_panel="Another word", token=4, what_if_by="dull"
    )
    assert "overflows at token 5 of 5, “dull”" in warned(app).replace("\\", "")
    for panel in ("The plane of states", "Two models", "Padding", "At this token"):
        app.session_state["read_panel"] = panel
        app.run()
        assert ("overflows on some of these texts" in warned(app)) == (panel == "The plane of states")
