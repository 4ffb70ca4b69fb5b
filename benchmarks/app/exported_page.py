"""Networks exported as pages: how long that takes, how large they are, how soon each answers by itself."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.app.browser import Visitor
from benchmarks.app.read_page import TOKENS, long_text
from benchmarks.bench import Measurement
from rnn_core.export.bundle import bundle
from rnn_core.export.html import HTML, cells_of, network_data, parts_of
from rnn_core.export.page_file import html_json
from rnn_core.export.stored import choose
from rnn_core.models.catalogue import list_models
from rnn_core.models.model import Model
from rnn_core.progress import finish

_LARGEST: Mapping[str, float] = {"gru": 1_500, "reader": 2_500, "best": 8_000}  # KB
_LONGEST: Mapping[str, float] = {"reader": 5, "best": 20}  # seconds
_COMPUTED, _REPEATS = ("gru", "lstm", "reader"), 15
_ANSWERED = "document.querySelector('#page:not([hidden]) .answer .end')?.textContent.trim()"
_COMPUTE = """
import {{ makeReader }} from "./text/window.js"
import {{ makeNetwork }} from "./engine/network.js"
{imports}
let reader, network
window.prepare = (text) => {{
  const data = JSON.parse(text)
  reader = makeReader(data)
  network = makeNetwork(data, {{ {parts} }})
}}
window.readWhole = (text) => {{
  const began = performance.now()
  const reading = network.read(reader.read(text).ids)
  for (const _ of network.answersAlong(reading));
  return performance.now() - began
}}
"""


def measure_exported_page(visitor: Visitor) -> Iterator[Measurement]:
    """Each pretrained network as a page, then what one computes by itself."""
    with TemporaryDirectory(prefix="gatescope-pages-") as folder:
        for entry in list_models():
            if entry.is_pretrained:
                yield from _page_measurements(visitor, Model.load(entry.folder, None), Path(folder))
    for name in _COMPUTED:
        yield _computed(visitor, Model.load(name))


def _page_measurements(visitor: Visitor, model: Model, folder: Path) -> Iterator[Measurement]:
    began = time.perf_counter()
    content = finish(HTML.export([model])).files[""]
    seconds = time.perf_counter() - began
    what = f"{model.name} as a page"
    yield Measurement(f"{what}: to export it", seconds, "s", at_most=_LONGEST.get(model.name))
    yield Measurement(f"{what}: its size", len(content) / 1e3, "KB", at_most=_LARGEST.get(model.name))
    file = folder / f"{model.name}.html"
    file.write_bytes(content)
    answered = visitor.open(file.as_uri(), _ANSWERED)
    yield Measurement(f"{what}: from opening it to its first answer", answered, "ms", at_most=1_000)
    visitor.leave()


def _computed(visitor: Visitor, model: Model) -> Measurement:
    """The tokens, all that the network computes, and all its answers, without drawing them."""
    visitor.run(script(model))
    visitor.run("prepare", html_json(network_data(model, finish(choose(model)))))
    text = long_text()
    times = [float(visitor.run("readWhole", text)) for _ in range(_REPEATS)]
    return Measurement(
        f"{model.name} as a page: {TOKENS} tokens and an answer after each, median of {_REPEATS}",
        median(times),
        "ms",
        at_most=50,
    )


def script(model: Model) -> str:
    """Return JavaScript that reads a text with a network as its page does, and draws nothing."""
    imports, parts = parts_of([model])
    source = _COMPUTE.format(imports="\n".join(imports), parts=parts)
    return bundle("compute.js", {"compute.js": source, **cells_of([model])})
