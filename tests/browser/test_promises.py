"""What the sentences of a page promise, done in a real browser: one walk a page, across to where it leads."""

import re

import pytest
from playwright.sync_api import expect

from pages.components.shared.first_route import tasks
from rnn_core.training.diagnosis import KINDS
from tests.browser.conftest import PATIENCE, window
from tests.browser.test_addresses import at_rest
from tests.browser.test_read import the_first_screen_shows_the_gates

VERDICT = re.compile("^The network says")
FORMULA = ".katex-mathml annotation"


@pytest.fixture
def visit(shared, page):
    """A function that opens an address of the app and waits for its heading."""

    def go(path, heading):
        page.goto(f"{shared.address}/{path}")
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        return page

    return go


def says(page):
    """The verdict, as it is said to those who can't see it."""
    verdict = page.get_by_role("img", name=VERDICT)
    expect(verdict).to_have_count(1)
    return verdict.get_attribute("aria-label")


def test_home_answers_while_one_types_and_see_inside_opens_the_same_sentence_with_the_same_verdict(visit):
    page = visit("", "See what a recurrent network does")
    box = page.get_by_role("textbox", name="Say something about a film")
    box.fill("What a wonderful, moving film. One of the best I have seen!")
    expect(page.get_by_role("img", name="The network says positive")).to_be_visible()
    text = "What a dull, awful waste of time. One of the worst I have ever seen."
    box.fill(text)
    expect(page.get_by_role("img", name="The network says negative")).to_be_visible()
    expect(page.get_by_text("ever", exact=True).first).to_be_visible()
    on_home = says(page)
    page.get_by_role("button", name="See inside").click()
    expect(page.get_by_role("heading", name="Watch it read")).to_be_visible()
    expect(page.get_by_role("textbox", name="Review")).to_have_value(text)
    expect(page.get_by_role("img", name=on_home)).to_be_visible()


def test_data_counts_again_train_takes_its_settings_and_read_a_review_that_was_found(visit):
    page = visit("data", "What does the network get to read?")
    cut, known = number_of(page, "Reviews cut"), number_of(page, "Words known")
    for of, numbers in (("Maximum length", cut), ("Vocabulary size", known)):
        expect(numbers).to_be_visible()
        before = numbers.inner_text()
        slider = page.get_by_role("slider", name=of)
        for _ in range(4):
            slider.press("ArrowLeft")
        expect(numbers).not_to_have_text(before)
    size = slider.get_attribute("aria-valuetext").replace(",", "")
    page.get_by_role("radiogroup", name="Truncation side").get_by_text("end", exact=True).click()
    expect(page).to_have_url(re.compile("truncation"))
    page.get_by_role("button", name="Train with these").click()
    expect(page.get_by_role("heading", name="Train a network")).to_be_visible()
    for setting in (f"vocab_size={size}", "truncation=post"):
        expect(page).to_have_url(re.compile(rf"/train\?.*{setting}"))
    expect(page.get_by_role("button", name="Start training")).to_be_visible()

    page.go_back()
    page.get_by_text("Search", exact=True).click()
    page.get_by_role("textbox", name="Words that a review must contain").fill("excellent")
    expect(page.locator("mark").first).to_have_text("excellent")
    page.get_by_role("button", name="Read it").first.click()
    expect(page.get_by_role("heading", name="Watch it read")).to_be_visible()
    expect(page.get_by_role("option", name="excellent").first).to_be_visible()


def number_of(page, name):
    return page.get_by_test_id("stMetric").filter(has_text=name).get_by_test_id("stMetricValue")


def test_read_shows_what_its_link_opens_elsewhere_and_cells_goes_on_with_the_same_numbers(visit, browser):
    page = visit("read?model=lstm", "Watch it read")
    the_first_screen_shows_the_gates(page, "yaxis4")  # an LSTM has two norms above them
    review = page.get_by_role("textbox", name="Review")
    text = "A slow start. But the end is wonderful!"
    review.fill(text)
    expect(page.get_by_text("after 10 time steps")).to_be_visible()
    page.get_by_role("listbox", name="The tokens of the text").get_by_role("option", name="but").click()
    expect(page.get_by_text("At time step 5")).to_be_visible()
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
    """A run is watched, paused, given another rate, and goes on; it ends so that the next one can begin."""
    do(page, "button", "Start training")
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


def fail(page):
    """The reason is named above the curves."""
    do(page, "button", re.compile("^(Start|Queue) training"))
    named = page.get_by_text(KINDS["exploding"]).first
    expect(named).to_be_visible(timeout=5 * PATIENCE)  # on a busy machine the run before takes long to end


DEEDS = (turn, hold, probes, train, fail)


def test_each_of_five_things_can_be_done_by_clicks(visit, store):
    """From Home and back: no warning, what it asks for is there, and Done ticks it off."""
    page = visit("", "See what a recurrent network does")
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
