"""The page as a visitor meets it, opened from the disk in Chromium: what it says is what Python computes."""

import re
from types import SimpleNamespace

import pytest

from pages.components.shared.token_strip import chips, labels
from rnn_core.config.run import RunConfig
from rnn_core.export.html import page_of
from rnn_core.figures.in_words import inside_in_words
from rnn_core.figures.text import percent
from rnn_core.inspection.clamps import Clamp, read_clamped
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.trace import norms, trace
from rnn_core.inspection.verdicts import verdicts
from rnn_core.models.model import Model
from tests.export.made import save_small
from tests.export.page.sample import stored

pytestmark = pytest.mark.browser

TEXT = "The film was good, the film was bad, the zebra was good"
HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def open_page(chromium, tmp_path_factory):
    """Opens a page with these models; what its console says and what it asks for is kept."""
    pages = []

    def open_it(*models):
        file = tmp_path_factory.mktemp("page") / "page.html"
        file.write_bytes(page_of(models, [stored(model) for model in models]))
        page, said, asked = chromium.new_page(viewport={"width": 1280, "height": 800}), [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        pages.append(page)
        return SimpleNamespace(page=page, models=models, said=said, asked=asked, address=file.as_uri())

    yield open_it
    for page in pages:
        page.close()


def exact(weights):
    """Numbers that 16 bits hold, so that the page computes with those of Python; not too small to matter."""
    for name, values in weights.items():
        weights[name] = (3 * values).half().float()


def made(folder, classes=None, **settings):
    base = None if classes is None else RunConfig(data="tickets", classes=classes)
    return Model.load(save_small(folder, base, exact, **settings))


@pytest.fixture(scope="module")
def gru(open_page, tmp_path_factory):
    return open_page(made(tmp_path_factory.mktemp("models") / "small", cell="gru"))


@pytest.fixture(scope="module")
def lstm(open_page, tmp_path_factory):
    """Two layers in both directions, three classes of which one is hostile."""
    folder = tmp_path_factory.mktemp("models") / "both"
    classes = (HOSTILE, "b", "\N{HEBREW LETTER ALEF}")
    return open_page(made(folder, classes, cell="lstm", layers=2, bidirectional=True))


@pytest.fixture(scope="module")
def brackets(open_page):
    return open_page(Model.load("tiny-brackets", None))


@pytest.fixture(scope="module")
def beside(open_page, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    letters = {"data": "tickets", "classes": ("negative", "positive")}
    one = made(folder / "one", letters["classes"], cell="gru")
    other = made(folder / "other", letters["classes"], cell="elman", max_length=6)
    return open_page(one, other)


def until(page, holds, arg=None):
    """Wait until this JavaScript holds; Playwright's own way to wait needs eval, which the policy forbids."""
    for _ in range(500):
        if page.evaluate(holds, arg):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"It never held: {holds} of {arg}")


def write(page, text):
    """Type a text, and wait until it is read and the answer after each token is there."""
    page.locator("#text").fill(text)
    until(page, "() => document.querySelector('#text').ariaBusy !== 'true'")
    until(page, "() => [...document.querySelectorAll('.along')].every((bar) => bar.hidden)")


def box(page, selector=".end .verdict"):
    found = page.locator(selector).first
    return found.get_attribute("data-label"), float(found.get_attribute("data-share"))


def legend(page, title):
    """The numbers over a chart at the cursor."""
    chart = page.locator(".chart", has=page.get_by_text(title, exact=False)).first
    return [
        float(text.replace("\N{MINUS SIGN}", "-").rstrip("% bits").replace("> ", "").replace("< ", ""))
        for text in chart.locator("output").all_inner_texts()
    ]


def test_what_is_typed_gets_the_verdict_of_python(gru):
    write(gru.page, TEXT)
    read = trace(gru.models[0], TEXT)
    label, share = box(gru.page)
    assert (label, share) == (
        read.label,
        pytest.approx(max(read.probability, 1 - read.probability), abs=2e-4),
    )
    assert percent(share) in gru.page.locator(".end").inner_text()


@pytest.mark.parametrize(("text", "what"), [(TEXT, "moves most"), ("the was " * 20, "turns to negative")])
def test_the_sentence_below_the_picture_is_of_python(gru, text, what):
    write(gru.page, text)
    read = trace(gru.models[0], text)
    gates = [known for known in read.declared.shares if known.is_gate]
    said = re.sub("[\u2068\u2069]", "", gru.page.locator(".picture .says").inner_text())
    assert said == inside_in_words(labels(chips(read)), verdicts(read), gates, read.arrays)
    assert said.startswith(f"The verdict {what} at ")


def test_charts_say_what_python_computes_at_the_cursor(gru):
    write(gru.page, TEXT)
    read = trace(gru.models[0], TEXT)
    gru.page.locator(".strip-tokens").focus()
    gru.page.keyboard.press("Home")
    for _ in range(3):
        gru.page.keyboard.press("ArrowRight")
    assert f"Time step 4 of {len(read.logits)}" in gru.page.locator(".strip-at").inner_text()
    (verdict,) = legend(gru.page, "Verdict after each token")
    assert verdict == pytest.approx(100 * read.probabilities[3], abs=0.06)
    _, norm = legend(gru.page, "Norm of the hidden state")
    assert norm == pytest.approx(norms(read.arrays["h"])[3], abs=6e-3)
    z, r = legend(gru.page, "Gates")
    assert [z, r] == pytest.approx([read.arrays[letter][3].mean() for letter in "zr"], abs=6e-3)


def test_the_end_key_goes_to_the_last_token_and_the_sentence_follows(gru):
    write(gru.page, TEXT)
    gru.page.locator(".strip-tokens").focus()
    gru.page.keyboard.press("Home")
    assert "<start> stands before every text" in gru.page.locator(".cursor-says").inner_text()
    gru.page.keyboard.press("End")
    assert "\N{LEFT DOUBLE QUOTATION MARK}" in gru.page.locator(".cursor-says").inner_text()
    assert (
        f"time step {len(trace(gru.models[0], TEXT).logits)}" in gru.page.locator(".cursor-says").inner_text()
    )


def test_the_arrow_keys_move_the_cursor_where_nothing_has_the_focus(gru):
    write(gru.page, TEXT)
    gru.page.evaluate("() => document.activeElement.blur()")
    gru.page.keyboard.press("Home")
    gru.page.keyboard.press("ArrowRight")
    assert "Time step 2 of" in gru.page.locator(".strip-at").inner_text()


def test_an_unknown_word_is_explained_where_it_stands(gru):
    write(gru.page, TEXT)
    gru.page.locator(".tokens .unknown", has_text="zebra").first.click()
    assert "does not know this word" in gru.page.locator(".cursor-says").inner_text()


def test_a_held_gate_changes_the_verdict_to_what_python_says(gru):
    write(gru.page, TEXT)
    page, model = gru.page, gru.models[0]
    page.locator(".strip-tokens").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="z update gate").click()
    page.locator(".held input[type=range]").fill("0.9")
    page.locator(".held input[aria-label='To time step']").fill("7")
    page.locator(".held input[aria-label='Units']").fill("0, 2-3")
    clamp = Clamp(letter="z", value=0.9, first=1, last=6, units=(0, 2, 3))
    held = read_clamped(model, trace(model, TEXT), [clamp])
    expected = max(held.probability, 1 - held.probability)
    until(
        page,
        "share => Math.abs(document.querySelector('.held-answer .verdict')?.dataset.share - share) < 2e-4",
        arg=expected,
    )
    assert box(page, ".held-answer .verdict")[0] == held.label
    assert len(legend(page, "Verdict after each token")) == 2
    page.locator(".held input[aria-label='Units']").fill("7-3")
    assert "smaller number" in page.locator(".held .wrong").inner_text()
    page.locator(".held input[aria-label='From time step']").fill("0")
    assert "whole numbers from 1 on" in page.locator(".held .wrong").inner_text()
    page.get_by_role("button", name="Let go of z").click()
    until(page, "() => document.querySelector('.held-answer').childElementCount === 0")


