"""Read in a real browser: the answer while one types, and one cursor that everything follows."""

import itertools

import pytest
from playwright.sync_api import expect

from pages.components.shared.address import pack
from tests.browser.conftest import window

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


@pytest.fixture(scope="module")
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
    """Of 1280 x 800 pixels; the axis is that of the last gate."""
    expect(page.get_by_role("textbox", name="Review")).not_to_be_empty()
    page.wait_for_function(f"(axis) => ({GATES_END})(axis)", arg=axis)
    page.wait_for_function(f"(axis) => ({GATES_END})(axis) <= 800", arg=axis)


def test_the_answer_comes_while_one_types_and_the_cursor_moves_every_picture(page, server):
    page.goto(f"{server}/read?model=gru")
    the_first_screen_shows_the_gates(page, "yaxis3")
    review = page.get_by_role("textbox", name="Review")
    review.fill("A slow start. But the end is wonderful!")
    page.wait_for_function(f"() => ({ANSWER})() === 10")
    expect(page.get_by_text("after 10 time steps")).to_be_visible()

    strip = page.get_by_role("listbox", name="The tokens of the text")
    strip.get_by_role("option", name="but").click()
    stands_at(page, "reading", 5)
    expect(page.get_by_text("At time step 5, the norms")).to_be_visible()
    expect(page.get_by_role("button", name="Share chart")).to_have_count(0)  # with some company
    assert "token=4" in page.url

    strip.press("ArrowRight")
    stands_at(page, "reading", 6)
    expect(page.get_by_text("At time step 6, the norms")).to_be_visible()

    page.get_by_text("What the verdict depends on").click()
    stands_at(page, "attribution", 6)
    page.get_by_text("Another word", exact=True).click()
    expect(page.get_by_text("In the place of “the”, at the cursor")).to_be_visible()
    stands_at(page, "what_if_chart", 6)

    page.get_by_role("slider", name="Token").press("ArrowRight")
    for key in ("attribution", "what_if_chart"):
        stands_at(page, key, 7)
    expect(strip.get_by_role("option", name="end")).to_have_attribute("aria-selected", "true")


def test_on_a_telephone_nothing_is_wider_than_the_window(phone):
    phone.get_by_role("option", name="boring").click()
    phone.wait_for_function(f"() => ({ANSWER})() > 0")
    for part in ("html", "[data-testid=stMain]"):
        assert phone.evaluate("(part) => document.querySelector(part).scrollWidth", part) <= WIDTH
    strip = phone.get_by_role("listbox", name="The tokens of the text")
    for shown in (strip, phone.locator(".st-key-reading .js-plotly-plot")):
        box = shown.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= WIDTH


def test_on_a_phone_the_picture_comes_before_the_form(phone):
    box = phone.get_by_role("textbox", name="Review")
    keys = (".st-key-token_strip", ".st-key-reading", ".st-key-example")
    tops = [part.bounding_box()["y"] for part in (*map(phone.locator, keys), box)]
    assert tops == sorted(tops)


def test_words_below_the_picture_have_room_on_a_phone_and_what_has_no_glyph_is_not_in_the_box(phone):
    expect(phone.get_by_role("textbox", name="Review")).to_have_value(REVIEW)
    ticks = phone.evaluate(TICKS)
    assert len(ticks) > 5
    assert all(after - before >= 14 for before, after in itertools.pairwise(ticks))
    phone.get_by_text("What the verdict depends on").click()
    phone.wait_for_function(f"() => ({CUT})('attribution') === 0")
