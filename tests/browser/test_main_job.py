"""Training in a real browser: watch the curve grow, leave and come back, read; own texts; a run as a file."""

import json
import os
import random
import re
import signal
import zipfile
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Error, expect

from pages.components.shared import begun_here
from pages.components.shared.settings import in_address
from rnn_core.config.presets import COUNTING
from rnn_core.data.own.catalogue import own_names, remove
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.paths import pretrained_folder
from rnn_core.runs import queue
from rnn_core.runs.run import RUNNING
from rnn_core.runs.store import Store
from rnn_core.runs.transfer import import_run
from tests.browser.wire import ask, start_button, visit
from tests.runs.workers import PATIENCE, wait_until

IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
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


# A few seconds of it; the networks of other seeds count, too, and break where their counters are held.
A_FEW_SECONDS = COUNTING.config.with_settings(reviews=4000, epochs=3, threads=1)
FIRST_ROW, ROW = 52, 35  # pixels in a table


def choose_unit(page, number):
    """Choose from the list of units."""
    box = page.get_by_role("combobox", name="Unit", exact=True)
    choose_option(page, box, page.get_by_role("option").filter(has_text="R²").nth(number))


def choose_option(page, box, option, typed=""):
    """Choose from a list, again where a page that is drawn once more has closed it."""
    for _ in range(15):
        page.wait_for_selector("[data-test-script-state=notRunning]")
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


def test_half_a_minute_learns_to_count_and_the_counters_are_found_and_held(page, server, store):
    load_corpus(A_FEW_SECONDS.data)
    go(page, f"{server}/train?{urlencode(in_address(A_FEW_SECONDS))}")
    page.get_by_role("button", name="Start training").click()
    right = page.get_by_test_id("stMetric").filter(has_text="Right strings")
    expect(right).to_contain_text(re.compile(r"(100|[5-9]\d)\.\d%"))

    page.get_by_role("link", name="Watch this model read").click()
    string = page.get_by_role("textbox", name="String")
    string.fill(10 * "a" + 10 * "b")
    string.press("Control+Enter")
    see(page.get_by_text("Right at all 21 time steps."))
    page.get_by_role("listbox").get_by_role("option").nth(10).click()
    see(page.get_by_text("(time step 11 of 21)"))

    page.get_by_text("Units that keep track", exact=True).click()
    table = page.locator("[class*=st-key-tracked_truth]")
    rows = table.locator("tbody tr")
    expect(rows.filter(has_text="a so far")).to_contain_text(re.compile(r"R²(> )?0\.9"))
    [row] = [n for n, said in enumerate(rows.all_text_contents()) if "b to come" in said]
    table.locator(".dvn-scroller").click(position={"x": 16, "y": FIRST_ROW + row * ROW})
    see(page.get_by_text("keeps track of “b to come”"))
    held = page.locator("[class*=st-key-held_value]")
    for number in range(3):
        choose_unit(page, number)
        page.get_by_role("button", name="Hold it from").click()
        expect(held).to_have_count(number + 1)
    see(page.get_by_text("As it is: Right at all 21 time steps."))
    see(page.get_by_text(re.compile(r"^Held: Right at \d+ of 21 time steps, wrong first after")))
    assert page.get_by_test_id("stException").count() == 0


def test_a_runs_name_appears_as_it_was_given_and_when_it_is_deleted_the_page_goes_on(page, server, store):
    name = "**loud** <b>bold</b> $x$ [here](now) :red[red] &copy; `code` ~~no~~"
    named, run = (store.create(recommended_config("verdict"), name) for name in (name, ""))
    store.runs.finish(named.id, "failed", f"Because of {name}.")
    assert store.turns.launch_next()  # as if its worker was about to begin: the page does not start one
    go(page, f"{server}/train?run={run.id}")
    see(page.get_by_text("Starting: a process of its own begins"))
    store.delete(run.id)
    # The page looks by itself.
    ended = page.get_by_test_id("stAlert").filter(has_text="Because of").first
    expect(ended).to_contain_text(f"{name} failed. Because of {name}.")
    assert page.get_by_test_id("stException").count() == 0


KEEP = """async ([script, data]) => {
    const { default: keep } = await import(`data:text/javascript,${encodeURIComponent(script)}`)
    keep({ data })
    return document.cookie.split("; ").find((cookie) => cookie.startsWith(data.cookie))
}"""


def test_two_tabs_keep_each_others_runs_and_the_newest_twenty(server, page):
    script = Path(begun_here.__file__).with_suffix(".js").read_text(encoding="utf-8")
    page.goto(f"{server}/_stcore/health")

    def keep(*noted):
        return page.evaluate(KEEP, [script, {"cookie": "gatescope_runs", "noted": noted, "most": 20}])

    assert keep("one") == "gatescope_runs=one"
    assert keep("two") == "gatescope_runs=one.two"
    assert keep("one", "three") == "gatescope_runs=two.one.three"
    many = [f"run{number}" for number in range(19)]
    assert keep(*many) == f"gatescope_runs=three.{'.'.join(many)}"


