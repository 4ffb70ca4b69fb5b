"""Cells, Experiments, the probes of Read and the glossary in a real browser."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Error, expect

from pages.components.shared.address import pack
from pages.components.shared.glossary import terms
from rnn_core.data.probes.pairs import PHENOMENA
from tests.browser.conftest import window
from tests.browser.walks import at_rest, do, menu, see

NUMBERS = """() => {
    const chart = document.querySelector(".st-key-one_step .js-plotly-plot")
    return chart ? chart.data[0].customdata.map(([name, value]) => value) : []
}"""


@pytest.fixture(scope="module")
def cells(browser, shared):
    with window(browser) as page:
        page.goto(f"{shared.address}/cells?variant=gru-after&token=5&unit=3")
        expect(page.get_by_role("heading", name="What happens at one time step?")).to_be_visible()
        yield page


def test_an_arrow_key_goes_to_the_next_token(cells):
    see(cells.get_by_text("Time step 6, unit 3 of 128"))
    cells.wait_for_function(f"() => ({NUMBERS})().length > 0")
    before = cells.evaluate(NUMBERS)
    cells.get_by_test_id("stMain").evaluate("(main) => main.scrollTo(0, 0)")
    chart = cells.locator(".st-key-one_step .js-plotly-plot").bounding_box()
    assert chart["y"] + chart["height"] < 800
    cells.locator(".st-key-token_slider").get_by_role("slider").press("ArrowRight")
    see(cells.get_by_text("Time step 7, unit 3 of 128"))
    cells.wait_for_function(f"(before) => ({NUMBERS})().some((value, i) => value != before[i])", arg=before)
    expect(cells).to_have_url(re.compile("token=6"))


def test_a_chart_is_drawn_though_its_data_came_twice(browser, server):
    """The second came before plotly.js was there: what the first one leaves must not take it away."""
    waiting = []
    with window(browser) as page:
        page.route("**/gatescope_chart.js*", lambda route: waiting.append(route))
        page.goto(f"{server}/cells?variant=gru-after&token=5&unit=3")
        see(page.get_by_text("Time step 6, unit 3 of 128"))
        page.locator(".st-key-token_slider").get_by_role("slider").press("ArrowRight")
        see(page.get_by_text("Time step 7, unit 3 of 128"))
        at_rest(page)
        for route in waiting:
            route.continue_()
        page.wait_for_function(f"() => ({NUMBERS})().length > 0")
        at_rest(page)
        assert page.evaluate(NUMBERS)


def test_stopped_timing_keeps_what_was_measured(cells):
    do(cells, "button", "Time the forms")
    see(cells.get_by_text(re.compile("Round [1-5] of 7")))  # the first may go unseen
    cells.locator(".st-key-stop_timing button").first.click()
    expect(cells.locator(".st-key-stop_timing")).to_have_count(0)
    see(cells.get_by_text("Its products alone take"))
    expect(cells.get_by_text("median of 7 rounds")).to_have_count(0)


def test_a_weight_set_by_hand_keeps_the_focus(cells):
    do(cells, "button", "Leak")
    see(cells.get_by_text("It leaks."))
    weight = cells.locator(".st-key-by_hand_gru-after_1_bz").get_by_role("slider")
    before = float(weight.input_value())
    for more in (0.05, 0.1):
        weight.press("ArrowRight")
        expect(weight).to_have_value(f"{before + more:.10g}")
        expect(weight).to_be_focused()
    expect(cells).to_have_url(re.compile(rf"by_hand=1~\d+~.*bz_{re.escape(f'{before + 0.1:.10g}')}"))


def test_play_goes_on_by_itself_until_it_is_stopped(cells):
    steps = cells.locator(".st-key-by_hand_steps").get_by_role("slider")
    shown = cells.locator(".st-key-by_hand_time").get_by_role("slider")
    # Streamlit's own Stop, in the head, is there for a moment when a run takes longer
    stop, play = (cells.get_by_test_id("stMain").get_by_role("button", name=one) for one in ("Stop", "Play"))
    steps.press("End")
    expect(shown).to_have_attribute("max", "200")
    play.click()
    expect(shown).not_to_have_value("1")
    stop.click()
    expect(play).to_be_visible()
    assert int(shown.input_value()) < 200


def test_a_sweep_is_asked_watched_and_led_to_a_run(server, store, page):
    small = "reviews=500&epochs=1&hidden_size=4&embedding_size=4&max_length=32&evaluations_per_epoch=1"
    page.goto(f"{server}/train?data=verdict&{small}")
    see(page.get_by_role("button", name="Start training"))
    menu(page, "Experiments")
    page.get_by_text("Ask your own question").click()
    for role, name, value in (("textbox", "Values of Cell", "gru, elman"), ("spinbutton", "Seeds", "1")):
        field = page.get_by_role(role, name=name)
        field.fill(value)
        field.press("Enter")
    do(page, "button", "Start 2 runs")
    see(page.get_by_text("2 of 2 runs have ended"))
    points = page.locator(".js-plotly-plot .scatterlayer .point")
    expect(points).to_have_count(2)
    points.last.click(force=True)  # its bar lies over it, and belongs to it
    see(page.get_by_text(re.compile("^Seed 0: .* test accuracy")))
    expect(page.locator(".js-plotly-plot")).to_have_count(5)  # the picture, and the curves of the run

    page.get_by_test_id("stDataFrame").locator(".dvn-scroller").click(position={"x": 16, "y": 52})
    see(page.get_by_text("Cell GRU", exact=True))  # the tick takes the place of the point
    expect(page.get_by_role("link", name="Watch it read")).to_have_count(1)


MIDDLE_OF_ROW = """(place) => {
    const chart = document.querySelector(".st-key-probes .js-plotly-plot")
    const { xaxis, yaxis } = chart._fullLayout
    const { x, y } = chart.data.at(-1)
    const box = chart.getBoundingClientRect()
    return [box.left + xaxis._offset + xaxis.d2p(x[0] / 2), box.top + yaxis._offset + yaxis.d2p(y[place])]
}"""


def choose_option(page, box, option, typed=""):
    """Choose from a list, again where a page that is drawn once more has closed it."""
    for _ in range(15):
        at_rest(page)
        box.click()
        if typed:
            box.fill(typed)
        try:
            option.click(timeout=5_000)
        except Error:
            page.keyboard.press("Escape")
        else:
            return
    option.click()


def test_a_row_lists_its_pairs_and_one_is_read(page, server):
    """It is kept in the address."""

    def expect_pairs_of(key):
        expect(page.get_by_role("region", name=f"Pairs of sentences: {PHENOMENA[key]}")).to_be_visible()

    def click_row(key):
        page.locator(".st-key-probes .js-plotly-plot").scroll_into_view_if_needed()
        page.mouse.click(*page.evaluate(MIDDLE_OF_ROW, list(PHENOMENA).index(key)))
        expect_pairs_of(key)

    panel = quote("What does it understand?")
    page.goto(f"{server}/read?model=gru&other_model=elman&probes_half=development&read_panel={panel}")
    chart = "document.querySelector('.st-key-probes .js-plotly-plot')"
    page.wait_for_function(f"() => {chart}?._fullLayout?.yaxis")
    entries = page.evaluate("history.length")
    click_row("comparison")
    phenomenon = page.get_by_role("combobox", name="Phenomenon")
    phenomenon.evaluate("(box) => box.scrollIntoView({ block: 'center' })")
    choose_option(page, phenomenon, page.get_by_role("option", name="Plain opinion"), typed="Plain")
    expect_pairs_of("plain")
    click_row("comparison")  # the same row once more

    sentence = page.locator(".st-key-probe_pairs button").nth(1)
    text = sentence.inner_text().splitlines()[-1]
    sentence.press("Enter")
    expect(page.get_by_role("textbox", name="Review")).to_have_value(text)
    expect(sentence).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("listbox", name="The words of the text")).to_be_in_viewport()
    expect(page).to_have_url(re.compile(f"text={pack(text)}"))
    assert page.evaluate("history.length") == entries  # one press of Back leaves the page


TERM = next(term for term in terms() if term.name == "hidden state")


def test_a_term_explains_itself_and_is_found(browser, server):
    """Pointer, touch and keyboard open it; it is found in the list of terms."""
    with window(browser, has_touch=True) as page:
        page.goto(server)
        link, says = page.locator(f'a[href="{TERM.address}"]'), page.locator(".gs-term-says")
        expect(page.locator(".gs-glossary dt")).to_have_count(len(terms()))

        link.hover()
        expect(says).to_have_text(TERM.says)
        expect(says).to_be_visible()
        page.mouse.move(0, 0)
        expect(says).to_be_hidden()

        link.tap()
        expect(says).to_be_visible()
        assert "#" not in page.url
        page.touchscreen.tap(5, 500)
        expect(says).to_be_hidden()

        link.evaluate("(link) => link.blur()")
        link.focus()
        expect(says).to_be_visible()
        page.keyboard.press("Escape")
        expect(says).to_be_hidden()

        page.get_by_role("button", name="Glossary").click()
        page.get_by_role("searchbox", name="Find a term").fill(TERM.says)
        expect(page.locator(".gs-glossary dt:visible")).to_have_text([TERM.name])
