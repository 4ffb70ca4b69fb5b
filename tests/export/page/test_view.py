"""The page as a visitor meets it, opened from the disk in Chromium: what it says is what Python computes."""

import re
from dataclasses import dataclass

import pytest

from pages.components.shared.token_strip import chips, labels
from rnn_core.config.run import RunConfig
from rnn_core.export.html import PAGE_FORMAT, page_of
from rnn_core.figures.in_words import inside_in_words
from rnn_core.figures.text import percent
from rnn_core.inspection.clamps import Clamp, read_clamped
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.trace import norms, trace
from rnn_core.inspection.verdicts import verdicts
from rnn_core.models.model import Model
from rnn_core.writing.text import write
from tests.export.made import save_small
from tests.export.page.sample import stored

pytestmark = pytest.mark.browser

TEXT = "The film was good, the film was bad, the zebra was good"
SHORT = "good film bad the"
VERDICT = "Verdict after each token"


@dataclass(frozen=True)
class Opened:
    """An open page with these models, and what its console said: that a request was refused, too."""

    page: object
    models: tuple
    said: list

    def until(self, holds, arg=None):
        """Wait until this JavaScript holds; Playwright's own way needs eval, which the policy forbids."""
        for _ in range(500):
            if self.page.evaluate(holds, arg):
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"It never held: {holds} of {arg}")

    def write(self, text):
        """Type a text, and wait until it is read and the answer after each token is there."""
        self.page.locator("#text").fill(text)
        self.until("() => document.querySelector('#text').ariaBusy !== 'true'")
        self.until("() => [...document.querySelectorAll('.along')].every((bar) => bar.hidden)")

    def press(self, *keys):
        """Press keys on the strip of tokens."""
        self.page.locator(".strip-tokens").first.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def text(self, selector):
        return self.page.locator(selector).first.inner_text()

    def box(self, selector=".end .verdict"):
        """The class and the probability in a box."""
        found = self.page.locator(selector).first
        return found.get_attribute("data-label"), float(found.get_attribute("data-share"))

    def legend(self, title):
        """The numbers over a chart at the cursor."""
        chart = self.page.locator(".chart", has=self.page.get_by_text(title, exact=False)).first
        return [
            float(text.replace("\N{MINUS SIGN}", "-").rstrip("% bits").replace("> ", "").replace("< ", ""))
            for text in chart.locator("output").all_inner_texts()
        ]


@pytest.fixture(scope="module")
def open_page(browser, tmp_path_factory):
    context = browser.new_context(viewport={"width": 1280, "height": 800})

    def open_it(*models):
        file = tmp_path_factory.mktemp("page") / "page.html"
        file.write_bytes(page_of(models, [stored(model) for model in models]))
        opened = Opened(context.new_page(), models, [])
        opened.page.on("console", lambda message: opened.said.append(message.text))
        opened.page.on("pageerror", lambda error: opened.said.append(str(error)))
        opened.page.goto(file.as_uri())
        return opened

    yield open_it
    context.close()


def exact(weights):
    """Numbers that 16 bits hold, so that the page computes with those of Python; not too small to matter."""
    for name, values in weights.items():
        weights[name] = (3 * values).half().float()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    def make(name, classes=("negative", "positive"), **settings):
        data = "verdict" if classes == ("negative", "positive") else "tickets"
        base = RunConfig(data=data, classes=classes)
        return Model.load(save_small(tmp_path_factory.mktemp("models") / name, base, exact, **settings))

    return make


@pytest.fixture(scope="module")
def gru(open_page, made):
    return open_page(made("small", cell="gru"))


@pytest.fixture(scope="module")
def lstm(open_page, made):
    """Two layers in both directions, three classes."""
    classes = ("a", "b", "\N{HEBREW LETTER ALEF}")
    return open_page(made("both", classes, cell="lstm", layers=2, bidirectional=True))


@pytest.fixture(scope="module")
def brackets(open_page):
    return open_page(Model.load("tiny-brackets", None))


@pytest.fixture(scope="module")
def beside(open_page, made):
    return open_page(made("one", cell="gru"), made("other", cell="elman", max_length=6))


