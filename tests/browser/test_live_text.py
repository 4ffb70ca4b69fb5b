"""The box that answers while one types and the strip with a cursor, on a page of their own.

The page is opened once for all tests. Each presses a button that puts a new box and a new strip there.
"""

import os
import re
import shutil

import pytest
from playwright.sync_api import expect

from pages.components.shared.live_text import PAUSE
from rnn_core.figures.colours import DARK, LIGHT
from tests.browser.conftest import PROJECT, STREAMLIT, serve, window
from tests.browser.walks import do, nothing_runs, see
from tests.figures.examples import contrast

ROUND = re.compile("^round [0-9]+$")
HURRY = "() => {const now = performance.now.bind(performance); performance.now = () => 10 * now()}"
COLOURS = """node => {
    const { color, outlineColor, outlineWidth } = getComputedStyle(node)
    return [color, getComputedStyle(document.body).backgroundColor, outlineColor, outlineWidth]
}"""
IS_DRAWN_IN = """scheme =>
    getComputedStyle(document.querySelector("[data-testid=stApp]")).colorScheme === scheme"""
NOTE_WAITS = """() => {
    const wait = window.setTimeout
    window.waits = []
    window.setTimeout = (run, ms, ...given) => {
        if (String(run).includes("own.send")) window.waits.push(ms)
        return wait(run, ms, ...given)
    }
}"""
NASTY = "<b>bold</b> <img/src=x/onerror=alert(1)> &amp; $x$"

