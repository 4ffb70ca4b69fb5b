"""A made-up language on every page: nothing speaks of reviews."""

import pytest

from tests.pages.elements import labels, said


@pytest.mark.parametrize("name", ["language-anbn", "language-reber"])
def test_train_offers_it(open_app, name):
    page = open_app("train", {"data": name})
    assert not page.exception
    print(said(page))
    print(labels(page))


def test_data_shows_it(open_app):
    page = open_app("data", {"data_reviews": "language-anbn"})
    assert not page.exception
    print(said(page))
    print(labels(page))


def test_home(open_app):
    page = open_app()
    assert not page.exception
    print(said(page))
    print(labels(page))


def test_cells(open_app):
    assert not open_app("cells").exception


def test_exp(open_app):
    assert not open_app("experiments").exception
