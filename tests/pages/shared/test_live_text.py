"""Box and strip without a browser: what Python puts there, what it takes from there, and what it doesn't."""

import json
from functools import partialmethod
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shared import shared_value


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

    from pages.components.shared.shared_value import SharedValue
    from pages.components.shared.token_strip import Chip, Ways, cursor_strip

    words = st.session_state.get("words", ["<b>", "x" * 200, "film"])
    strip = [Chip(word, "word", step, float(step)) for step, word in enumerate(words)]
    shared = SharedValue("token", "token_strip", of_widget=True)
    st.button("Moved", on_click=shared.take)  # what the component does when the browser says so
    time = st.slider("Token", 0, len(words) - 1, key="token")
    time = cursor_strip(strip, Ways("down", "up"), time, "token")
    st.text(f"{time}")


def given(app):
    return json.loads(app.get("bidi_component")[0].proto.json)


def sent(app, value, revision, key="review_box"):
    """Return the page's words once the browser says that a value has changed since this revision."""
    app.session_state[key] = {"changed": {"value": value, "revision": revision}}
    app.button[-1].click().run()
    return app.text[0].value


def test_a_test_sets_the_text_as_python_does():
    app = AppTest.from_function(box_page).run()
    assert app.text[0].value == given(app)["value"] == "the first"
    app.session_state["review"] = "the film\nis great"
    app.run()
    assert app.text[0].value == given(app)["value"] == "the film\nis great"
    app = AppTest.from_function(box_page)
    app.session_state["review"] = "before the first run"
    assert app.run().text[0].value == "before the first run"


def test_what_is_typed_leaves_the_box_alone():
    """And what Python puts there, or is about to, does not."""
    app = AppTest.from_function(box_page).run()
    first = given(app)["revision"]
    assert sent(app, "typed", first) == "typed"
    assert given(app)["revision"] == first
    app.button[0].click().run()
    assert (app.text[0].value, given(app)["revision"]) == ("an example", first + 1)
    assert sent(app, "too late: into the text of before", first) == "an example"
    app = AppTest.from_function(box_page).run()
    app.session_state["review"] = "an example"
    assert sent(app, "typed", given(app)["revision"]) == "an example"


def test_a_text_of_any_length_and_sign_is_taken():
    """Half a sign is replaced."""
    app = AppTest.from_function(box_page).run()
    assert len(sent(app, "word " * 300_000 + "end.", given(app)["revision"])) == 1_500_004
    whole = sent(app, "half \ud83d, whole \U0001f600", given(app)["revision"])
    assert whole == "half \ufffd, whole \U0001f600"


class EndedAt(dict):
    """A session state that ends the run where it is asked so often, as Streamlit does where more was sent."""

    left = 0

    def asked(self, ask, *given):
        self.left -= 1
        if self.left == 0:
            raise InterruptedError
        return ask(self, *given)

    __getitem__ = partialmethod(asked, dict.__getitem__)
    __setitem__ = partialmethod(asked, dict.__setitem__)


@pytest.mark.parametrize("asked", range(1, 6))
def test_a_key_sent_while_one_is_taken_is_kept(monkeypatch, asked):
    """Wherever the taking ends, of five places; the box is written to by nobody else."""
    state = EndedAt(review="", review_box={})
    monkeypatch.setattr(shared_value, "st", SimpleNamespace(session_state=state))
    shared = shared_value.SharedValue("review", "review_box")
    revision = shared.offer("")["revision"]
    state["review_box"] = {"changed": {"value": "sigmoi", "revision": revision}}
    state.left = asked
    with pytest.raises(InterruptedError):
        shared.take()
    state["review_box"] = {"changed": {"value": "sigmoid", "revision": revision}}
    shared.take()
    assert state["review"] == "sigmoid"
    assert shared.offer(state["review"]) == {"value": "sigmoid", "revision": revision}


def test_a_move_on_the_strip_moves_the_slider():
    """And the slider the strip."""
    app = AppTest.from_function(strip_page).run()
    first = given(app)["revision"]
    assert sent(app, 2, first, "token_strip") == "2"
    assert (app.slider[0].value, given(app)["value"], given(app)["revision"]) == (2, 2, first)
    app.slider[0].set_value(1).run()
    assert (app.text[0].value, given(app)["value"], given(app)["revision"]) == ("1", 1, first + 1)
    assert sent(app, 2, first, "token_strip") == "1"  # made before the slider moved
    app.session_state["token"] = 2  # as Python does, or a test
    app.run()
    assert (app.text[0].value, given(app)["value"]) == ("2", 2)


def test_the_strip_gets_words_as_they_are():
    """Long ones shortened."""
    strip = given(AppTest.from_function(strip_page).run())
    chips = strip["chips"]
    assert chips["text"] == ["<b>", "x" * 59 + "…", "film"]
    assert (chips["kind"], chips["turns"], chips["change"]) == ({}, {}, [0, 1, 2])
    assert (strip["ways"], strip["value"]) == ({"up": "up", "down": "down"}, 0)
