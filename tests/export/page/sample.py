"""A page, or the JSON that it is given, to look at while its modules are written; no rounding is measured.

python -m tests.export.page.sample reader > page.html
python -m tests.export.page.sample reader gru > page.html
python -m tests.export.page.sample --json tiny-anbn > network.json
"""

import argparse
import sys
from types import SimpleNamespace

from rnn_core.export.html import network_data, page_of
from rnn_core.export.page_file import html_json
from rnn_core.export.stored import to_ascending, to_float16
from rnn_core.models.model import Model


def stored(model):
    """The weights of a model in 16 bits each, whatever that changes."""
    tensors = {
        name: (to_float16 if weights.dtype.is_floating_point else to_ascending)(weights.numpy()).tensor
        for name, weights in model.classifier.state_dict().items()
    }
    sentence = "Its weights are stored in 16 bits each."
    return SimpleNamespace(name="float16", sentence=sentence, tensors=tensors)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--json", action="store_true", help="print what the page is given of the first model")
    asked = parser.parse_args()
    models = [Model.load(name, None) for name in asked.models]
    if asked.json:
        print(html_json(network_data(models[0], stored(models[0]))))
    else:
        sys.stdout.buffer.write(page_of(models, [stored(model) for model in models]))


if __name__ == "__main__":
    main()