def test_an_empty_text_gets_a_sentence_and_no_picture(gru):
    write(gru.page, TEXT)
    for text, says in (("", "Type a review"), ("., ;", "There is no word in this text")):
        gru.page.locator("#text").fill(text)
        gru.page.get_by_text(says).wait_for()
        assert not gru.page.locator(".picture").is_visible()
    write(gru.page, TEXT)
    assert gru.page.locator(".picture").is_visible()


def test_pasted_markup_is_text(gru):
    write(gru.page, f"good {HOSTILE} &amp; bad")
    assert gru.page.locator("#page img").count() == 0
    assert gru.models[0].trace(f"good {HOSTILE} &amp; bad").label == box(gru.page)[0]


def test_a_hundred_thousand_characters_are_read_and_more_are_cut_with_a_sentence(gru):
    write(gru.page, "good bad " * 12_000)
    assert "The first 100,000 of 108,000 characters are read." in gru.page.locator("#note").inner_text()
    assert "are cut off" in gru.page.locator(".notes").inner_text()
    write(gru.page, TEXT)


def test_the_table_has_a_row_for_each_time_step(gru):
    write(gru.page, TEXT)
    gru.page.locator(".table summary").click()
    read = trace(gru.models[0], TEXT)
    rows = gru.page.locator(".table tbody tr")
    rows.first.wait_for()
    assert rows.count() == len(read.logits)
    last = rows.last.locator("td").all_inner_texts()
    assert float(last[2]) == pytest.approx(read.probability, abs=2e-4)
    gru.page.locator(".table summary").click()


