"""A page, or the JSON that it is given, to look at while its modules are written.

python -m tests.export.page.sample reader > page.html
python -m tests.export.page.sample reader gru > page.html
python -m tests.export.page.sample --json tiny-anbn > network.json
"""

import argparse
import base64
import sys
from types import SimpleNamespace

from rnn_core.export.html import network_data, page_of
from rnn_core.export.page_file import as_json
from rnn_core.models.model import Model


def deltas(ascending):
    packed, before = bytearray(), 0
    for value in map(int, ascending[ascending < 2**53]):
        delta, before = value - before, value
        while delta >= 128:
            packed.append(delta % 128 + 128)
            delta //= 128
        packed.append(delta)
    return bytes(packed)


def stored(model):
    tensors = {}
    for name, tensor in model.classifier.state_dict().items():
        values = tensor.numpy()
        if values.dtype.kind == "i":
            stored, dtype = deltas(values), "ascending"
        else:
            stored, dtype = values.astype("<f2").tobytes(), "float16"
        data = base64.b64encode(stored).decode()
        tensors[name] = {"shape": list(values.shape), "dtype": dtype, "data": data}
    return SimpleNamespace(name="float16", sentence="Weights are stored as float16.", tensors=tensors)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--json", action="store_true", help="print what the page is given of the first model")
    asked = parser.parse_args()
    models = [Model.load(name, None) for name in asked.models]
    if asked.json:
        print(as_json(network_data(models[0], stored(models[0]))))
    else:
        sys.stdout.buffer.write(page_of(models, [stored(model) for model in models]))


if __name__ == "__main__":
    main()
