"""The page as a file, opened from the disk with the network off: what it asks for, and what is text there.

The project's own page, `docs/try/index.html`, is made by the command of today, and answers as Python does:

python -m rnn_core export reader --to html --out docs/try/index.html --force
"""

import dataclasses
import json
import re
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from benchmarks.app.browser import CHROMIUM_FLAGS
from rnn_core.config.run import RunConfig
from rnn_core.export.html import PAGE_FORMAT, page_of
from rnn_core.models.folder import CARD
from rnn_core.models.model import Model
from rnn_core.text.vocabulary import Vocabulary
from tests.chromium import CHROMIUM
from tests.export.made import pretrained, save_small
from tests.export.page.conftest import PROJECT
from tests.export.page.sample import stored

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs the command chromium")]

CLASS = "</script><img src=x onerror=alert(1)>"
NAME, WORD, CARD_TEXT = f"name {CLASS}", f"word\u2028{CLASS}<!--", f"card {CLASS}"
TYPED = f"film <b onclick=alert(1)>good</b> {CLASS} javascript:alert(1)"
WATCH = """
window.refused = []
document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective))
"""
REQUEST, LOOK_UP, ITSELF = "URL_REQUEST_START_JOB", "HOST_RESOLVER_MANAGER_REQUEST", "not an origin"
"""Chromium's network log calls a request, the look-up of a name, and an asker that is no page so."""
ANOTHER = "http://127.0.0.1:9/asked"
"""An address for which another page asks, so that the log is seen to hold such things."""
BREAK_OUT = """async () => {
  const image = document.body.appendChild(document.createElement("img"))
  image.src = "http://127.0.0.1:9/image.png"
  document.body.insertAdjacentHTML("beforeend", "<p style='color: red'>styled</p>")
  document.body.appendChild(document.createElement("script")).textContent = "window.ran = true"
  document.head.appendChild(document.createElement("base")).href = "http://127.0.0.1:9/"
  const asked = await fetch("http://127.0.0.1:9/data").then(() => "answered", () => "refused")
  await new Promise((done) => setTimeout(done, 200))
  return { asked, ran: window.ran ?? false }
}"""


def hostile(folder):
    """A model whose name, class, word and card try to become markup."""
    words = Vocabulary.from_counts({WORD: 5, "film": 4, "good": 3}, 10)
    base = RunConfig(data="own", classes=("negative", CLASS))
    kept = Model.load(save_small(folder, base, words=words), None)
    (folder / CARD).write_text(f"# a\n\n## What it is not good at\n\n{CARD_TEXT}\n", "utf-8")
    return dataclasses.replace(kept, name=NAME)


@pytest.fixture(scope="module")
def opened(playwright, tmp_path_factory):
    """The record of a page with two networks that was opened, typed into and left to break out at last."""
    folder = tmp_path_factory.mktemp("page")
    models = [hostile(folder / "one"), hostile(folder / "two")]
    file, log = folder / "page.html", folder / "network.json"
    file.write_bytes(page_of(models, [stored(model) for model in models]))
    flags = [*CHROMIUM_FLAGS, f"--log-net-log={log}"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_offline(True)
    page, seen = context.new_page(), SimpleNamespace(problems=[])
    page.add_init_script(WATCH)
    page.on("console", lambda message: seen.problems.append(message.text))
    page.on("pageerror", lambda error: seen.problems.append(str(error)))
    page.on("dialog", lambda dialog: seen.problems.append(dialog.message))
    page.goto(file.as_uri())
    page.locator("textarea").fill(TYPED)
    page.get_by_text("javascript", exact=True).first.wait_for()
    seen.text = page.evaluate("() => document.body.innerText")
    seen.title = page.title()
    seen.images = page.evaluate("() => document.images.length")
    seen.bold = page.locator("main b[onclick]").count()
    seen.refused = page.evaluate("() => window.refused")
    said = list(seen.problems)
    seen.broke_out = page.evaluate(BREAK_OUT)
    seen.refused_then = page.evaluate("() => window.refused")
    seen.problems = said
    other = context.new_page()
    other.evaluate("(address) => fetch(address).catch(() => {})", ANOTHER)
    browser.close()
    seen.events = json.loads(log.read_text())
    return seen


def test_the_browsers_own_log_has_no_request_of_it(opened):
    """Chromium with a window asks its maker's servers by itself, also without a page; that is left out."""
    kinds = {number: name for name, number in opened.events["constants"]["logEventTypes"].items()}
    events = [(kinds[event["type"]], event.get("params", {})) for event in opened.events["events"]]
    requests = [of for kind, of in events if kind == REQUEST and "url" in of]
    itself = {urlsplit(of["url"]).hostname for of in requests if of["initiator"] == ITSELF}
    looked_up = {urlsplit(of["host"]).hostname for kind, of in events if kind == LOOK_UP and "host" in of}
    assert [of["url"] for of in requests if of["initiator"] != ITSELF] == [ANOTHER]
    assert looked_up - itself <= {urlsplit(ANOTHER).hostname}


def test_the_policy_refuses_nothing_of_the_page(opened):
    assert opened.refused == []
    assert opened.problems == []


def test_names_card_and_typed_words_are_text(opened):
    assert opened.title == f"{NAME} and {NAME}: watch them read"
    for text in (NAME, CLASS, CARD_TEXT):
        assert text in opened.text
    assert (opened.images, opened.bold) == (0, 0)


def test_the_policy_lets_nothing_out(opened):
    assert opened.broke_out == {"asked": "refused", "ran": False}
    named = {"img-src", "style-src-attr", "script-src-elem", "connect-src", "base-uri"}
    assert set(opened.refused_then) >= named


OURS = PROJECT / "docs" / "try" / "index.html"
SHOWS = """([label, share]) => {
  const { dataset } = document.querySelector(".answer .end [data-share]")
  return dataset.label === label && Math.abs(dataset.share - share) <= 0.005
}"""
"""JavaScript: whether the page gives a class this probability, up to what rounded weights may change."""


def test_our_own_page_is_of_today(browser):
    content = OURS.read_text("utf-8")
    [data] = re.findall(r'<script type="application/json" id="network-\d">(.*?)</script>', content)
    assert json.loads(data)["format"] == PAGE_FORMAT, "make it again with the command at the top of this file"
    assert OURS.stat().st_size <= 2_500_000
    page, model = browser.new_page(), pretrained("reader")
    page.goto(OURS.as_uri())
    for text in ("What a film!", "Not a bad film at all.", "I wanted to like it."):
        answer = model(text)
        page.locator("textarea").fill(text)
        page.wait_for_function(SHOWS, arg=[answer.label, answer.probability], timeout=10_000)
    page.close()
