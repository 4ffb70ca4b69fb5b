"""What a page says comes next along a string of a made-up language is what Python says, at each time step."""

import math
import random
from types import SimpleNamespace

import numpy as np

from rnn_core.export import html
from rnn_core.export.html import network_data
from rnn_core.export.stored import STORAGES, store
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.trace import trace
from rnn_core.languages.language import Language
from tests.export.page.engines import asked_of, each_engine
from tests.export.small import pretrained

NAMES = ("tiny-anbn", "tiny-anbncn", "tiny-brackets", "tiny-delay", "tiny-parity", "tiny-reber")


def texts_of(language: Language):
    """Strings that keep the rule, break it, are longer than those of the training, or than the window."""
    rng = random.Random(0)
    drawn = [
        draw(rng) for draw in (language.draw, language.draw_longer, language.draw_wrong) for _ in range(4)
    ]
    foreign = [drawn[0] + "x", "é" + drawn[0], drawn[0][:2] + "?!" + drawn[0][2:], drawn[0] + drawn[0]]
    return [*drawn, *foreign, drawn[4] * 8, *language.symbols]


@each_engine
def test_what_comes_next_is_what_python_says(request, monkeypatch, engine):
    monkeypatch.setattr(html, "_examples", lambda model: [])  # which would be searched for
    models = [pretrained(name) for name in NAMES]
    texts = [texts_of(model.config.corpus.language) for model in models]
    stored = [
        SimpleNamespace(name="", sentence="", tensors=store(model.classifier, STORAGES["float32"])[1])
        for model in models
    ]
    answers = asked_of(engine, request)(
        "followings",
        [
            {"data": network_data(model, weights), "texts": read}
            for model, weights, read in zip(models, stored, texts, strict=True)
        ],
    )
    for model, read, answer in zip(models, texts, answers, strict=True):
        for text, found in zip(read, answer, strict=True):
            right, where = next_tokens(model, trace(model, text)), (model.name, text)
            assert tuple(found["names"]) == right.names, where
            assert [-1 if came is None else came for came in found["came"]] == right.came.tolist(), where
            assert found["expected"] == [right.names[k] for k in right.log2.argmax(axis=1)], where
            assert found["isJudged"] == right.is_judged.tolist(), where
            assert found["right"] == right.right.tolist(), where
            assert (found["firstWrong"], found["breaks"]) == (right.first_wrong, right.breaks), where
            assert found["withoutTruth"] == right.without_truth, where
            assert are_close(found["surprise"], right.surprise, 1e-3), where
            assert are_close(found["trueSurprise"], right.true_surprise, 1e-5), where


def are_close(found, right, tolerance):
    numbers = [float(value) if value != "Infinity" else math.inf for value in found]
    return np.allclose(numbers, right, rtol=tolerance, atol=tolerance, equal_nan=True)
