"""Cells in a real browser: the drawing is there before a click, follows the token, timing can end."""

from playwright.sync_api import expect

NUMBERS = """() => {
    const chart = document.querySelector(".st-key-one_step .js-plotly-plot")
    return chart ? chart.data[0].customdata.map(([name, value]) => value) : []
}"""


def test_one_step_is_drawn_at_once_and_the_arrow_key_goes_to_the_next_token(page, server):
    page.goto(f"{server}/cells?variant=lstm&token=5&unit=3")
    expect(page.get_by_role("heading", name="What happens at one time step?")).to_be_visible()
    expect(page.get_by_text("Time step 5, unit 3 of 128")).to_be_visible()
    page.wait_for_function(f"() => ({NUMBERS})().length > 0")
    before = page.evaluate(NUMBERS)
    chart = page.locator(".st-key-one_step .js-plotly-plot").bounding_box()
    assert chart["y"] + chart["height"] < 800
    page.locator(".st-key-token").get_by_role("slider").press("ArrowRight")
    expect(page.get_by_text("Time step 6, unit 3 of 128")).to_be_visible()
    page.wait_for_function(f"(before) => ({NUMBERS})().some((value, i) => value != before[i])", arg=before)
    assert "token=6" in page.url


def test_timing_ends_when_it_is_stopped_and_keeps_what_was_measured(page, server):
    page.goto(f"{server}/cells?variant=gru-after")
    page.get_by_role("button", name="Time the forms").click()
    expect(page.get_by_text("Round 1 of 7")).to_be_visible()
    page.locator(".st-key-stop_timing button").first.click()
    expect(page.locator(".st-key-stop_timing")).to_have_count(0)
    expect(page.get_by_text("On this machine that turns")).to_be_visible()
    expect(page.get_by_text("median of 7 rounds")).to_have_count(0)


def test_a_weight_set_by_hand_moves_the_drawing_and_keeps_the_focus(page, server):
    page.goto(f"{server}/cells?variant=lstm")
    expect(page.get_by_text("It leaks.")).to_be_visible()
    forget = page.locator(".st-key-by_hand_lstm_1_bf").get_by_role("slider")
    forget.press("ArrowRight")
    expect(forget).to_have_value("2.25")
    expect(forget).to_be_focused()
    forget.press("ArrowRight")
    expect(forget).to_have_value("2.3")
    page.wait_for_url("**by_hand=1~40~bf_2.3~**")
    page.get_by_role("button", name="Oscillate").click()
    expect(page.get_by_text("It oscillates.")).to_be_visible()


def test_play_goes_on_by_itself_until_the_end_or_until_it_is_stopped(page, server):
    shown = page.locator(".st-key-by_hand_time").get_by_role("slider")
    stop, play = page.get_by_role("button", name="Stop"), page.get_by_role("button", name="Play")
    page.goto(f"{server}/cells?variant=elman&by_hand=1~5~Uh_-1.5~h_0.5")
    expect(page.get_by_text("It oscillates.")).to_be_visible()
    play.click()
    expect(shown).to_have_value("5")
    expect(play).to_be_visible()
    page.goto(f"{server}/cells?variant=elman&by_hand=1~200~Uh_-1.5~h_0.5")
    expect(page.get_by_text("It oscillates.")).to_be_visible()
    play.click()
    expect(shown).not_to_have_value("1")
    stop.click()
    expect(play).to_be_visible()
    assert int(shown.input_value()) < 200
