"""Texts, a cell and a run of one's own, in a real browser."""

import random
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from pages.components.shared import begun_here
from rnn_core.equations.words import ideas
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.paths import own_cells_folder
from tests.browser.walks import at_rest, do, menu, see
from tests.browser.wire import ask
from tests.runs.workers import SMALL, wait_until

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


@pytest.mark.usefixtures("store")
def test_a_table_becomes_a_corpus_and_a_network(page, server, tmp_path):
    page.goto(f"{server}/data?data_reviews=verdict")
    page.get_by_text("Add your own texts").first.click()
    page.locator("input[type=file]").first.set_input_files(tickets(tmp_path / "tickets.csv"))
    see(page.get_by_text("450 texts in 3 classes"))
    page.get_by_role("textbox", name="Name").fill("queues")
    page.get_by_role("textbox", name="Name").press("Enter")
    do(page, "button", "Add the corpus")
    see(page.get_by_text("queues is ready"))
    expect(page.get_by_role("combobox", name="Reviews or texts")).to_have_value("queues")

    do(page, "button", "Train with these")
    do(page, "button", "Start training")
    see(page.get_by_text("Macro F1", exact=True))

    do(page, "link", "Watch this model read")
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.fill("since yesterday my password and my login")
    text.press("Control+Enter")
    see(page.get_by_role("img", name="The network says access"))
    assert page.get_by_test_id("stException").count() == 0


GRU = EXERCISES["4"]


def train(page, server, store, cell):
    """The address of Read, but for its panel, for a run of a cell that is trained now."""
    page.goto(f"{server}/train?{urlencode(SMALL | {'data': 'verdict', 'cell': cell})}")
    do(page, "button", "Start training")
    see(page.get_by_role("link", name="Watch this model read"))
    [run] = store.runs.all()
    return f"{server}/read?model={run.id}&token=2&read_panel="


def exported(page, read, tmp_path):
    """The page that is handed on."""
    page.goto(f"{read}Export")
    do(page, "button", "Make the file")
    with page.expect_download() as download:
        do(page, "button", re.compile("^Download gatescope-"))
    download.value.save_as(tmp_path / "page.html")
    return tmp_path / "page.html"


def test_a_gru_is_written_trained_and_handed_on(page, server, store, tmp_path):
    """Checked as it is saved; what is trained and handed on are the equations of its code."""
    page.goto(f"{server}/build?exercise=4")
    do(page, "button", f"Create {GRU.file_name}")
    see(page.get_by_text("Saved at"))
    (own_cells_folder() / GRU.file_name).write_text(GRU.solution)
    see(page.get_by_text(f"Task 4, {GRU.title}: passed"))
    see(page.get_by_text("Your code, as equations"))
    do(page, "link", "Train with my_gru")
    see(page.get_by_role("button", name="my_gru", exact=True))  # in the form, in place of "More cells"
    file = exported(page, train(page, server, store, "my_gru"), tmp_path)
    assert page.get_by_test_id("stException").count() == 0
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(file.as_uri())
    see(page.get_by_text("is a recurrent network, a my_gru with 2 units"))
    page.get_by_role("button", name="Negated").click()
    expect(page.locator(".end").first).not_to_be_empty()
    assert not wrong


JANET = ideas()["JANET"].text


def test_a_cell_is_typed_trained_held_and_exported(page, server, store, tmp_path):
    """The one mistake in the cell is named at its place, and mended."""
    page.goto(f"{server}/build?exercise=equations&begun_from=lstm")
    box = page.get_by_role("textbox", name="Equations of one time step")
    box.fill(JANET.replace("sigmoid", "sigmod"))
    do(page, "button", "Line 1, column 5")
    page.keyboard.type("sigmoid")  # over what the press has selected
    see(page.get_by_text("These equations make a cell."))
    expect(box).to_have_value(JANET)
    page.get_by_role("textbox", name="Name").fill("janet")
    page.get_by_role("textbox", name="Name").press("Enter")
    do(page, "button", "Save")
    do(page, "link", "Train with janet")
    see(page.get_by_role("button", name="janet", exact=True))

    read = train(page, server, store, "janet")
    page.goto(f"{read}Hold a gate")
    do(page, "button", re.compile("^Gate f"))
    see(page.get_by_role("img", name="The verdicts of both readings"))
    assert "janet" in exported(page, read, tmp_path).read_text("utf-8")
    assert page.get_by_test_id("stException").count() == 0


BOOK = "The cat sat on the mat. It saw a rat, and the rat saw the cat.\n\n"


@pytest.mark.usefixtures("store")
def test_a_network_learns_a_book_and_writes(page, server, tmp_path):
    """It branches at a symbol, and writes another text while a unit is held."""
    (tmp_path / "book.txt").write_text(BOOK * 400)
    page.goto(f"{server}/data?data_reviews=verdict")
    page.get_by_text("Add your own texts").first.click()
    page.locator("input[type=file]").first.set_input_files(tmp_path / "book.txt")
    do(page, "button", "Add the corpus")
    see(page.get_by_text("book is ready"))
    small = {"hidden_size": 16, "embedding_size": 8, "epochs": 1, "threads": 1}
    page.goto(f"{server}/train?{urlencode({'data': 'book', **small})}")
    do(page, "button", "Start training")
    see(page.get_by_role("link", name="Watch this model read"))

    menu(page, "Write")
    texts = page.get_by_test_id("stCode")
    see(page.get_by_text("200 written"))
    do(page, "button", "Write", exact=True)
    see(page.get_by_text("400 written"))
    page.get_by_role("slider", name="Token").press("Home")
    see(page.get_by_text("time step 1 of"))
    at_rest(page)
    page.locator(".st-key-next_chosen button").filter(has_not_text="T").first.click()
    see(page.get_by_text("As it writes by itself"))
    expect(texts).to_have_count(2)
    do(page, "radio", "Hold a gate")
    do(page, "radio", "By number")
    do(page, "button", re.compile("^Hold [a-z]$"))
    see(page.get_by_text("the same seed"))
    expect(texts).to_have_count(3)
    assert len({*texts.all_inner_texts()}) == 3
    assert page.get_by_test_id("stException").count() == 0


UPLOADER = "[data-testid=stFileUploader]"


def held(port):
    """Return what the server says of the files that it holds in memory."""
    path = "/_stcore/metrics?families=cache_memory_bytes"
    lines = ask(port, "GET", path, {"Host": f"127.0.0.1:{port}"}).body.decode().splitlines()
    return [line for line in lines if "UploadedFileManager" in line]


def test_a_run_is_exported_and_imported_on_one_page(shared, page, store, trained, tmp_path):
    """No copy of it stays in memory."""
    page.goto(f"{shared.address}/train?run={trained.id}")
    page.get_by_role("button", name="Edit").wait_for()
    at_rest(page)
    do(page, "button", "Edit")
    with page.expect_download() as download:
        do(page, "button", "Export as zip")
    file = tmp_path / "our-run.zip"
    download.value.save_as(file)
    page.keyboard.press("Escape")
    page.get_by_text("Import a run").click()
    page.locator(f"{UPLOADER} input").set_input_files(file)
    wait_until(lambda: len(store.runs.all()) == 2)
    [taken] = {run.id for run in store.runs.all()} - {trained.id}
    page.wait_for_url(f"**run={taken}**")
    expect(page.locator(UPLOADER).get_by_text("our-run.zip")).to_have_count(0)
    assert store.records.all(taken) == store.records.all(trained.id)
    wait_until(lambda: not held(shared.port))
