"""The main job in a real browser: open, train, watch the curve grow, leave and come back, read a review."""

from playwright.sync_api import expect

from rnn_core.data.sources import recommended_config

CONNECTED = '[data-testid="stApp"][data-test-connection-state="CONNECTED"]'
POINTS = """() => {
    const curves = document.querySelector(".gs-chart")?.calcdata ?? []
    return Math.max(0, ...curves.map((curve) => curve.length))
}"""
# Before the first run the curves of a pretrained model stand there, and they have some 600 points.
OWN_CURVE = f"() => 0 < ({POINTS})() && ({POINTS})() < 500"
GROWN = f"(before) => ({POINTS})() > before"
# Some seconds of training: a worker lets pages go first, so that it lasts while they are drawn.
SMALL = "data=verdict&reviews=8000&epochs=2&hidden_size=32&max_length=64&threads=1"


def go(page, address):
    page.goto(address)
    page.wait_for_selector(CONNECTED)


def see(locator):
    """Wait for what a page shows; of a page that is being drawn again the old part may stand there, too."""
    expect(locator.first).to_be_visible()


def menu(page, title):
    page.get_by_role("link", name=title, exact=True).click()


def test_train_on_the_verdict_corpus_leave_come_back_and_read(page, server, store):
    go(page, f"{server}/train?{SMALL}")
    page.get_by_role("button", name="Start training").click()
    see(page.get_by_text("tokens/s"))
    page.wait_for_function(OWN_CURVE)
    before = page.evaluate(POINTS)
    page.wait_for_function(GROWN, arg=before)  # the curve grows by itself

    menu(page, "Home")
    see(page.get_by_role("heading", name="See what a recurrent network does"))
    menu(page, "Train")
    page.wait_for_function(GROWN, arg=before)  # the run went on meanwhile, and its curve is back
    page.reload()
    page.wait_for_function(GROWN, arg=before)

    see(page.get_by_text("It is right on"))
    see(page.get_by_text("Test accuracy", exact=True))

    page.get_by_role("link", name="Watch this model read").click()
    review = page.get_by_role("textbox", name="Review")
    review.fill("A slow start. But the end is wonderful!")
    review.press("Control+Enter")
    see(page.get_by_role("option", name="wonderful"))
    # Named by its text: until the new chart stands, that of the example before it stands beside it.
    chart = page.get_by_role("img", name="over 10 time steps")
    see(chart.get_by_text("Norm of the hidden state"))


def test_a_runs_name_appears_as_it_was_given_and_when_it_is_deleted_the_page_goes_on(page, server, store):
    name = "**loud** <b>bold</b> $x$ [here](now) :red[red] &copy; `code` ~~no~~"
    named, run = (store.create(recommended_config("verdict"), name) for name in (name, ""))
    store.runs.finish(named.id, "failed", f"Because of {name}.")
    assert (
        store.turns.launch_next()
    )  # as if its worker was about to begin, so that the page does not start one
    go(page, f"{server}/train?run={run.id}")
    see(page.get_by_text("Starting: a process of its own begins"))
    store.delete(run.id)
    # The page looks by itself.
    ended = page.get_by_test_id("stAlert").filter(has_text="Because of").first
    expect(ended).to_contain_text(f"{name} failed. Because of {name}.")
    assert page.get_by_test_id("stException").count() == 0
