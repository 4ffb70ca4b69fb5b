"""Read in a real browser: the answer while one types, and one cursor that everything follows."""

import itertools

import pytest
from playwright.sync_api import expect

from pages.components.shared.packed_text import pack

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


def stands_at(page, key, time):
    page.wait_for_function(f"([key, time]) => ({CURSOR})(key).includes(time)", arg=[key, time])


def test_the_answer_comes_while_one_types_and_the_cursor_moves_every_picture(page, server):
    page.goto(f"{server}/read?model=gru")
    review = page.get_by_role("textbox", name="Review")
    expect(review).not_to_be_empty()
    review.fill("A slow start. But the end is wonderful!")
    page.wait_for_function(f"() => ({ANSWER})() === 10")
    expect(page.get_by_text("after 10 time steps")).to_be_visible()

    strip = page.get_by_role("listbox", name="The tokens of the review")
    strip.get_by_role("option", name="but").click()
    stands_at(page, "reading", 4)
    expect(page.get_by_text("At time step 4, the norms")).to_be_visible()
    expect(page.get_by_role("button", name="Share chart")).to_have_count(0)  # with some company
    assert "token=4" in page.url

    strip.press("ArrowRight")
    stands_at(page, "reading", 5)
    expect(page.get_by_text("At time step 5, the norms")).to_be_visible()

    page.get_by_text("What the verdict depends on").click()
    stands_at(page, "attribution", 5)
    page.get_by_text("Another word", exact=True).click()
    expect(page.get_by_text("In the place of “the”, at the cursor")).to_be_visible()
    stands_at(page, "what_if_chart", 5)

    page.get_by_role("slider", name="Token").press("ArrowRight")
    for key in ("attribution", "what_if_chart"):
        stands_at(page, key, 6)
    expect(strip.get_by_role("option", name="end")).to_have_attribute("aria-selected", "true")


def test_on_a_telephone_nothing_is_wider_than_the_window(page, server):
    width = 390
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{server}/read?model=gru")
    page.get_by_role("option", name="boring").click()
    page.wait_for_function(f"() => ({ANSWER})() > 0")
    for part in ("html", "[data-testid=stMain]"):
        assert page.evaluate("(part) => document.querySelector(part).scrollWidth", part) <= width
    strip = page.get_by_role("listbox", name="The tokens of the review")
    for shown in (strip, page.locator(".st-key-reading .js-plotly-plot")):
        box = shown.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize(("model", "axis"), [("gru", "yaxis3"), ("lstm", "yaxis4")])
def test_the_first_screen_shows_the_gates(page, server, model, axis):
    """Of 1280 x 800 pixels; an LSTM has two norms above them."""
    page.goto(f"{server}/read?model={model}")
    expect(page.get_by_role("textbox", name="Review")).not_to_be_empty()
    page.wait_for_function(f"(axis) => ({GATES_END})(axis)", arg=axis, timeout=60_000)
    page.wait_for_function(f"(axis) => ({GATES_END})(axis) <= 800", arg=axis)


def test_words_below_the_picture_have_room_on_a_phone(page, server):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/read?model=gru")
    expect(page.get_by_role("textbox", name="Review")).not_to_be_empty()
    page.wait_for_function(f"() => ({GATES_END})('yaxis3')", timeout=60_000)
    ticks = page.evaluate(TICKS)
    assert len(ticks) > 5
    assert all(after - before >= 14 for before, after in itertools.pairwise(ticks))
    page.get_by_text("What the verdict depends on").click()
    page.wait_for_function(f"() => ({CUT})('attribution') === 0")


def test_what_has_no_glyph_in_a_review_is_not_in_the_box(page, server):
    packed = pack("a plan \x96 and a joke\x85")
    page.goto(f"{server}/read?model=gru&text={packed}")
    expect(page.get_by_role("textbox", name="Review")).to_have_value("a plan – and a joke…")
