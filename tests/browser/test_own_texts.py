"""Own texts in a real browser: drop a table, add it, train, read, follow a class, delete."""

import random

import pytest
from playwright.sync_api import expect

from rnn_core.data.own.catalogue import own_names, remove
from tests.browser.test_main_job import go, menu, see

QUEUES = {
    "billing": "invoice refund payment",
    "access": "password login account",
    "delivery": "parcel late courier",
}
FILLING = "please the my I have a question about it since yesterday and nobody answers today".split()


def tickets(path):
    """450 tickets in three queues, written by chance."""
    chance = random.Random(3)
    rows = ["ticket;queue"]
    for number in range(450):
        queue = list(QUEUES)[number % 3]
        words = [*chance.choices(FILLING, k=8), str(number), chance.choice(QUEUES[queue].split())]
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