def test_a_network_of_both_directions_answers_after_each_token_by_and_by(lstm):
    write(lstm.page, "good film bad the")
    read = lstm.models[0].trace("good film bad the")
    label, share = box(lstm.page)
    assert (label, share) == (read.label, pytest.approx(read.probabilities_of_classes[-1].max(), abs=2e-4))
    lstm.page.locator(".strip-tokens").focus()
    lstm.page.keyboard.press("Home")
    shown = legend(lstm.page, "Verdict after each token")[0]
    assert shown == pytest.approx(100 * read.probabilities[0], abs=0.06)


def test_another_class_and_another_layer_are_shown_when_they_are_chosen(lstm):
    write(lstm.page, "good film bad the")
    lstm.page.locator(".classes button").last.click()
    name = lstm.page.locator(".classes button[aria-pressed=true]").get_attribute("title")
    read = lstm.models[0].trace(
        "good film bad the", followed=lstm.models[0].config.classes.index(name), layer=1
    )
    lstm.page.get_by_role("radio", name="Layer 1").click()
    lstm.page.locator(".strip-tokens").focus()
    lstm.page.keyboard.press("End")
    until(lstm.page, "() => document.querySelector('.along').hidden")
    assert legend(lstm.page, "Verdict after each token")[0] == pytest.approx(100 * read.probability, abs=0.06)
    assert legend(lstm.page, "Norm of the cell state")[1] == pytest.approx(
        norms(read.arrays["c"])[-1], abs=6e-3
    )


def test_a_string_that_breaks_the_rule_is_judged_as_python_judges_it(brackets):
    page, model = brackets.page, brackets.models[0]
    write(page, "([)]")
    found = next_tokens(model, trace(model, "([)]"))
    assert "breaks the rule" in page.locator(".end").inner_text()
    right = int((found.right & found.is_judged).sum())
    said = page.locator(".end .lead").inner_text()
    assert f"at {right:,} of" in said or f"all {right:,} time steps" in said
    page.locator(".strip-tokens").focus()
    page.keyboard.press("Home")
    assert legend(page, "Surprise")[-1] == pytest.approx(found.surprise[0], abs=0.02)
    page.get_by_role("button", name="Delete last").click()
    assert page.locator("#text").input_value() == "([)"


def test_two_networks_read_one_text_with_one_cursor(beside):
    page = beside.page
    page.locator("#text").fill(TEXT)
    reads = [model.trace(TEXT) for model in beside.models]
    page.get_by_text(f"after {len(reads[0].logits)} time steps").wait_for()
    for place, read in enumerate(reads):
        label = page.locator(".end .verdict").nth(place).get_attribute("data-label")
        assert label == read.label
    strips = page.locator(".strip-tokens")
    strips.nth(0).focus()
    page.keyboard.press("End")
    assert [
        f"of {len(read.logits)}" in text
        for read, text in zip(reads, page.locator(".strip-at").all_inner_texts(), strict=True)
    ] == [True, True]
    assert f"Time step {len(reads[1].logits)} " in page.locator(".strip-at").nth(1).inner_text()
    strips.nth(0).focus()
    page.keyboard.press("Home")
    assert "Time step 1 of" in page.locator(".strip-at").first.inner_text()
    assert all(percent(read.probability) in page.locator(".both .says").inner_text() for read in reads)


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen(gru, width):
    gru.page.set_viewport_size({"width": width, "height": 844})
    write(gru.page, f"{'incomprehensibility' * 12} good")
    assert gru.page.evaluate("() => document.documentElement.scrollWidth") <= width
    gru.page.set_viewport_size({"width": 1280, "height": 800})


def test_no_page_asks_for_anything_or_complains(gru, lstm, brackets, beside):
    for opened in (gru, lstm, brackets, beside):
        assert opened.said == []
        assert opened.asked == [opened.address]


def test_a_damaged_file_says_so(gru, chromium, tmp_path):
    file = tmp_path / "damaged.html"
    whole = page_of(gru.models, [stored(gru.models[0])]).decode()
    file.write_text(whole.replace('{"format":1', '{"format":', 1), encoding="utf-8")
    page = chromium.new_page()
    page.goto(file.as_uri())
    assert "damaged" in page.locator("#not-started").inner_text()
    page.close()
