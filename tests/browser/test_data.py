"""Data in a real browser: the numbers follow a slider, and a review found there is read on the next page."""

from playwright.sync_api import expect


def test_the_numbers_follow_the_slider_and_a_review_that_was_found_is_read(page, server):
    page.goto(f"{server}/data")
    expect(page.get_by_role("heading", name="What does the network get to read?")).to_be_visible()
    cut = page.get_by_test_id("stMetric").filter(has_text="Reviews cut").get_by_test_id("stMetricValue")
    expect(cut).to_be_visible()
    before = cut.inner_text()
    slider = page.get_by_role("slider", name="Maximum length")
    for _ in range(4):
        slider.press("ArrowLeft")
    expect(cut).not_to_have_text(before)

    page.get_by_text("Search", exact=True).click()
    words = page.get_by_role("textbox", name="Words that a review must contain")
    words.fill("excellent")
    expect(page.locator("mark").first).to_have_text("excellent")
    page.get_by_role("button", name="Read it").first.click()
    expect(page.get_by_role("heading", name="Watch it read")).to_be_visible()
    expect(page.get_by_role("option", name="excellent").first).to_be_visible()
