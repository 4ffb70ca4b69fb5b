"""Box and strip without a browser: what Python puts there, what it takes from there, and what it doesn't."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.read.cursor_strip import _data, _pieces
from pages.components.shared.token_strip import Chip, Ways
from rnn_core.figures.colours import LIGHT
from rnn_core.text.vocabulary import PAD

WAYS = Ways("down", "up")


def box_page():
    import streamlit as st

    from pages.components.shared.live_text import _shared, live_text

    def put():
        st.session_state["review"] = "an example"

    st.button("Example", on_click=put)
    st.button("Typed", on_click=_shared("review").take)  # what the component does when the browser says so
    st.text(live_text("Review", "the first", "review"))


def strip_page():
    import streamlit as st

    from pages.components.read.cursor_strip import cursor_strip
    from pages.components.shared.shared_value import SharedValue
    from pages.components.shared.token_strip import Chip, Ways
    from rnn_core.figures.colours import LIGHT

    words = st.session_state.get("words", ["<b>", "x" * 200, "film"])
    strip = [Chip(word, "word", step, float(step)) for step, word in enumerate(words)]
    shared = SharedValue("token", "token_strip", of_widget=True)
    st.button("Moved", on_click=shared.take)  # what the component does when the browser says so
    time = st.slider("Token", 0, len(words) - 1, key="token")
    time = cursor_strip(strip, Ways("down", "up"), time, LIGHT, "token")
    st.text(f"{time}")


def opened(page):
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    return app


def given(app):
    return json.loads(app.get("bidi_component")[0].proto.json)


def typed(app, text, revision):
    app.session_state["review_box"] = {"changed": {"value": text, "revision": revision}}
    app.button[1].click().run()
    assert not app.exception


def moved(app, time, revision):
    app.session_state["token_strip"] = {"changed": {"value": time, "revision": revision}}
    app.button[0].click().run()
    assert not app.exception


def test_a_test_sets_the_text_as_python_does():
    app = opened(box_page)
    assert app.text[0].value == given(app)["value"] == "the first"
    app.session_state["review"] = "the film\nis great"
    app.run()
    assert app.text[0].value == given(app)["value"] == "the film\nis great"
    app = AppTest.from_function(box_page)
    app.session_state["review"] = "there before the first run"
    assert app.run().text[0].value == "there before the first run"


def test_what_is_typed_leaves_the_box_alone_and_what_python_puts_there_does_not():
    app = opened(box_page)
    first = given(app)["revision"]
    typed(app, "typed", first)
    assert (app.text[0].value, given(app)["revision"]) == ("typed", first)
    app.button[0].click().run()
    assert (app.text[0].value, given(app)["revision"]) == ("an example", first + 1)
    typed(app, "too late: into the text of before", first)
    assert app.text[0].value == "an example"


def test_a_text_that_python_is_about_to_put_there_is_not_lost_to_what_was_typed():
    app = opened(box_page)
    app.session_state["review"] = "an example"
    typed(app, "typed", given(app)["revision"])
    assert app.text[0].value == "an example"


def test_a_text_of_any_length_is_taken_and_half_a_sign_is_replaced():
    app = opened(box_page)
    typed(app, "word " * 300_000 + "end.", given(app)["revision"])
    assert len(app.text[0].value) == 1_500_004
    typed(app, "half \ud83d, whole \U0001f600", given(app)["revision"])
    assert app.text[0].value == "half \ufffd, whole \U0001f600"


def test_a_move_on_the_strip_moves_the_slider_and_the_slider_the_strip():
    app = opened(strip_page)
    first = given(app)["revision"]
    moved(app, 2, first)
    assert (app.text[0].value, app.slider[0].value, given(app)["value"]) == ("2", 2, 2)
    assert given(app)["revision"] == first
    app.slider[0].set_value(1).run()
    assert (app.text[0].value, given(app)["value"], given(app)["revision"]) == ("1", 1, first + 1)
    moved(app, 2, first)  # made before the slider moved
    assert app.text[0].value == "1"
    app.session_state["token"] = 2  # as Python does, or a test
    app.run()
    assert (app.text[0].value, given(app)["value"]) == ("2", 2)


def test_the_strip_gets_words_as_they_are_and_long_ones_shortened():
    chips = given(opened(strip_page))["chips"]
    assert chips["text"] == ["<b>", "x" * 59 + "…", "film"]
    assert (chips["kind"], chips["count"], chips["turns"]) == ({}, {}, {})  # words of one time step each
    assert chips["first"] == 0
    assert chips["change"] == [0, 1, 2]
    assert "<b>" not in given(opened(strip_page))["key"]


def test_a_thousand_tokens_are_few_bytes():
    strip = [Chip("someword", "word", step, -1.234567) for step in range(1_000)]
    assert len(json.dumps(_data(strip, WAYS, 0, LIGHT))) < 25_000


def test_padding_is_one_chip_that_stands_for_its_time_steps():
    strip = [Chip(PAD, "special", step, 0.25) for step in range(8)] + [Chip("film", "word", 8, 1.0)]
    padding, word = _pieces(strip, 0)
    assert padding.chip[:1] + padding.chip[2:4] == (f"{PAD} × 8", 0, 2.0)
    assert padding.steps == 8
    assert (word.chip.step, word.steps) == (8, 1)


@pytest.mark.parametrize("time", [0, 499, 500, 2_345, 4_999])
def test_of_a_very_long_review_the_part_around_the_cursor_is_drawn(time):
    strip = [Chip("word", "word", step, 0.1) for step in range(5_000)]
    pieces = _pieces(strip, time)
    steps = [piece.chip.step for piece in pieces if piece.steps]
    assert len(steps) == 1_000
    assert min(steps) == 0 or time - min(steps) >= 250
    assert max(steps) == 4_999 or max(steps) - time >= 250
    left_out = [int(piece.chip.text.split()[1].replace(",", "")) for piece in pieces if not piece.steps]
    assert sum(left_out) == 4_000


def test_the_stretch_that_is_drawn_stands_still_while_the_cursor_moves_within_it():
    strip = [Chip("word", "word", step, 0.1) for step in range(5_000)]
    stretches = [_pieces(strip, time)[1].chip.step for time in range(0, 5_000, 50)]
    assert len(set(stretches)) <= 11
