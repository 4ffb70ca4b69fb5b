"""Plain text on Data: it is found by its name, cut as one asks, added and shown."""

import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.data.own.catalogue import own_names
from rnn_core.text.window import MOST_AT_ONCE
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


@pytest.mark.parametrize("view", ["One review", "Vocabulary", "Length", "Search", "A batch", "Telling words"])
def test_a_view_says_only_what_is_true(open_app, settle, tmp_path, view):
    """Texts longer than are read at once are not cut or filled up, and one class has no telling characters.

    A view of another corpus that is not offered gives way to the first one.
    """
    (tmp_path / "book.txt").write_text(prose(900))
    assert made(tmp_path / "book.txt")[0].lengths().max() > MOST_AT_ONCE
    page = settle(open_app("data", {"data_view": view}))
    page.get_by_key("data_reviews").set_value("book").run()
    settle(page)
    assert not page.exception
    chosen = page.get_by_key("data_view")
    assert chosen.options == ["One text", "Vocabulary", "Length", "Search"]
    assert chosen.value == (view if view in chosen.options else "One review")
    assert [metric.label for metric in page.metric] == ["Characters known"]
    assert view != "Length" or "so nothing is cut" in said(page)
