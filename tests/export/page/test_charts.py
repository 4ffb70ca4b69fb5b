"""The charts of the exported page in Chromium: one load of a page with all of them."""

from itertools import pairwise

import numpy as np
import pytest

from pages.components.shared import token_strip
from pages.components.shared.assets import _together, bundled
from rnn_core.config.identity import CLASSES
from rnn_core.config.text_settings import TextConfig
from rnn_core.figures.colours import DARK, LIGHT, NEGATIVE, POSITIVE, WRITES, mix
from rnn_core.inspection.trace import Trace
from rnn_core.text.vocabulary import Vocabulary
from rnn_core.text.window import read_review

pytestmark = pytest.mark.browser

T, H = 20, 64
STATES = np.sin(1 + np.arange(T * H) * 0.37).reshape(T, H)
GATE = (1 + STATES) / 2
CURVE = 0.5 + 0.4 * np.cos(np.arange(T))
LINES, STATE_CHART, GATE_CHART = 0, 2, 3
"""Places of charts on the page."""
BOTH_WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture(scope="module")
def drawn(module_page):
    place = "/tests/export/page/charts_page.js"
    module_page.evaluate("async place => { window.drawn = await (await import(place)).draw() }", place)
    return module_page


@pytest.fixture
def page(drawn):
    drawn.mouse.move(0, 0)
    drawn.evaluate("() => { document.activeElement.blur(); drawn.cursor.set(0) }")
    yield drawn
    drawn.evaluate("() => { delete document.documentElement.dataset.theme }")
    resize(drawn, 1280)


