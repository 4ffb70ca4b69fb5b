"""Plain text on Data: it is found by its name, cut as one asks, added and shown."""

import re

import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.data.own.catalogue import own_names
from rnn_core.data.sources import recommended_config
from rnn_core.data.statistics import TO_MAXIMUM, padding_share
from tests.data.own.test_plain import made, prose
from tests.pages.elements import press, said

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "tables_here")]


def opened(open_app, settle, path, times=3):
    page = open_app("data", own_source=str(path))
    for _ in range(times):
        settle(page)
    return page


def test_a_text_is_added_and_shown(open_app, settle, tmp_path):
    path = tmp_path / "a *book*.txt"
    path.write_text(prose(200).replace("\n", "\r\n"), newline="")
    page = opened(open_app, settle, path)
    assert "998 ends of lines, CRLF or CR, are read as newline" in said(page)
    assert "one file, read as utf-8" in said(page)
    page.get_by_key("own_plain_unit").set_value("words").run()
    settle(page)
    press(page, "Add the corpus")
    settle(page)
    assert own_names() == ["a-book"]
    recipe = corpus_named("a-book").provenance()[0]
    assert (recipe.unit, recipe.split, recipe.source) == ("words", "blocks", str(path))
    assert "a-book is ready" in said(page)
    assert page.get_by_key("data_reviews").value == "a-book"
    listed = said(page).partition("**a-book**: ")[2]
    assert "class" not in listed[: listed.index("added")]
    train = open_app("train", {"data": "a-book"})
    assert train.session_state["train_settings"]["windows"] == "carried"
    assert "The settings at first are those that suit its size" in said(train)
    assert "1 classes" not in said(train)


def test_a_table_may_be_read_as_text(open_app, settle, tmp_path):
    path = tmp_path / "table.txt"
    path.write_text("text,label\n" + "".join(f"opinion number {n},{'ab'[n % 2]}\n" for n in range(80)))
    page = opened(open_app, settle, path)
    assert page.get_by_key(f"own_as_{path}").value == "a table"
    assert "80 texts in 2 classes" in said(page)
    page.get_by_key(f"own_as_{path}").set_value("plain text").run()
    settle(page)
    assert "Characters in texts: training" in said(page)


def test_what_is_no_text_is_said(open_app, settle, tmp_path):
    path = tmp_path / "picture.md"
    path.write_bytes(bytes(range(256)) * 9)
    page = opened(open_app, settle, path)
    assert "picture.md is no plain text, read as" in said(page)
    assert "Add the corpus" not in [button.label for button in page.button]


def test_nothing_of_a_text_in_windows_is_cut(open_app, tmp_path):
    path = tmp_path / "book.txt"
    path.write_text(prose(200))
    corpus, _ = made(path)
    page = open_app("data", {"data_reviews": "book", "data_view": "Length", "data_max_length": "32"})
    shown = {metric.label: metric for metric in page.metric}
    assert (shown["Texts cut"].value, shown["Characters cut off"].value) == ("0.0%", "0.0%")
    steps = corpus.lengths()[corpus.splits == 0]  # <end> is not asked, since these texts don't end
    assert shown["Padding"].value == f"{1 - steps.sum() / sum(-(-steps // 32) * 32):.1%}"
    below = " ".join(one.value + str(one.help) for one in page.caption)
    assert "whole texts, in windows of 32 time steps, so nothing is cut" in below
    said_in_all = below + " ".join(metric.help + metric.delta for metric in page.metric)
    assert not re.search("lose their|have room|over [0-9]", said_in_all)
    text = recommended_config("book").text
    assert 0 <= padding_share(corpus.lengths(), text, 8, TO_MAXIMUM, 0) < 1
