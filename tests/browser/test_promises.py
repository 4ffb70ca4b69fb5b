"""Promises of the sentences of a page, kept in a real browser: a walk across to where it leads."""

import itertools
import re

import pytest
from playwright.sync_api import expect

from pages.components.shared.address import pack
from pages.components.shared.first_route import tasks
from rnn_core.training.diagnosis import KINDS
from tests.browser.conftest import window
from tests.browser.test_addresses import at_rest

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
OWN_CURVE = f"() => 0 < ({POINTS})() && ({POINTS})() < 500"
GROWN = f"(before) => ({POINTS})() > before"
VERDICT = re.compile("^The network says")
FORMULA = ".katex-mathml annotation"


def says(page):
    """The verdict, as it is said to those who can't see it."""
    verdict = page.get_by_role("img", name=VERDICT)
    expect(verdict).to_have_count(1)
    return verdict.get_attribute("aria-label")


@pytest.fixture
def phone(browser, shared):
    """Read on a telephone, with a text that has signs no font has a glyph for."""
    text = pack(REVIEW.replace("–", "\x96").replace("…", "\x85"))
    with window(browser, width=WIDTH, height=844) as page:
        page.goto(f"{shared.address}/read?model=gru&text={text}")
        page.wait_for_function(f"() => ({GATES_END})('yaxis3')")
        yield page


def stands_at(page, key, time):
    page.wait_for_function(f"([key, time]) => ({CURSOR})(key).includes(time)", arg=[key, time])


def the_first_screen_shows_the_gates(page, axis):
    """The window has 1280 x 800 pixels; the axis is that of the last gate."""
    expect(page.get_by_role("textbox", name="Review")).not_to_be_empty()
    page.wait_for_function(f"(axis) => ({GATES_END})(axis)", arg=axis)
    page.wait_for_function(f"(axis) => ({GATES_END})(axis) <= 800", arg=axis)


def test_read_answers_and_its_cursor_moves_pictures(page, server, browser):
    """While one types. Its link opens the same elsewhere, and Cells goes on with the same numbers."""
    page.goto(f"{server}/read?model=lstm")
    the_first_screen_shows_the_gates(page, "yaxis4")  # an LSTM has two norms above them
    review = page.get_by_role("textbox", name="Review")
    text = "A slow start. But the end is wonderful!"
    review.fill(text)
    page.wait_for_function(f"() => ({ANSWER})() === 10")
    expect(page.get_by_text("after 10 time steps")).to_be_visible()
    strip = page.get_by_role("listbox", name="The tokens of the text")
    strip.get_by_role("option", name="but").click()
    stands_at(page, "reading", 5)
    expect(page.get_by_text("At time step 5, the norms")).to_be_visible()
    expect(page.get_by_role("button", name="Share chart")).to_have_count(0)  # with some company
    assert "token=4" in page.url
    page.get_by_text("What the verdict depends on").click()
    stands_at(page, "attribution", 5)
    page.get_by_text("Another word", exact=True).click()
    expect(page.get_by_text("In the place of “but”, at the cursor")).to_be_visible()
    page.get_by_role("slider", name="Token").press("ArrowRight")
    for key in ("attribution", "what_if_chart"):
        stands_at(page, key, 6)
    strip.press("ArrowLeft")
    stands_at(page, "attribution", 5)
    page.get_by_text("What goes on inside").click()
    stands_at(page, "reading", 5)
    there = says(page)
    page.get_by_role("button", name="More").click()
    page.get_by_text("How can I keep or share this?").click()
    link = page.get_by_test_id("stCode").filter(has_text="model=lstm").inner_text().strip()

    with window(browser) as other:
        other.goto(link)
        expect(other.get_by_role("textbox", name="Review")).to_have_value(text)
        expect(other.get_by_text("At time step 5")).to_be_visible()
        assert says(other) == there

        into_cells = other.get_by_role("link", name=re.compile(r"See unit \d+ go through this time step"))
        expect(into_cells).to_be_visible()
        unit = re.search(r"\d+", into_cells.inner_text())[0]
        equations = with_numbers(other).text_content()
        into_cells.click()
        expect(other.get_by_role("heading", name="What happens at one time step?")).to_be_visible()
        expect(other.get_by_role("heading", name=f"With the numbers of unit {unit}")).to_be_visible()
        expect(with_numbers(other)).to_have_text(equations)


def with_numbers(page):
    """The first equation in which numbers stand."""
    return page.locator(FORMULA).filter(has_text=r"\sigma(").filter(has_text="0.").first


def do(page, role, name, **more):
    page.get_by_role(role, name=name, **more).first.click()


def turn(page):
    """The cursor comes back to the word at which the verdict turns, and a sentence says which gate moves."""
    for word in ("wonderful", "dull"):
        do(page, "option", word, exact=True)
        expect(page.get_by_role("option", name=word, exact=True)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text(re.compile("gate moves most there")).first).to_be_visible()


