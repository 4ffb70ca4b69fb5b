"""Training in a real browser: own texts, an own cell, a run that outlives the server, a run as a file."""

import os
import random
import shutil
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pages.components.shared import begun_here
from rnn_core.cell_files.versions import current
from rnn_core.data.own.catalogue import own_names, remove
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.mistakes import MISTAKES
from rnn_core.paths import own_cells_folder
from rnn_core.runs import queue
from rnn_core.runs.run import RUNNING
from rnn_core.runs.store import Store
from tests.browser.wire import ask, start_button, visit
from tests.runs.workers import PATIENCE, wait_until

IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
CONNECTED = '[data-testid="stApp"][data-test-connection-state="CONNECTED"]'


def go(page, address):
    page.goto(address)
    page.wait_for_selector(CONNECTED)


def see(locator):
    """Wait for what a page shows; of a page that is being drawn again the old part may stand there, too."""
    expect(locator.first).to_be_visible()


def menu(page, title):
    page.get_by_role("link", name=title, exact=True).click()


KEEP = """async ([script, data]) => {
    const { default: keep } = await import(`data:text/javascript,${encodeURIComponent(script)}`)
    keep({ data })
    return document.cookie.split("; ").find((cookie) => cookie.startsWith(data.cookie))
}"""


def test_tabs_keep_each_others_runs_and_the_newest(server, page):
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
def test_a_run_outlives_the_server_which_says_so(running):
    """It ends without an error, and says how the run is stopped."""
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
def test_a_table_becomes_a_corpus_and_a_network(page, server, tmp_path):
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


GRU = EXERCISES["4"]
WRONG = GRU.solution.replace("torch.tanh", "torch.sigmoid")


@pytest.fixture
def cells(store):
    """The folder of the user's cells, emptied after the test."""
    yield own_cells_folder()
    shutil.rmtree(own_cells_folder(), ignore_errors=True)


def test_a_gru_is_written_corrected_and_trained(page, server, store, cells):
    """Build names a mistake, gives a hint, and leads to Train with the right file."""
    file = cells / GRU.file_name
    go(page, f"{server}/build?exercise=4")
    page.get_by_role("button", name=f"Create {GRU.file_name}").click()
    see(page.get_by_text("Saved at"))
    assert file.read_text() == GRU.template

    file.write_text(WRONG)
    mistake = page.locator(".st-key-build_mistake")
    expect(mistake).to_contain_text(MISTAKES["candidate-by-sigmoid"].title)
    expect(mistake).to_contain_text("torch.sigmoid(x @ self.W_n")  # the line that is named
    page.get_by_role("button", name="Give me a hint").click()
    see(page.get_by_text("Hint 1."))

    file.write_text(GRU.solution)
    see(page.get_by_text(f"Task 4, {GRU.title}: passed"))
    see(page.get_by_text("Our solution beside yours"))
    page.get_by_role("link", name="Train with my_gru").click()
    # The cell of the form, in place of "More cells".
    see(page.get_by_role("button", name="my_gru", exact=True))
    page.get_by_role("button", name="Start training").click()
    wait_until(lambda: any(run.optimizer_step for run in store.runs.all()))
    [run] = store.runs.all()
    assert run.config.model.cell == current("my_gru")
    assert page.get_by_test_id("stException").count() == 0


UPLOADER = "[data-testid=stFileUploader]"


def held(port):
    """What the server says of the files that it holds in memory."""
    path = "/_stcore/metrics?families=cache_memory_bytes"
    lines = ask(port, "GET", path, {"Host": f"127.0.0.1:{port}"}).body.decode().splitlines()
    return [line for line in lines if "UploadedFileManager" in line]


def test_a_run_is_exported_and_imported_on_one_page(shared, page, store, trained, tmp_path):
    """No copy of it stays in memory."""
    go(page, f"{shared.address}/train?run={trained.id}")
    edit = page.get_by_role("button", name="Edit")
    edit.wait_for()
    page.wait_for_selector(IDLE)
    edit.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as zip").click()
    file = tmp_path / "our-run.zip"
    download.value.save_as(file)
    page.keyboard.press("Escape")
    page.get_by_text("Import a run").click()
    page.locator(f"{UPLOADER} input").set_input_files(file)
    wait_until(lambda: len(store.runs.all()) == 2)
    taken = next(run for run in store.runs.all() if run.id != trained.id)
    page.wait_for_url(f"**run={taken.id}**")
    expect(page.locator(UPLOADER).get_by_text("our-run.zip")).to_have_count(0)
    assert store.records.all(taken.id) == store.records.all(trained.id)
    weights = [(store.folder(run.id) / "weights.safetensors").read_bytes() for run in (taken, trained)]
    assert weights[0] == weights[1]
    wait_until(lambda: not held(shared.port))