TRAIN_LONG = "train?data=verdict&epochs=1000&hidden_size=8&max_length=32&threads=1"


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to no other group")
def test_a_run_outlives_the_server_which_says_so_and_how_to_stop_it_and_ends_without_an_error(running):
    port = running.port
    press = start_button(port, TRAIN_LONG)
    visit(port, TRAIN_LONG, host=f"127.0.0.1:{port}", origin=running.address, press=press)
    store = Store()
    [run] = store.runs.all()
    wait_until(lambda: store.runs.get(run.id).optimizer_step > 0)

    os.killpg(running.process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    assert running.process.wait(PATIENCE) == 0
    said = running.output.read_text()
    assert "Aborted" not in said
    assert f"Run {run.id} goes on" in said
    assert "python -m rnn_core runs stop --all" in said

    step = store.runs.get(run.id).optimizer_step
    wait_until(lambda: store.runs.get(run.id).optimizer_step > step)
    assert store.runs.get(run.id).state == RUNNING
    queue.stop_all(store)
    wait_until(lambda: not store.runs.active())
    assert store.runs.get(run.id).state == "stopped"


FILLING = "please the my I have a question about it since yesterday and nobody answers today".split()


def tickets(path):
    """450 tickets in three queues, written by chance."""
    telling = {"billing": "invoice refund payment", "access": "password login account"}
    queues = list({**telling, "delivery": "parcel late courier"}.items())
    chance, rows = random.Random(3), ["ticket;queue"]
    for number in range(450):
        queue, of_queue = queues[number % 3]
        words = [*chance.choices(FILLING, k=8), str(number), chance.choice(of_queue.split())]
        chance.shuffle(words)
        rows.append(f"{' '.join(words)};{queue}")
    path.write_text("\n".join(rows))
    return path


@pytest.fixture
def own(store):
    """Corpora of one's own are deleted where a test did not get so far."""
    yield
    for name in own_names():
        remove(name)


@pytest.mark.usefixtures("own")
def test_a_table_becomes_a_corpus_a_network_and_a_reading(page, server, tmp_path):
    table = tickets(tmp_path / "tickets.csv")
    go(page, f"{server}/data?data_reviews=verdict")
    page.get_by_text("Add your own texts").first.click()
    page.locator("input[type=file]").first.set_input_files(table)
    see(page.get_by_text("450 texts in 3 classes"))
    page.get_by_role("textbox", name="Name").fill("queues")
    page.get_by_role("textbox", name="Name").press("Enter")
    page.get_by_role("button", name="Add the corpus").click()
    see(page.get_by_text("queues is ready"))
    expect(page.get_by_role("combobox", name="Reviews or texts")).to_have_value("queues")

    page.get_by_role("button", name="Train with these").click()
    see(page.get_by_role("heading", name="Train a network"))
    page.get_by_role("button", name="Start training").click()
    see(page.get_by_text("Macro F1", exact=True))

    page.get_by_role("link", name="Watch this model read").click()
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.fill("since yesterday my password and my login")
    text.press("Control+Enter")
    see(page.get_by_role("img", name="The network says access"))
    page.get_by_role("button", name="billing").click()
    see(page.get_by_text("towards billing"))

    menu(page, "Data")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    see(page.get_by_text("None yet. Add a table"))
    page.go_back()
    see(page.get_by_text("towards billing"))
    assert page.get_by_test_id("stException").count() == 0


UPLOADER = "[data-testid=stFileUploader]"


@pytest.fixture
def best(store, tmp_path):
    """A run that ended with the model that is shipped as `best`."""
    about = {"name": "Our best", "note": "", "state": "finished", "message": ""}
    about |= {"validation_accuracy": 0.9292, "total_steps": 2816}
    path = tmp_path / "best.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("config.json", "vocabulary.txt", "weights.safetensors", "history.json", "scores.json"):
            archive.write(pretrained_folder() / "best" / name, name)
        archive.writestr("run.json", json.dumps(about))
    with path.open("rb") as file:
        return import_run(store, file)


def held(port):
    """What the server says of the files that it holds in memory."""
    path = "/_stcore/metrics?families=cache_memory_bytes"
    lines = ask(port, "GET", path, {"Host": f"127.0.0.1:{port}"}).body.decode().splitlines()
    return [line for line in lines if "UploadedFileManager" in line]


def test_our_best_is_exported_and_imported_on_the_same_page_and_no_copy_of_it_stays(
    shared, page, store, best, tmp_path
):
    go(page, f"{shared.address}/train?run={best.id}")
    edit = page.get_by_role("button", name="Edit")
    edit.wait_for()
    page.wait_for_selector(IDLE)
    edit.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as zip").click()
    file = tmp_path / "our-best.zip"
    download.value.save_as(file)
    assert 3e6 < file.stat().st_size < 20e6

    page.keyboard.press("Escape")
    page.get_by_text("Import a run").click()
    page.locator(f"{UPLOADER} input").set_input_files(file)
    wait_until(lambda: len(store.runs.all()) == 2)
    taken = next(run for run in store.runs.all() if run.id != best.id)
    page.wait_for_url(f"**run={taken.id}**")
    expect(page.locator(UPLOADER).get_by_text("our-best.zip")).to_have_count(0)
    assert store.records.all(taken.id) == store.records.all(best.id)
    weights = [(store.folder(run.id) / "weights.safetensors").read_bytes() for run in (taken, best)]
    assert weights[0] == weights[1]
    wait_until(lambda: not held(shared.port))
