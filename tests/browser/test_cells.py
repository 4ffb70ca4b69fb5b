"""Cells in a real browser: the drawing is there before a click, follows the token, timing can end."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import window

NUMBERS = """() => {
    const chart = document.querySelector(".st-key-one_step .js-plotly-plot")
    return chart ? chart.data[0].customdata.map(([name, value]) => value) : []
}"""


@pytest.fixture(scope="module")
def cells(browser, shared):
    with window(browser) as page:
        page.goto(f"{shared.address}/cells?variant=elman&token=5&unit=3&by_hand=1~5~Uh_0.9")
        expect(page.get_by_role("heading", name="What happens at one time step?")).to_be_visible()
        yield page


def test_one_step_is_drawn_at_once_and_the_arrow_key_goes_to_the_next_token(cells):
    expect(cells.get_by_text("Time step 6, unit 3 of 128")).to_be_visible()
    cells.wait_for_function(f"() => ({NUMBERS})().length > 0")
    before = cells.evaluate(NUMBERS)
    cells.get_by_test_id("stMain").evaluate("(main) => main.scrollTo(0, 0)")
    chart = cells.locator(".st-key-one_step .js-plotly-plot").bounding_box()
    assert chart["y"] + chart["height"] < 800
    cells.locator(".st-key-token_slider").get_by_role("slider").press("ArrowRight")
    expect(cells.get_by_text("Time step 7, unit 3 of 128")).to_be_visible()
    cells.wait_for_function(f"(before) => ({NUMBERS})().some((value, i) => value != before[i])", arg=before)
    assert "token=6" in cells.url


def test_timing_ends_when_it_is_stopped_and_keeps_what_was_measured(page, server):
    page.goto(f"{server}/cells?variant=gru-after")  # a round of it takes long enough to be seen
    page.get_by_role("button", name="Time the forms").click()
    expect(page.get_by_text("Round 1 of 7")).to_be_visible()
    page.locator(".st-key-stop_timing button").first.click()
    expect(page.locator(".st-key-stop_timing")).to_have_count(0)
    expect(page.get_by_text("On this machine that turns")).to_be_visible()
    expect(page.get_by_text("median of 7 rounds")).to_have_count(0)


def test_a_weight_set_by_hand_moves_the_drawing_and_keeps_the_focus(cells):
    cells.get_by_role("button", name="Leak").click()
    expect(cells.get_by_text("It leaks.")).to_be_visible()
    weight = cells.locator(".st-key-by_hand_elman_1_Uh").get_by_role("slider")
    before = float(weight.input_value())
    for more in (0.05, 0.1):
        weight.press("ArrowRight")
        expect(weight).to_have_value(f"{before + more:.10g}")
        expect(weight).to_be_focused()
    expect(cells).to_have_url(re.compile(rf"by_hand=1~\d+~Uh_{re.escape(f'{before + 0.1:.10g}')}"))
    cells.get_by_role("button", name="Oscillate").click()
    expect(cells.get_by_text("It oscillates.")).to_be_visible()


def test_play_goes_on_by_itself_until_the_end_or_until_it_is_stopped(cells):
    steps = cells.locator(".st-key-by_hand_steps").get_by_role("slider")
    shown = cells.locator(".st-key-by_hand_time").get_by_role("slider")
    stop, play = cells.get_by_role("button", name="Stop"), cells.get_by_role("button", name="Play")
    for key, number in (("Home", "5"), ("End", "200")):
        steps.press(key)
        expect(shown).to_have_attribute("max", number)
        cells.get_by_role("button", name="Oscillate").click()
        expect(shown).to_have_value("1")
        play.click()
        if number == "5":
            expect(shown).to_have_value(number)
        else:
            expect(shown).not_to_have_value("1")
            stop.click()
        expect(play).to_be_visible()
    assert int(shown.input_value()) < 200
