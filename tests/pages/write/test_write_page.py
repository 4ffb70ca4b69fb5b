"""The page Write: what stands there is what the library writes, and the address brings all of it back."""

import re

import pytest

from pages.components.shared.address import pack
from pages.components.write import desk, texts
from pages.components.write.texts import MOST_TEXTS, Asked
from rnn_core.data.sources import recommended_config
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import END
from rnn_core.writing.beam import beam_search
from rnn_core.writing.text import joined_text, write
from rnn_core.writing.writer import Writer
from tests.pages.elements import choose, click, given, labels, press, put, said
from tests.untrained import published, untrained

pytestmark = pytest.mark.slow

LETTERS = "abcdefilmnoprstThu .\n"


@pytest.fixture
def pen():
    """An untrained network of characters that comes with the app, never sure of itself; it ends no text."""
    config = recommended_config("imdb-characters").with_settings(hidden_size=6, embedding_size=3)
    model = untrained(config, LETTERS)
    model.classifier.head.bias.data[task_of(config).answers(config, model.vocabulary).index(END)] -= 20
    return published("pen", model)


@pytest.fixture
def open_write(open_app, pen):
    def open_page(**query):
        return open_app("write", {"model": "pen", **query})

    return open_page


def written(page):
    """The texts of the page, the one that is looked at first."""
    return [code.value for code in page.code]


def test_it_opens_with_something_written(open_app, pen):
    page = open_app("write")
    expected = write(pen, "The film")
    assert written(page) == [expected.text]
    assert f"8 symbols read, 200 written; {sum(expected.bits):,.1f} bits" in said(page)
    [strip] = given(page, "chips")
    assert strip["value"] == page.session_state["token"] == 208
    assert [strip["chips"]["kind"].get(str(place)) for place in (1, 8, 9)] == ["read", "read", None]
    assert dict(page.query_params) == {"model": "pen", "token": "208"}


def test_keys_write_on_and_go_back(open_write, pen):
    page = open_write(write_length="20", write_seed="5")
    texts = {length: write(pen, "The film", length=length, seed=5).text for length in (20, 21, 40)}
    press(page, "One symbol")
    assert written(page) == [texts[21]]
    press(page, "Back")
    assert written(page) == [texts[20]]
    press(page, "Write")
    while "Pause" in labels(page):
        assert texts[40].startswith(written(page)[0])
        page.run()
    assert written(page) == [texts[40]]
    press(page, "Again")
    assert len(written(page)[0]) < 40
    press(page, "Pause")
    assert texts[40].startswith(written(page)[0])
    assert f"{len(written(page)[0]) - 8} written" in said(page)


def test_settings_write_the_text_again_at_once(open_write, pen):
    page = open_write()
    choose(page, "writing_temperature", 0.0)
    assert written(page) == [write(pen, "The film", temperature=0).text]
    put(page, beginning="")
    assert written(page) == [write(pen, temperature=0).text]
    assert page.query_params["write_temperature"] == "0.0"


def test_branches_stand_below_and_come_back(open_write, pen):
    column = Writer(pen).column["h"]
    asked = [Asked(60), Asked(60).branch(20, column).branch(4, column)]
    page = open_write(texts="_".join(map(str, asked)), open_text="1", token="3")
    alone = write(pen, "The film", length=52).text
    assert written(page)[1] == alone
    other = written(page)[0]
    assert other[:5] == "The h"
    assert other == write(pen, "The h", length=55).text
    assert page.query_params["token"] == "3"
    press(page, "Take it away")
    assert written(page) == [other]
    assert page.query_params["texts"] == f"60-4.{column}"


def test_of_a_text_that_is_written_in_part_the_rest_is_said(open_write, pen, monkeypatch):
    monkeypatch.setattr(desk, "_AT_ONCE", 20)
    other = Asked(29).branch(20, Writer(pen).column["h"])
    page = open_write(texts=f"28_{other}")
    assert "8 symbols read, 20 written; " in said(page)
    assert "; 1 more to write when you look at it." in said(page)
    assert "more to write" not in said(page.run())


def test_another_symbol_at_the_end_makes_no_branch():
    assert Asked(8).branch(8, 1) == Asked(9, ((8, 1),))
    assert Asked(8, ((2, 5), (6, 5))).branch(4, 1) == Asked(8, ((2, 5), (4, 1)))


def test_of_eight_texts_none_branches(open_write):
    page = open_write(texts="_".join(["40"] * MOST_TEXTS), token="40")
    assert not page.get_by_key("next_chosen").disabled  # at the end no other text begins
    page = put(page, token=5)
    assert page.get_by_key("next_chosen").disabled
    assert "take one away first" in page.get_by_key("next_chosen").help


