"""Where own texts or strings of a language are looked at, the pages don't speak of reviews."""

import re

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.data.sources import load_corpus
from rnn_core.runs.run import FINISHED
from tests.own import make_own
from tests.pages.elements import walk

CLASSES = ("printer", "invoice")
REVIEW = re.compile(r"\breview(?:s|ers?)?\b", re.IGNORECASE)
MARKUP = re.compile(r"<style>.*?</style>|<[^>]*>")
SAID = re.compile(r"\s*(body|help|label|placeholder|alt|value|options): ")
ABOUT_ALL = (
    "Reviews or texts",
    "What the network reads: real reviews of films, generated ones, strings of a made-up language, or texts",
    "IMDB",
    "The verdict corpus",
    "Film reviews",  # a start of that name
)
"""What is said of everything there is, whatever is looked at."""
QUERIES = {
    "data": ("data_reviews", "tickets", "language-anbn"),
    "train": ("data", "tickets", "language-anbn"),
    "read": ("model", "mine", "speaker"),
    "cells": ("model", "mine", "speaker"),
}


def said(app):
    """Labels, help texts and sentences that have the word, without ids and keys."""
    sent = (str(part.proto) for part in walk(app._tree) if hasattr(part, "proto"))
    lines = (MARKUP.sub("", line) for message in sent for line in message.splitlines())
    return {line.strip() for line in lines if SAID.match(line) and REVIEW.search(line)}


@pytest.fixture
def everything(verdict_only, make_own_model, make_language_model, store):
    load_corpus("language-anbn")
    make_language_model("anbn", "speaker")
    make_own("tickets", CLASSES, [40, 40])
    make_own_model("mine", *CLASSES)
    run = store.create(RunConfig(data="tickets", classes=CLASSES))
    scores = {"accuracy": 0.9, "loss": 0.3, "reviews": 20, "confusion": [[9, 1], [1, 9]]}
    store.runs.finish(run.id, FINISHED, "", scores)


@pytest.mark.parametrize("page", QUERIES)
def test_a_page_says_review_of_reviews_only(open_app, everything, page):
    key, *looked_at = QUERIES[page]
    for value in looked_at:
        app = open_app(page, {key: value})
        assert {line for line in said(app) if not any(phrase in line for phrase in ABOUT_ALL)} == set(), value


def test_with_reviews_it_speaks_of_reviews(open_app, verdict_only):
    assert any("Where a short review is filled up" in line for line in said(open_app("train")))
