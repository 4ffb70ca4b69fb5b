"""What does it understand? A row is clicked, a sentence is chosen, and the page reads it.

Where a line fails, what the page says is printed: the half that is shown is the development half.
"""

import re
from urllib.parse import quote

from playwright.sync_api import expect

from pages.components.shared.packed_text import pack
from rnn_core.data.probes.pairs import PHENOMENA

MIDDLE_OF_ROW = """(place) => {
    const chart = document.querySelector(".st-key-probes .js-plotly-plot")
    const { xaxis, yaxis } = chart._fullLayout
    const { x, y } = chart.data.at(-1)
    const box = chart.getBoundingClientRect()
    return [box.left + xaxis._offset + xaxis.d2p(x[0] / 2), box.top + yaxis._offset + yaxis.d2p(y[place])]
}"""


def test_a_row_lists_its_pairs_and_a_sentence_that_is_chosen_is_read_and_kept_in_the_address(page, server):
    def expect_pairs_of(key):
        expect(page.get_by_role("region", name=f"Pairs of sentences: {PHENOMENA[key]}")).to_be_visible()

    def click_row(key):
        page.locator(".st-key-probes .js-plotly-plot").scroll_into_view_if_needed()
        page.mouse.click(*page.evaluate(MIDDLE_OF_ROW, list(PHENOMENA).index(key)))
        expect_pairs_of(key)

    panel = quote("What does it understand?")
    page.goto(f"{server}/read?model=gru&other_model=elman&probes_half=development&read_panel={panel}")
    page.wait_for_function(
        "() => document.querySelector('.st-key-probes .js-plotly-plot')?._fullLayout?.yaxis"
    )
    entries = page.evaluate("history.length")
    click_row("comparison")
    phenomenon = page.get_by_role("combobox", name="Phenomenon")
    phenomenon.evaluate("(box) => box.scrollIntoView({ block: 'center' })")
    phenomenon.fill("Plain")
    page.get_by_role("option", name="Plain opinion").click()
    expect_pairs_of("plain")
    click_row("comparison")  # the same row once more

    sentence = page.locator(".st-key-probe_pairs button").nth(1)
    text = sentence.inner_text().splitlines()[-1]
    sentence.press("Enter")
    expect(page.get_by_role("textbox", name="Review")).to_have_value(text)
    expect(sentence).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("listbox", name="The tokens of the review")).to_be_in_viewport()
    expect(page).to_have_url(re.compile(f"text={pack(text)}"))
    assert page.evaluate("history.length") == entries  # one press of Back leaves the page