def near(value, off=6e-3):
    return pytest.approx(value, abs=off)


@pytest.mark.parametrize(("text", "what"), [(TEXT, "moves most"), ("the was " * 20, "turns to negative")])
def test_the_sentence_below_the_picture_is_of_python(gru, text, what):
    gru.write(text)
    read = trace(gru.models[0], text)
    gates = [known for known in read.declared.shares if known.is_gate]
    said = gru.text(".picture .says")
    assert said == inside_in_words(labels(chips(read)), verdicts(read), gates, read.arrays)
    assert said.startswith(f"The verdict {what} at ")


def test_what_is_typed_is_read_as_python_reads_it(gru):
    """Numbers agree in the verdict, in the charts at the cursor, and in each row of the table."""
    gru.write(TEXT)
    read = trace(gru.models[0], TEXT)
    label, share = gru.box()
    assert (label, share) == (read.label, near(read.probabilities_of_classes[-1].max(), 2e-4))
    assert percent(share) in gru.text(".end")
    gru.press("Home", "ArrowRight", "ArrowRight", "ArrowRight")
    assert f"Time step 4 of {len(read.logits)}" in gru.text(".strip-at")
    assert gru.legend(VERDICT) == [near(100 * read.probabilities[3], 0.06)]
    assert gru.legend("Norm of the hidden state")[1] == near(norms(read.arrays["h"])[3])
    assert gru.legend("Gates") == near([read.arrays[letter][3].mean() for letter in "zr"])
    gru.page.locator(".table summary").click()
    rows = gru.page.locator(".table tbody tr")
    rows.first.wait_for()
    assert rows.count() == len(read.logits)
    assert float(rows.last.locator("td").nth(2).inner_text()) == near(read.probability, 2e-4)
    gru.page.locator(".table summary").click()


def test_the_token_at_the_cursor_is_explained(gru):
    gru.write(TEXT)
    gru.press("Home")
    assert "<start> stands before every text" in gru.text(".cursor-says")
    gru.press("End")
    assert f"time step {len(trace(gru.models[0], TEXT).logits)}" in gru.text(".cursor-says")
    gru.page.locator(".tokens .unknown", has_text="zebra").first.click()
    assert "does not know this word" in gru.text(".cursor-says")
    gru.page.evaluate("() => document.activeElement.blur()")
    gru.page.keyboard.press("Home")  # where nothing has the focus
    gru.page.keyboard.press("ArrowRight")
    assert "Time step 2 of" in gru.text(".strip-at")


def test_a_held_gate_has_the_verdict_of_python(gru):
    gru.write(TEXT)
    gru.press("Home", "ArrowRight")
    page, model = gru.page, gru.models[0]
    page.get_by_role("button", name="z update gate").click()
    page.locator(".held input[type=range]").fill("0.9")
    page.locator(".held input[aria-label='To time step']").fill("7")
    page.locator(".held input[aria-label='Units']").fill("0, 2-3")
    clamp = Clamp(letter="z", value=0.9, first=1, last=6, units=(0, 2, 3))
    held = read_clamped(model, trace(model, TEXT), [clamp])
    gru.until(
        "share => Math.abs(document.querySelector('.held-answer .verdict')?.dataset.share - share) < 2e-4",
        arg=max(held.probability, 1 - held.probability),
    )
    assert gru.box(".held-answer .verdict")[0] == held.label
    assert len(gru.legend(VERDICT)) == 2
    for field, wrong, says in (("Units", "7-3", "smaller number"), ("From time step", "0", "from 1 on")):
        page.locator(f".held input[aria-label='{field}']").fill(wrong)
        assert says in gru.text(".held .wrong")
    page.get_by_role("button", name="Let go of z").click()
    gru.until("() => document.querySelector('.held-answer').childElementCount === 0")


def test_an_empty_text_gets_a_sentence_and_no_picture(gru):
    for text, says in (("", "Type a review"), ("., ;", "There is no word in this text")):
        gru.page.locator("#text").fill(text)
        gru.page.get_by_text(says).wait_for()
        assert not gru.page.locator(".picture").is_visible()
    gru.write(TEXT)
    assert gru.page.locator(".picture").is_visible()