def test_beams_stand_below_one_another(open_write, pen, monkeypatch):
    monkeypatch.setattr(Writer, "choose", lambda self, how: END)  # nothing is drawn
    page = open_write(write_beam="3", write_length="12", write_seed="4")
    writer = Writer(pen, "The film")
    rules = pen.config.tokens
    beams = [joined_text([*"The film", *one.symbols], rules) for one in beam_search(writer, 3, 12)]
    assert written(page) == beams
    assert "what is pale here changes nothing" in said(page)
    assert "Chosen by" not in said(page)
    assert "it ends here" not in said(page)
    assert page.slider(key="writing_temperature").disabled


@pytest.mark.parametrize("clamps", ["z=0@12:", "h=1@30:#2", "z=0@900:"])
def test_what_is_held_is_written_beside(open_write, pen, clamps):
    page = open_write(hold=clamps, write_length="40")
    both = [write(pen, "The film", length=40, clamps=one).text for one in ("", clamps)]
    assert written(page) == both
    assert page.query_params["hold"] == clamps


def test_holds_mean_the_same_step_of_a_long_text(open_write, pen, monkeypatch):
    monkeypatch.setattr(texts, "MOST_SHOWN", 30)
    monkeypatch.setattr(desk, "_AT_ONCE", 25)
    page = open_write(write_length="60", read_panel="Hold a gate", token="10")
    while "Pause" in labels(page):
        page.run()
    click(page, "ready_0")  # after the 11th of those shown, which is time step 49 of 0 to 68
    while "Pause" in labels(page):
        page.run()
    both = [write(pen, "The film", length=60, clamps=one).text for one in ("", "z=0@50:")]
    assert written(page) == both
    assert page.query_params["hold"] == "z=0@50:"
    [slider] = [one for one in page.slider if one.key == "held_value_0"]
    assert slider.label.endswith("(12) on")
    both = re.findall(r"(?:is|Held):\*\* What it found most probable came at \d+ of (\d+)", said(page))
    assert both == ["29", "29"]  # after the last of 30 nothing has come, also while it is held


def test_a_hold_that_moves_is_written_again(open_write, pen):
    page = open_write(hold="z=0@12:", write_length="40", read_panel="Hold a gate")
    page.slider(key="held_value_0").set_value(1.0).run()
    assert written(page)[1] == write(pen, "The film", length=40, clamps="z=1@12:").text


def test_what_can_not_be_held_is_said_in_any_panel(open_write, pen):
    page = open_write(hold="z=0@12:#6 z=0@12:#5", write_length="40", read_panel="At this token")
    assert written(page)[1] == write(pen, "The film", length=40, clamps="z=0@12:#5").text
    assert "z=0@12:#6 is not held here. There are 6 units, counted from 0 to 5, got 6." in said(page)


WRONG = {
    "texts": ("<b>", "A text must be named by its length"),
    "open_text": ("7", "does not stand here"),
    "write_temperature": ("9", "must be between 0.0 and 2.0"),
    "write_top_k": ("many", "must be a whole number"),
    "beginning": ("%%", "damaged"),
    "hold": ("q=1", "has no quantity called"),
    "model": ("gone", "is not on this machine"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_address_is_said(open_write, pen, name):
    value, sentence = WRONG[name]
    page = open_write(read_panel="Hold a gate", **{name: value})
    assert sentence in said(page)
    assert written(page) == [write(pen, "The film").text]


def test_unknown_symbols_are_said(open_write):
    page = open_write(beginning=pack("Tж漢"))
    assert "without “ж” and “漢”" in said(page)
    assert [*given(page, "chips")[0]["chips"]["kind"].values()].count("unknown") == 2


def test_a_long_beginning_is_read_beside(open_write, pen, settle):
    text = "the film " * 800
    page = settle(put(open_write(), beginning=text))
    assert f"{len(text):,} symbols read, 200 written" in said(page)
    page = put(page, beginning="a" * 100_001)
    assert "at most 100,000 are read" in said(page)


def test_each_page_leads_to_the_other(open_app, open_write, make_model):
    make_model("judge")
    page = open_write(model="judge")
    assert "gives a verdict" in said(page)
    [link] = [one.proto for one in page.get("page_link") if one.proto.label == "Watch that one read"]
    assert (link.page, link.query_string) == ("read", "model=judge")
    page = open_app("read", {"model": "pen"}, review_text="The film")
    [link] = [one.proto for one in page.get("page_link") if one.proto.label == "Let it write on"]
    assert link.query_string == f"model=pen&beginning={pack('The film')}"
