"""Promises of the sentences of a page, kept in a real browser: a walk across to where it leads."""

import contextlib
import itertools
import re

from playwright.sync_api import TimeoutError, expect

from pages.components.shared.address import pack
from pages.components.shared.first_route import tasks
from rnn_core.runs import queue
from rnn_core.training.diagnosis import RULES
from tests.browser.conftest import window
from tests.browser.walks import at_rest, do, see
from tests.runs.workers import wait_until

WIDTH = 390
"""Pixels of a telephone."""
REVIEW = "A boring plan – and a joke, but the end is wonderful, and I would see it again…"
CURSOR = """(key) => {
    const chart = document.querySelector(`.st-key-${key} .js-plotly-plot`)
    return chart ? chart.layout.shapes.map(({ x0 }) => x0) : []
}"""
ANSWER = """() => document.querySelector(".st-key-reading .js-plotly-plot")?.data.find(
    (curve) => curve.customdata)?.customdata.length"""

GATES_END = """(axis) => {
    const chart = document.querySelector(".st-key-reading .js-plotly-plot")
    const row = chart?._fullLayout?.[axis]
    return row && chart.getBoundingClientRect().top + row._offset + row._length
}"""
CUT = """(key) => {
    const chart = document.querySelector(`.st-key-${key} .js-plotly-plot`)
    const right = chart?.getBoundingClientRect().right
    return chart && [...chart.querySelectorAll(".annotation-text")].filter(
        (text) => text.getBoundingClientRect().right > right).length
}"""
TICKS = """() => {
    const { xaxis } = document.querySelector(".st-key-reading .js-plotly-plot")._fullLayout
    return xaxis.tickvals.map((time) => xaxis.d2p(time))
}"""
POINTS = """() => {
    const curves = document.querySelector(".gs-chart")?.calcdata ?? []
    return Math.max(0, ...curves.map((curve) => curve.length))
}"""
# Before the first run the curves of a pretrained model stand there, and they have some 600 points.
OWN_CURVE = f"() => ({POINTS})() < 500 && ({POINTS})()"


def test_read_answers_and_its_cursor_moves_pictures(page, server):
    """While one types, with the gates on the first screen."""
    page.goto(f"{server}/read?model=lstm")
    review = page.get_by_role("textbox", name="Review")
    expect(review).not_to_be_empty()
    # Of 1280 x 800 pixels; an LSTM has two norms above its gates.
    page.wait_for_function(f"() => ({GATES_END})('yaxis4') <= 800")
    review.fill("A slow start. But the end is wonderful!")
    page.wait_for_function(f"() => ({ANSWER})() === 10")
    page.get_by_role("option", name="but").click()
    stands_at(page, "reading", 5)
    expect(page.get_by_role("button", name="Share chart")).to_have_count(0)  # with some company
    page.get_by_text("What the verdict depends on").click()
    page.get_by_text("Another word", exact=True).click()
    see(page.get_by_text("In the place of “but”, at the cursor"))
    page.get_by_role("slider", name="Token").press("ArrowRight")
    for key in ("attribution", "two_readings"):
        stands_at(page, key, 6)


def stands_at(page, key, time):
    page.wait_for_function(f"([key, time]) => ({CURSOR})(key).includes(time)", arg=[key, time])


def turn(page):
    """The cursor comes back to the word at which the verdict turns, and a sentence says which gate moves."""
    for word in ("wonderful", "dull"):
        do(page, "option", word, exact=True)
        see(page.get_by_role("option", name=re.compile(f"^{word}, moved the logit"), selected=True))
    see(page.get_by_text(re.compile("gate moves most there")))


def hold(page):
    """The gate is shut, and the verdict is another."""
    do(page, "button", re.compile("^Update gate shut after “but”"))
    see(page.get_by_role("img", name="The verdicts of both readings"))
    expect(page).to_have_url(re.compile("[?&]hold=z"))


def probes(page):
    """A sentence that is marked as wrong is read above."""
    row = page.locator(".st-key-probe_pairs tr").filter(has=page.get_by_role("img", name="wrong")).first
    button = row.get_by_role("button")
    text = button.locator("span").inner_text()
    button.click()
    expect(page.get_by_role("textbox", name="Review")).to_have_value(text)