def test_100_000_characters_are_read_and_more_are_cut(gru):
    gru.write("good bad " * 12_000)
    assert "The first 100,000 of 108,000 characters are read." in gru.text("#note")
    assert "are cut off" in gru.text(".notes")


def test_another_class_and_another_layer_can_be_shown(lstm):
    lstm.write(SHORT)
    read = trace(lstm.models[0], SHORT)
    assert lstm.box() == (read.label, near(read.probabilities_of_classes[-1].max(), 2e-4))
    lstm.press("Home")  # of both directions, after each token
    assert lstm.legend(VERDICT)[0] == near(100 * read.probabilities[0], 0.06)
    lstm.page.locator(".classes button").last.click()
    name = lstm.page.locator(".classes button[aria-pressed=true]").get_attribute("title")
    read = trace(lstm.models[0], SHORT, followed=lstm.models[0].config.classes.index(name), layer=1)
    lstm.page.get_by_role("radio", name="Layer 1").click()
    lstm.press("End")
    lstm.until("() => document.querySelector('.along').hidden")
    assert lstm.legend(VERDICT)[0] == near(100 * read.probability, 0.06)
    assert lstm.legend("Norm of the cell state")[1] == near(norms(read.arrays["c"])[-1])


def test_a_string_that_breaks_the_rule_is_judged(brackets):
    brackets.write("([)]")
    model = brackets.models[0]
    found = next_tokens(model, trace(model, "([)]"))
    assert "breaks the rule" in brackets.text(".end")
    right = int((found.right & found.is_judged).sum())
    assert re.search(f"at {right:,} of|all {right:,} time steps", brackets.text(".end .lead"))
    brackets.press("Home")
    assert brackets.legend("Surprise")[-1] == near(found.surprise[0], 0.02)
    brackets.page.get_by_role("button", name="Delete last").click()
    assert brackets.page.locator("#text").input_value() == "([)"


def test_two_networks_read_one_text_with_one_cursor(beside):
    reads = [trace(model, TEXT) for model in beside.models]
    beside.page.locator("#text").fill(TEXT)
    beside.page.get_by_text(f"after {len(reads[0].logits)} time steps").wait_for()
    answers = beside.page.locator(".end .verdict").evaluate_all("all => all.map(one => one.dataset.label)")
    assert answers == [read.label for read in reads]
    strips = beside.page.locator(".strip-at")
    beside.press("End")
    for read, said in zip(reads, strips.all_inner_texts(), strict=True):
        assert f"of {len(read.logits)}" in said
    assert f"Time step {len(reads[1].logits)} " in strips.nth(1).inner_text()
    beside.press("Home")
    assert "Time step 1 of" in strips.first.inner_text()
    assert all(percent(read.probability) in beside.text(".both .says") for read in reads)


def test_nothing_is_wider_than_the_screen(gru):
    gru.page.set_viewport_size({"width": 390, "height": 844})
    gru.write(f"{'incomprehensibility' * 12} good")
    assert gru.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    gru.page.set_viewport_size({"width": 1280, "height": 800})


def test_it_writes_on_where_the_text_ends(brackets):
    brackets.write("([")
    brackets.page.get_by_role("button", name="Write on").click()
    brackets.until("() => !document.querySelector('#text').readOnly")
    right = write(brackets.models[0], "([", temperature=0.7)
    assert brackets.page.locator("#text").input_value() == right.text
    assert ("ends the text" in brackets.text(".writing")) == right.is_ended


def test_no_page_complains(gru, lstm, brackets, beside):
    assert [opened.said for opened in (gru, lstm, brackets, beside)] == [[]] * 4


def test_a_damaged_file_says_so(gru, browser, tmp_path):
    file = tmp_path / "damaged.html"
    whole = page_of(gru.models, [stored(gru.models[0])]).decode()
    file.write_text(whole.replace(f'{{"format":{PAGE_FORMAT}', '{"format":', 1), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert "damaged" in page.locator("#not-started").inner_text()
    page.close()
