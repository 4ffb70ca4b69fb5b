"""What the sentences of a page promise, done in a real browser: one walk a page, across to where it leads."""

import re

import pytest
from playwright.sync_api import expect

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


def test_home_see_inside_opens_the_same_sentence_with_the_same_verdict(visit):
    page = visit("", "See what a recurrent network does")
    box = page.get_by_role("textbox", name="Say something about a film")
    box.fill("A dull start, and then the best ending I have ever seen.")
    expect(page.get_by_text("ever", exact=True).first).to_be_visible()
    on_home = says(page)
    page.get_by_role("button", name="See inside").click()
    expect(page.get_by_role("heading", name="Watch it read")).to_be_visible()
    expect(page.get_by_role("textbox", name="Review")).to_have_value(
        "A dull start, and then the best ending I have ever seen."
    )
    expect(page.get_by_role("img", name=on_home)).to_be_visible()


def test_data_train_with_these_fills_in_the_form_and_starts_nothing(visit):
    page = visit("data", "What does the network get to read?")
    share = page.get_by_test_id("stMetric").filter(has_text="Words known").get_by_test_id("stMetricValue")
    expect(share).to_be_visible()
    before = share.inner_text()
    slider = page.get_by_role("slider", name="Vocabulary size")
    for _ in range(4):
        slider.press("ArrowLeft")
    expect(share).not_to_have_text(before)
    size = slider.get_attribute("aria-valuetext").replace(",", "")
    page.get_by_role("radiogroup", name="Truncation side").get_by_text("end", exact=True).click()
    expect(page).to_have_url(re.compile("truncation"))
    page.get_by_role("button", name="Train with these").click()
    expect(page.get_by_role("heading", name="Train a network")).to_be_visible()
    for setting in (f"vocab_size={size}", "truncation=post"):
        expect(page).to_have_url(re.compile(rf"/train\?.*{setting}"))
    expect(page.get_by_role("button", name="Start training")).to_be_visible()


def test_read_its_link_opens_model_text_and_time_step_again_elsewhere(visit, browser):
    page = visit("read?model=lstm", "Watch it read")
    review = page.get_by_role("textbox", name="Review")
    review.fill("A slow start. But the end is wonderful!")
    expect(page.get_by_text("after 10 time steps")).to_be_visible()
    page.get_by_role("listbox", name="The tokens of the review").get_by_role("option", name="but").click()
    expect(page.get_by_text("At time step 4")).to_be_visible()
    there = says(page)
    page.get_by_text("Export", exact=True).click()
    link = page.get_by_test_id("stCode").filter(has_text="model=lstm").inner_text().strip()

    context = browser.new_context(viewport={"width": 1280, "height": 800})
    other = context.new_page()
    other.set_default_timeout(30_000)
    other.goto(link)
    expect(other.get_by_role("textbox", name="Review")).to_have_value(
        "A slow start. But the end is wonderful!"
    )
    expect(other.get_by_text("At time step 4")).to_be_visible()
    assert says(other) == there
    context.close()


def test_read_see_the_unit_go_through_this_time_step_opens_cells_with_the_same_numbers(visit):
    page = visit("read?model=gru", "Watch it read")
    link = page.get_by_role("link", name=re.compile(r"See unit \d+ go through this time step"))
    expect(link).to_be_visible()
    unit = re.search(r"\d+", link.inner_text())[0]
    equations = page.locator(FORMULA).filter(has_text=r"\sigma(").filter(has_text="0.").first.text_content()
    link.click()
    expect(page.get_by_role("heading", name="What happens at one time step?")).to_be_visible()
    expect(page.get_by_role("heading", name=f"With the numbers of unit {unit}")).to_be_visible()
    on_cells = page.locator(FORMULA).filter(has_text=r"\sigma(").filter(has_text="0.").first
    expect(on_cells).to_have_text(equations)