def train(page):
    """The curve grows, on a page loaded again, too; the run is paused, gets another rate, and stops."""
    primary = page.get_by_role("button", name="Start training")
    chosen = page.get_by_role("radiogroup", name="Cell").first.get_by_role("radio", checked=True)
    # A chosen button is filled like a primary one; Streamlit would tint it by a tenth.
    colour = primary.evaluate("button => getComputedStyle(button).backgroundColor")
    expect(chosen).to_have_css("background-color", colour)
    primary.click()
    see(page.get_by_text("tokens/s"))
    before = page.wait_for_function(OWN_CURVE).json_value()
    page.reload()
    page.wait_for_function(f"(before) => ({POINTS})() > before", arg=before)
    do(page, "button", "Pause")
    see(page.get_by_role("button", name="Go on"))
    at_rest(page)  # a form that opens while the page draws the paused run is closed by it
    rate = page.get_by_role("spinbutton", name="From the next optimizer step on")
    press_until(rate, page, "button", "Learning rate")
    rate.fill("0.001")
    page.keyboard.press("Enter")
    do(page, "button", "Apply")
    see(page.get_by_text("In force: 0.001"))
    page.keyboard.press("Escape")
    do(page, "button", "Go on")
    see(page.get_by_role("button", name="Pause"))
    stopping = page.get_by_text(re.compile("Stopping")).first
    press_until(stopping, page.locator("[class*=st-key-stop_]"), "button", "Stop")


def press_until(sought, *control):
    """Press a control until what it brings is seen: a press is lost while the page draws the run again."""

    def is_seen():
        do(*control)
        with contextlib.suppress(TimeoutError):
            sought.wait_for(timeout=10_000)
        return sought.is_visible()

    wait_until(is_seen)


def fail(page):
    """The reason is named above the curves."""
    do(page, "button", re.compile("(Start|Queue) training"))
    see(page.get_by_text(RULES["exploding"].title))


DEEDS = (turn, hold, probes, train, fail)


def test_each_of_five_things_can_be_done_by_clicks(page, server, store):
    """The way from Home and back: no warning, what it asks for is there, and Done ticks it off."""
    page.goto(server)
    assert [deed.__name__ for deed in DEEDS] == [*tasks()]
    things = page.locator(".st-key-first_list")
    do(page, "button", "Hide", exact=True)
    expect(things).to_be_hidden()
    page.reload()
    do(page, "button", "Show five things to try")
    expect(things).to_be_visible()
    for number, deed in enumerate(DEEDS, start=1):
        page.locator(f".st-key-first_{deed.__name__}").get_by_role("link").click()
        strip = page.locator(".st-key-task")
        expect(strip).to_contain_text(tasks()[deed.__name__].title)
        at_rest(page)
        expect(page.get_by_test_id("stAlertContentWarning")).to_have_count(0)
        deed(page)
        queue.stop_all(store)  # a run that stops ends without a score, and the next one begins
        do(strip, "button", "Done")
        done = [other.__name__ for other in DEEDS[:number]]
        expect(page.locator("html")).to_have_attribute("data-first-done", " ".join(done))


def test_on_a_phone_nothing_is_wider_than_the_window(browser, server):
    """The picture comes before the form; what has no glyph is not in the box; words have room below it."""
    text = pack(REVIEW.replace("–", "\x96").replace("…", "\x85"))  # signs no font has a glyph for
    with window(browser, width=WIDTH, height=844) as phone:
        phone.goto(f"{server}/read?model=gru&text={text}")
        phone.wait_for_function(f"() => ({GATES_END})('yaxis3')")
        box = phone.get_by_role("textbox", name="Review")
        expect(box).to_have_value(REVIEW)
        keys = (".st-key-token_strip", ".st-key-reading", ".st-key-example")
        tops = [part.bounding_box()["y"] for part in (*map(phone.locator, keys), box)]
        assert tops == sorted(tops)
        phone.get_by_role("option", name="boring").click()
        phone.wait_for_function(f"() => ({ANSWER})() > 0")
        for part in ("html", "[data-testid=stMain]"):
            assert phone.evaluate("(part) => document.querySelector(part).scrollWidth", part) <= WIDTH
        strip = phone.get_by_role("listbox", name="The words of the text")
        for shown in (strip, phone.locator(".st-key-reading .js-plotly-plot")):
            place = shown.bounding_box()
            assert place["x"] >= 0
            assert place["x"] + place["width"] <= WIDTH
        ticks = phone.evaluate(TICKS)
        assert len(ticks) > 5
        assert all(after - before >= 14 for before, after in itertools.pairwise(ticks))
        phone.get_by_text("What the verdict depends on").click()
        phone.wait_for_function(f"() => ({CUT})('attribution') === 0")