SCRIPT = """
import time as clock

import streamlit as st

from pages.components.shared.assets import show_looks
from pages.components.shared.live_text import live_text
from pages.components.shared.assets import current_theme
from pages.components.shared.token_strip import Chip, Ways, cursor_strip

LONG = " ".join(f"w{number}" for number in range(300))


def put(text):
    st.session_state[review] = text


def begin():
    st.session_state["round"] += 1


show_looks()
round = st.session_state.setdefault("round", 0)
review, token = f"review {round}", f"token {round}"
st.button("New", on_click=begin)
st.button("Example", on_click=put, args=("an example",))
st.button("Long", on_click=put, args=(LONG,))
slow = st.toggle("Slow", key=f"slow {round}")
text = live_text("Review", "one two three", review, height=120, help="Some help.", placeholder="Type.")
st.text(f"heard [{text}]")
tokens = text.split() or ["nothing"]
strip = [Chip("gone", "cut", None, 0.0)]
strip += [Chip(word, "word", step, (-1) ** step * step) for step, word in enumerate(tokens)]
if st.session_state.get(token, 0) not in range(len(tokens)):
    st.session_state[token] = 0
time = st.slider("Token", 0, max(len(tokens) - 1, 1), key=token)
time = cursor_strip(strip, Ways("down", "up"), time, token)
if slow:
    clock.sleep(0.6)
st.text(f"at [{time}]")
st.text(f"round {round}")
"""
SERVER = """
import streamlit as st

from pages.components.shared.served import served_route

app = st.App("script.py", routes=[served_route()])
"""


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    """The page above, on a server of its own with the theme of the app."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "script.py").write_text(SCRIPT)
    (folder / "server.py").write_text(SERVER)
    shutil.copytree(PROJECT / ".streamlit", folder / ".streamlit")
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    with serve([*STREAMLIT, "server.py"], folder, environment) as server, window(browser) as page:
        page.goto(server.address)
        yield page


@pytest.fixture
def page(opened):
    opened.evaluate("() => delete performance.now")  # of a test in a hurry
    begin_again(opened)
    return opened


@pytest.fixture
def box(page):
    box = page.get_by_role("textbox", name="Review")
    expect(box).to_have_value("one two three")
    return box


def begin_again(page):
    """Put a box and a strip there that nobody has touched."""
    before = int(page.get_by_text(ROUND).inner_text().split()[1])
    do(page, "button", "New", exact=True)
    see(page.get_by_text(f"round {before + 1}", exact=True))
    arrives(page, "one two three")
    at(page, 0)


def arrives(page, text):
    """Wait until Python has this text and the page is drawn with it."""
    see(page.get_by_text(f"heard [{text}]", exact=True))


def at(page, time):
    """Wait until Python has this time step, and the strip and the slider show it."""
    see(page.get_by_text(f"at [{time}]", exact=True))
    expect(page.get_by_role("slider")).to_have_value(str(time))
    assert number(page) == time


def number(page):
    """The time step that the strip shows, counted from 0, once the one before it is gone."""
    shown = page.locator(".strip-at")
    expect(shown).to_have_count(1)
    return int(re.match(r"Time step (\d+) of", shown.inner_text())[1]) - 1


def caret(box):
    return box.evaluate("box => [box.selectionStart, box.selectionEnd]")


def chosen(page):
    return page.get_by_role("option", selected=True)


def test_answers_come_while_one_types(page, box):
    """The caret stays where it is."""
    box.click()
    box.press("Home")
    box.press_sequentially("zero ", delay=20)
    arrives(page, "zero one two three")
    expect(box).to_be_focused()
    assert caret(box) == [5, 5]
    box.press_sequentially("and a half ", delay=120)  # answers come in between
    arrives(page, "zero and a half one two three")
    assert caret(box) == [16, 16]
    box.press("Enter")
    arrives(page, "zero and a half one two three")  # of the line break Streamlit shows a space
    expect(box).to_have_value("zero and a half \none two three")
    for _ in range(3):
        box.press("Shift+ArrowRight")
    page.wait_for_timeout(300)
    assert caret(box) == [17, 20]


def test_keys_typed_while_it_runs_wait_for_a_pause(page, box):
    """The first one goes at once."""
    nothing_runs(page)
    page.evaluate(NOTE_WAITS)
    box.press("End")
    box.press_sequentially("s")
    arrives(page, "one two threes")
    nothing_runs(page)  # its end would take away what is put there now
    page.evaluate("document.querySelector('[data-testid=stApp]').dataset.testScriptState = 'running'")
    box.press_sequentially("ix")
    arrives(page, "one two threesix")
    assert page.evaluate("window.waits") == [0, PAUSE, PAUSE]


def test_a_long_answer_takes_nothing_typed_away(page, box):
    page.get_by_text("Slow").click()
    box.press("End")
    for word in " four five six seven".split():
        box.press_sequentially(" " + word, delay=30)
        page.wait_for_timeout(400)
    arrives(page, "one two three four five six seven")
    expect(box).to_have_value("one two three four five six seven")


def test_letters_are_no_shortcuts_and_can_be_undone(page, box):
    """A composition is not sent before its end."""
    box.press("End")
    box.press_sequentially("cr", delay=20)  # on the page, c clears the cache and r runs it again
    arrives(page, "one two threecr")
    expect(page.get_by_role("dialog")).to_have_count(0)
    box.press("Control+a")
    page.keyboard.insert_text("pasted\nin two lines")
    expect(page.get_by_text("heard [pasted in two lines]")).to_be_visible()
    box.press("Control+z")
    arrives(page, "one two threecr")
    expect(box).to_have_value("one two threecr")
    box.press("End")
    ime = page.context.new_cdp_session(page)
    ime.send("Input.imeSetComposition", {"text": "に", "selectionStart": 1, "selectionEnd": 1})
    page.wait_for_timeout(700)
    expect(box).to_have_value("one two threecrに")
    arrives(page, "one two threecr")
    ime.send("Input.insertText", {"text": "日本"})
    arrives(page, "one two threecr日本")


def test_a_text_of_python_replaces_what_was_just_typed(page, box):
    box.fill("typed")
    do(page, "button", "Example")
    arrives(page, "an example")
    expect(box).to_have_value("an example")
    page.wait_for_timeout(600)
    arrives(page, "an example")
    box.press("End")
    box.press_sequentially("!")
    arrives(page, "an example!")
    do(page, "button", "Example")
    expect(box).to_have_value("an example")


def test_the_box_is_labelled_and_its_markup_stays_text(page, box):
    """It can be emptied and left."""
    page.on("dialog", lambda dialog: pytest.fail("a token ran as script"))
    box.fill(NASTY)
    for token in NASTY.split():
        expect(page.get_by_role("option").filter(has_text=token)).to_be_visible()
    page.get_by_role("option", name=NASTY.split()[1]).click()
    expect(page.locator(".strip-at")).to_contain_text(NASTY.split()[1])
    assert page.locator(".strip-tokens b, .strip img").count() == 0
    box.fill("")
    arrives(page, "")
    assert box.get_attribute("placeholder") == "Type."
    box.press_sequentially("x")
    box.press("Control+Enter")  # at once
    arrives(page, "x")
    expect(page.get_by_role("tooltip")).to_be_hidden()
    page.get_by_role("button", name="Help for Review").focus()
    expect(page.get_by_role("tooltip")).to_be_visible()


def test_clicks_keys_and_the_slider_move_the_cursor(page, box):
    """Python hears the last."""
    page.get_by_role("slider").press("ArrowRight")
    at(page, 1)
    expect(chosen(page)).to_have_text("two")
    do(page, "button", "Long")
    page.get_by_role("option", name="w7", exact=True).click()
    assert number(page) == 7  # before Python answers
    at(page, 7)
    strip = page.get_by_role("listbox")
    strip.evaluate("list => list.scrollBy(0, 30)")  # below the pointer, which rests
    page.wait_for_timeout(300)
    assert number(page) == 7
    for _ in range(20):
        strip.press("ArrowRight")
    assert number(page) == 27
    at(page, 27)
    strip.press("ArrowLeft")
    at(page, 26)
    expect(chosen(page)).to_have_text("w26")
    expect(strip).to_have_attribute("aria-activedescendant", chosen(page).get_attribute("id"))
    strip.press("End")
    at(page, 299)
    inside = chosen(page).bounding_box()["y"] - strip.bounding_box()["y"]
    assert 0 <= inside < strip.bounding_box()["height"]
    strip.press("ArrowRight")
    strip.press("Home")
    at(page, 0)
    page.get_by_role("option", name="gone").click(force=True)  # it is disabled
    at(page, 0)


def test_play_ends_at_the_last_token_or_when_halted(page, box):
    """Python gets the place; it begins again from the last."""
    do(page, "button", "Play")
    at(page, 2)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    do(page, "button", "Play")
    do(page, "button", "Pause")
    assert number(page) < 2
    do(page, "button", "Long")
    expect(page.get_by_role("option", name="w299")).to_be_attached()
    do(page, "button", "Play")
    expect(page.locator(".strip-at")).to_contain_text("Time step 6")
    do(page, "button", "Pause")
    at(page, number(page))
    there = number(page)
    page.wait_for_timeout(600)
    assert number(page) == there


def test_play_waits_for_a_page_that_draws_slowly(page, box):
    """It is drawn whole at each time step."""
    page.evaluate(HURRY)
    do(page, "button", "Long")
    expect(page.get_by_role("option", name="w299")).to_be_attached()
    page.get_by_text("Slow").click()
    do(page, "button", "Play")
    shown = page.get_by_text("at [")
    for _ in range(3):
        before = shown.inner_text()
        expect(shown).not_to_have_text(before)
        assert number(page) - int(shown.inner_text()[4:-1]) <= 1
    do(page, "button", "Pause")
    at(page, number(page))


def test_text_and_cursor_can_be_read_in_light_and_dark(page, box):
    option, hint = page.get_by_role("option", name="three"), page.locator(".strip-hint")
    for scheme, behind in (("dark", DARK.background), ("light", LIGHT.background)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(IS_DRAWN_IN, arg=scheme)
        begin_again(page)
        for node in (box, option, page.locator(".strip-at"), hint):
            text, under, *_ = node.evaluate(COLOURS)
            assert hexed(under) == behind.lower()
            assert contrast(hexed(text), behind) > 4.5
        *_, outline, width = chosen(page).evaluate(COLOURS)
        assert contrast(hexed(outline), behind) > 4.5
        assert width == "3px"


def hexed(colour):
    """A colour that a browser says as rgb(r, g, b)."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])