def resize(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def boxes(page, selector):
    return page.locator(selector).evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")


def point(page, chart, step, share=0.5):
    """Move the mouse over a time step of a chart, so far from its top."""
    area = page.locator(".chart-area").nth(chart)
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    page.mouse.move(box["x"] + (step + 0.5) / T * box["width"], box["y"] + share * box["height"])


def says(page, chart):
    return page.locator(".chart").nth(chart).locator("output").all_inner_texts()


def written(value):
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def chosen(page):
    return page.evaluate("() => drawn.cursor.get()")


@BOTH_WIDTHS
def test_charts_stand_below_each_other_with_one_cursor(page, width):
    resize(page, width)
    areas = boxes(page, ".chart-area")
    assert len(areas) == 4
    assert {(box["left"], box["width"]) for box in areas} == {(areas[0]["left"], areas[0]["width"])}
    page.evaluate("() => drawn.cursor.set(7)")
    for area, line in zip(areas, boxes(page, ".chart-chosen"), strict=True):
        expected = area["left"] + 7.5 / T * area["width"]
        assert (line["left"] + line["right"]) / 2 == pytest.approx(expected, abs=0.1)
    names = sorted(boxes(page, ".chart:nth-of-type(5) .chart-names span"), key=lambda box: box["right"])
    assert len(names) > T / 2
    is_turned = page.locator(".chart-names .turned").count() > 0
    for one, other in pairwise(names):  # below the axis none lies on another
        assert other["right"] - one["right"] >= 14 if is_turned else other["left"] > one["right"]


def test_a_move_of_the_cursor_draws_no_data_again(page):
    changed = page.evaluate(
        """async () => {
          const observer = new MutationObserver(() => {})
          const options = { subtree: true, childList: true, attributes: true }
          for (const node of document.querySelectorAll(".chart-picture")) observer.observe(node, options)
          const { putImageData } = CanvasRenderingContext2D.prototype
          let draws = 0
          CanvasRenderingContext2D.prototype.putImageData = () => { draws += 1 }
          drawn.cursor.set(9)
          drawn.cursor.hover(4)
          CanvasRenderingContext2D.prototype.putImageData = putImageData
          return observer.takeRecords().length + draws
        }"""
    )
    assert changed == 0


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_cell_has_the_colour_of_its_value(page, theme):
    name = "dark" if theme.dark else "light"
    page.evaluate("name => { document.documentElement.dataset.theme = name }", name)
    seen = page.evaluate(
        """() => [...document.querySelectorAll("canvas")].map(canvas => {
          const flat = document.createElement("canvas")
          flat.width = canvas.width
          flat.height = canvas.height
          const context = flat.getContext("2d")
          context.fillStyle = getComputedStyle(canvas.closest(".chart-area")).backgroundColor
          context.fillRect(0, 0, flat.width, flat.height)
          context.drawImage(canvas, 0, 0)
          return [...context.getImageData(0, 0, flat.width, flat.height).data]
        })"""
    )
    for pixels, values in zip(seen, (STATES, GATE), strict=True):
        cells = np.array(pixels).reshape(H, T, 4)[::-1, :, :3]  # unit 0 is the lowest row
        for step, unit in ((0, 0), (3, 17), (19, 63), (11, 40)):
            value = values[step, unit]
            role = WRITES if values is GATE else POSITIVE if value > 0 else NEGATIVE
            expected = bytes.fromhex(mix(theme.background, role, abs(value))[1:])
            assert np.abs(cells[unit, step] - [*expected]).max() <= 2


def test_the_pointer_shows_and_a_click_chooses(page):
    point(page, LINES, 12)
    assert says(page, LINES) == [written(CURVE[12])]
    assert page.evaluate("() => [drawn.cursor.get(), drawn.cursor.shown()]") == [0, 12]
    point(page, STATE_CHART, 4, 1 - 10.5 / H)
    assert says(page, STATE_CHART) == [written(STATES[4, 10])]
    assert page.locator(".chart").nth(STATE_CHART).locator(".chart-series").inner_text().startswith("unit 10")
    page.mouse.move(0, 0)
    assert says(page, LINES) == [written(CURVE[0])]
    point(page, GATE_CHART, 15)
    page.mouse.down()
    page.mouse.up()
    assert chosen(page) == 15
    assert page.locator("[aria-selected=true]").all_inner_texts() == ["word15"]


def test_the_keyboard_moves_the_cursor(page):
    keys = page.get_by_role("slider").nth(LINES)
    keys.focus()
    for key, step in (("ArrowRight", 1), ("End", T - 1), ("PageUp", T - 11), ("Home", 0), ("ArrowUp", 1)):
        keys.press(key)
        assert chosen(page) == step
    assert keys.get_attribute("aria-valuetext") == f"2, word1: free {written(CURVE[1])}"
    units, unit = page.get_by_role("slider").nth(STATE_CHART), page.locator(".chart").nth(STATE_CHART)
    before = unit.locator(".chart-series").inner_text()
    units.press("ArrowUp")
    assert unit.locator(".chart-series").inner_text() != before


def test_arrow_keys_move_along_the_strip(page):
    strip = page.get_by_role("listbox")
    strip.focus()
    strip.press("ArrowRight")
    assert chosen(page) == 1
    active = strip.get_attribute("aria-activedescendant")
    assert page.locator("[aria-selected=true]").evaluate_all("all => all.map(({ id }) => id)") == [active]
    [moved] = page.locator("[role=option][aria-label]").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert moved == f"word1, moved the logit by +{CURVE[1]:.2f}"
    assert page.locator("[aria-disabled=true]").all_inner_texts() == ["cut"]
    draw = "rightToLeft => drawn.strip.update({ ...drawn.strips(drawn.read), rightToLeft })"
    page.evaluate(draw, True)
    strip.press("ArrowRight")
    assert chosen(page) == 0
    page.evaluate(draw, False)
    resize(page, 390)
    strip.press("ArrowDown")  # to the next line
    assert 1 < chosen(page) < 8
    strip.press("ArrowUp")
    assert abs(chosen(page)) <= 1


def test_a_text_that_goes_on_writes_only_new_chips(page):
    added = page.evaluate(
        """() => {
          const observer = new MutationObserver(() => {})
          observer.observe(document.querySelector("[role=listbox]"), { subtree: true, childList: true })
          const tokens = [...drawn.read.tokens, "more"]
          const window = [...drawn.read.window, "more"]
          const read = { ...drawn.read, tokens, kept: [1, tokens.length], window }
          drawn.cursor.resize(tokens.length - 1)
          drawn.strip.update(drawn.strips(read))
          const added = observer.takeRecords().flatMap(({ addedNodes }) => [...addedNodes])
          const texts = added.map(({ textContent }) => textContent)
          drawn.strip.update(drawn.strips(drawn.read))
          drawn.cursor.resize(drawn.T)
          return [texts, document.querySelectorAll("[role=option]").length]
        }"""
    )
    assert {text for text in added[0] if text.strip()} == {"more"}
    assert added[1] == T + 1


@BOTH_WIDTHS
def test_nothing_moves_when_a_word_is_unknown_or_turns(page, width):
    resize(page, width)
    page.evaluate(
        """() => {
          const read = { ...drawn.read, tokens: drawn.read.window, kept: [0, drawn.T], unknown: [] }
          drawn.strip.update(drawn.strips(read))
        }"""
    )
    before = boxes(page, ".chart-area")
    page.evaluate("""() => drawn.strip.update(drawn.strips(drawn.read, new Map([[4, "good"]])))""")
    assert page.get_by_text("1 unknown word").is_visible()
    assert boxes(page, ".chart-area") == before


def test_more_time_steps_than_pixels_are_means(page):
    aside = page.locator(".chart").nth(GATE_CHART).locator(".chart-aside")
    assert aside.inner_text() == "64 units, numbered on the left"
    page.set_viewport_size({"width": 85, "height": 800})
    aside.filter(has_text="a column is the mean of").wait_for()
    page.set_viewport_size({"width": 1280, "height": 800})
    aside.filter(has_not_text="mean").wait_for()


def test_each_chart_says_what_it_shows(page):
    labels = page.get_by_role("img").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert len(labels) == 4
    assert (labels[LINES], labels[GATE_CHART]) == ("<img src=x>", "64 units of a gate.")
    rows = [row.split() for row in page.locator(".bars tbody tr").all_inner_texts()]
    assert rows == [["<img", "src=x>", "25.0%", "0%"], ["b", "came", "75.0%", "100%"]]
    assert page.locator("img").count() == 0
    assert page.locator("[role=option]", has_text="<img src=x>").count() == 1


WORDS = Vocabulary.from_counts({"the": 9, "film": 5, "is": 4, "great": 2}, 20)
TEXTS = {
    "cut in front": ("a zither is in the film and the zither is great " * 3, {"max_length": 8}),
    "cut behind": ("the film is great " * 8, {"max_length": 8, "truncation": "post"}),
    "padded": ("the <b>film</b>", {"max_length": 9, "skip_padding": False}),
    "of one word": ("great", {}),
}
BOTH_STRIPS = """async ([source, data, read, turns]) => {
  const { chipsOf } = await import("/rnn_core/export/page/view/charts/pieces.js")
  const { makeCursor } = await import("/rnn_core/export/page/view/charts/cursor.js")
  const { makeStrip } = await import("/rnn_core/export/page/view/charts/strip.js")
  const { show } = await import(`data:text/javascript,${encodeURIComponent(source)}`)
  const [ours, theirs] = [0, 1].map(() => document.body.appendChild(document.createElement("div")))
  ours.innerHTML = '<div class="token-strip"></div>'
  const sent = []
  const given = { data, parentElement: ours, setStateValue: (name, value) => sent.push(value.value) }
  const end = show(given)
  const cursor = makeCursor(read.window.length)
  const turned = new Map(Object.entries(turns).map(([step, to]) => [Number(step), to]))
  const chips = chipsOf(read, data.changes, turned)
  makeStrip(theirs, { cursor }).update({ ...data, whole: null, chips })
  const html = (one) => one.querySelector(".strip").innerHTML.replaceAll(/strip\\d+-/g, "")
  const drawn = () => [ours, theirs].map(html)
  const before = drawn()
  ours.querySelector(".strip-tokens").dispatchEvent(new KeyboardEvent("keydown", { key: "End" }))
  cursor.set(Infinity)
  await new Promise((done) => setTimeout(done, 50))
  const after = drawn()
  show({ ...given, data: { ...data, value: 0, revision: 2 } })
  const taken = ours.querySelector(".strip-at").textContent
  end()
  return { before, after, sent, taken, left: ours.querySelector(".strip") }
}"""


@pytest.mark.parametrize(("text", "settings"), TEXTS.values(), ids=TEXTS)
def test_the_app_draws_the_strip_as_the_page_does(module_page, text, settings):
    """Its component gets columns from Python, and tells Python where the cursor goes."""
    review = read_review(text, WORDS, TextConfig(**settings))
    T = len(review.window)
    logits = np.round(np.sin(np.arange(T, dtype=np.float32)), 2)
    read = Trace(cell="gru", review=review, arrays={}, answers=logits[:, None], classes=CLASSES, followed=1)
    effects = np.round(read.moves, 3)
    data = token_strip.strip_data(
        token_strip.chips(read, effects), token_strip.ways(read), token_strip.CHANGE
    )
    data |= {"terms": {}, "changes": effects.tolist(), "value": 0, "revision": 1, "height": 200}
    kept = [review.kept.start, review.kept.stop]
    seen = {"tokens": review.tokens, "kept": kept, "unknown": review.unknown, "window": review.window}
    script = _together(token_strip.__file__, ".js", ("streamlit_names.js", "shared_value.js"))
    source = bundled(script).decode()
    found = module_page.evaluate(BOTH_STRIPS, [source, data, seen, read.turns])
    for ours, theirs in (found["before"], found["after"]):
        assert ours == theirs
    assert f"Time step {T}" in found["after"][0]
    assert found["sent"] == [T - 1] * (T > 1)
    assert found["taken"].startswith("Time step 1 of")
    assert found["left"] is None
