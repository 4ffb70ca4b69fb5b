"""Experiments in a real browser: a sweep of one's own, and what the networks understand."""

import re

from playwright.sync_api import expect

SMALL = (
    "data=verdict&reviews=500&epochs=1&hidden_size=4&embedding_size=4&max_length=32&evaluations_per_epoch=1"
)


def test_a_sweep_is_asked_for_watched_and_followed_to_one_of_its_runs(server, store, page):
    page.goto(f"{server}/train?{SMALL}")
    expect(page.get_by_role("button", name="Start training")).to_be_visible()
    page.get_by_role("link", name="Experiments").click()
    page.get_by_text("Ask your own question").click()
    values = page.get_by_role("textbox", name="Values of Cell")
    values.fill("gru, elman")
    values.press("Enter")
    seeds = page.get_by_role("spinbutton", name="Seeds")
    seeds.fill("1")
    seeds.press("Enter")
    page.get_by_role("button", name="Start 2 runs").click()
    expect(page.get_by_text("2 of 2 runs have ended")).to_be_visible()
    points = page.locator(".js-plotly-plot .scatterlayer .point")
    expect(points).to_have_count(2)
    points.last.click(force=True)  # its bar lies over it, and belongs to it
    expect(page.get_by_text(re.compile("^Seed 0: .* test accuracy"))).to_be_visible()
    expect(page.get_by_role("link", name="Open on Train")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(5)  # the picture, and the curves of the run

    page.get_by_test_id("stDataFrame").locator(".dvn-scroller").click(position={"x": 16, "y": 52})
    expect(page.get_by_text("Cell GRU", exact=True)).to_be_visible()  # the tick takes the place of the point
    link = page.get_by_role("link", name="Watch it read")
    expect(link).to_have_count(1)
    link.click()
    expect(page.get_by_role("heading", name="Watch it read")).to_be_visible()
    expect(page.get_by_role("combobox", name="Model")).to_have_value(re.compile("gru$"))  # what differs
    assert "model=" in page.url


def test_what_networks_understand_is_shown_two_ways_and_leads_to_one_of_them(server, page):
    page.goto(f"{server}/experiments?sweep=what_they_understand")
    expect(page.locator(".js-plotly-plot .heatmaplayer image")).to_be_visible()
    page.get_by_role("radio", name="Sentences").click()
    expect(page.get_by_text("how many of 100 sentences are right")).to_be_visible()
    page.get_by_role("link", name="gru", exact=True).click()
    expect(page.get_by_role("heading", name="Watch it read")).to_be_visible()
    assert "model=gru" in page.url