def hold(page):
    """The gate is shut, and the verdict is another."""
    do(page, "button", re.compile("^Update gate shut after “but”"))
    expect(page.get_by_role("img", name="The verdicts of both readings")).to_be_visible()
    expect(page).to_have_url(re.compile("[?&]hold=z"))


def probes(page):
    """A sentence that is marked as wrong is read above."""
    row = page.locator(".st-key-probe_pairs tr").filter(has=page.get_by_role("img", name="wrong")).first
    button = row.get_by_role("button")
    text = button.locator("span").inner_text()
    button.click()
    expect(page.get_by_role("textbox", name="Review")).to_have_value(text)


def train(page):
    """A curve grows, also while one is away; its run is paused, given another rate, goes on and ends."""
    primary = page.get_by_role("button", name="Start training")
    chosen = page.get_by_role("radiogroup", name="Cell").first.get_by_role("radio", checked=True)
    # A chosen button is filled like a primary one; Streamlit would tint it by a tenth.
    colour = primary.evaluate("button => getComputedStyle(button).backgroundColor")
    expect(chosen).to_have_css("background-color", colour)
    primary.click()
    expect(page.get_by_text("tokens/s").first).to_be_visible()
    page.wait_for_function(OWN_CURVE)
    before = page.evaluate(POINTS)
    page.wait_for_function(GROWN, arg=before)
    do(page, "link", "Home", exact=True)
    expect(page.get_by_role("heading", name="See what a recurrent network does")).to_be_visible()
    page.go_back()
    page.wait_for_function(GROWN, arg=before)
    page.reload()
    page.wait_for_function(GROWN, arg=before)
    do(page, "button", "Pause")
    do(page, "button", "Learning rate")
    page.get_by_role("spinbutton", name="From the next optimizer step on").fill("0.001")
    page.keyboard.press("Enter")
    do(page, "button", "Apply")
    expect(page.get_by_text("In force: 0.001")).to_be_visible()
    page.keyboard.press("Escape")
    do(page, "button", "Go on")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    do(page.locator("[class*=st-key-stop_]"), "button", "Stop")
    expect(page.get_by_role("button", name="Start training")).to_be_visible()  # it has ended


def fail(page):
    """The reason is named above the curves."""
    do(page, "button", "Start training")
    expect(page.get_by_text(KINDS["exploding"]).first).to_be_visible()


DEEDS = (turn, hold, probes, train, fail)


def test_each_of_five_things_can_be_done_by_clicks(page, server, store):
    """From Home and back: no warning, what it asks for is there, and Done ticks it off."""
    page.goto(server)
    assert [deed.__name__ for deed in DEEDS] == [*tasks()]
    things = page.locator(".st-key-first_list")
    do(page, "button", "Hide", exact=True)
    expect(things).to_be_hidden()
    page.reload()
    do(page, "button", "Show five things to try")
    expect(things).to_be_visible()
    for number, deed in enumerate(DEEDS, start=1):
        task = tasks()[deed.__name__]
        page.locator(f".st-key-first_{deed.__name__}").get_by_role("link").click()
        strip = page.locator(".st-key-task")
        expect(strip).to_contain_text(task.title)
        at_rest(page)
        expect(page.get_by_test_id("stAlertContentWarning")).to_have_count(0)
        deed(page)
        expect(strip).to_contain_text(task.title)
        do(strip, "button", "Done")
        done = [other.__name__ for other in DEEDS[:number]]
        expect(page.locator("html")).to_have_attribute("data-first-done", " ".join(done))


def test_on_a_phone_nothing_is_wider_than_the_window(phone):
    """The picture comes before the form; what has no glyph is not in the box; words have room below it."""
    box = phone.get_by_role("textbox", name="Review")
    expect(box).to_have_value(REVIEW)
    keys = (".st-key-token_strip", ".st-key-reading", ".st-key-example")
    tops = [part.bounding_box()["y"] for part in (*map(phone.locator, keys), box)]
    assert tops == sorted(tops)
    phone.get_by_role("option", name="boring").click()
    phone.wait_for_function(f"() => ({ANSWER})() > 0")
    for part in ("html", "[data-testid=stMain]"):
        assert phone.evaluate("(part) => document.querySelector(part).scrollWidth", part) <= WIDTH
    strip = phone.get_by_role("listbox", name="The tokens of the text")
    for shown in (strip, phone.locator(".st-key-reading .js-plotly-plot")):
        place = shown.bounding_box()
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= WIDTH
    ticks = phone.evaluate(TICKS)
    assert len(ticks) > 5
    assert all(after - before >= 14 for before, after in itertools.pairwise(ticks))
    phone.get_by_text("What the verdict depends on").click()
    phone.wait_for_function(f"() => ({CUT})('attribution') === 0")
