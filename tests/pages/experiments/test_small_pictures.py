"""A sweep of cells and languages on Experiments: its table of small pictures, its numbers, its cases."""

import re

import pytest

from rnn_core.data.sources import bare_config
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, grid
from tests.pages.elements import choose, figures, labels, said
from tests.pages.experiments.made import RUN, begun, result

pytestmark = pytest.mark.slow

BASE = bare_config("language-anbn", reviews=60, epochs=1, vocab_size=20, max_length=300, hidden_size=4)
LANGUAGES = ("language-anbn", "language-parity")
CASES = grid({"cell": ["lstm", "mingru"], "data": LANGUAGES})
SWEEP = Sweep(name="tongues", base=BASE, cases=CASES, seeds=[0, 1])


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "cache"))


def ended(case, seed, longer, above=0.0123, **more):
    scores = {
        "validation_bits_per_token": 1.25, "test_bits_per_token": 1.26, "bits_above_truth": above,
        "right_strings": 1.0, "right_longer_strings": longer,
    }  # fmt: skip
    if longer is None:
        scores = {**dict.fromkeys(scores), "test_loss": None, "outcome": "diverged"}
    return result(case, seed, None if longer is None else 0.5, **scores, **more)


@pytest.fixture
def with_results():
    """All cases but the last, which was not run; one seed of the third diverged."""
    first, second, third, _ = CASES
    runs = [(first, 0, 0.7), (first, 1, 0.9), (second, 1, 0.5), (third, 0, None), (third, 1, 0.997)]
    begun(SWEEP, *(ended(case, seed, longer) for case, seed, longer in runs))


def table(app):
    return next(part.proto.body for part in app.get("html") if "<table>" in part.proto.body)


def test_a_cell_and_a_language_have_their_place_in_it(open_app, with_results):
    """With the mean, each seed, the bits, what is right by guessing, and all of it in words."""
    app = open_app("experiments", {"sweep": "tongues"})
    assert re.findall(r'<th scope="col">(.*?)</th>', table(app)) == ["Cell", "aⁿbⁿ", "parity"]
    (lstm, its), (mingru, others) = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table(app))
    assert (lstm, mingru) == ("LSTM", "minGRU")
    first, second = re.findall("<td>(.*?)</td>", its)
    assert re.findall(r"--width:([\d.]+%)", first) == ["100.0%", "80.0%"]
    assert re.findall(r'<b style="--at:([\d.]+%)', first) == ["100.0%", "100.0%", "70.0%", "90.0%"]
    assert ">80%</span>" in first
    assert '<span class="number">0.0123</span>' in first
    assert "<u" not in first
    assert '<u style="--at:50.0%"></u>' in second
    diverged, unknown = re.findall("<td>(.*?)</td>", others)
    assert "1 run diverged." in diverged
    assert ">99%</span>" in diverged  # 99.7 % is not all
    assert "not run" in unknown
    assert "Dotted: what is right by guessing." in said(app)
    assert "Tick a run to train its case" in said(app)  # there is no point to click on
    assert re.findall('aria-label="(LSTM.*?)"', table(app))[0] == (
        "LSTM, aⁿbⁿ: right strings 100.0%, right longer strings 80.0% (70.0% to 90.0%), bits above the "
        "truth 0.0123. Mean over 2 seeds."
    )


def test_each_measure_has_its_plot_without_baselines(open_app, with_results):
    """The texts are called by their titles; no baseline that counts words is offered or drawn."""
    app = open_app("experiments", {"sweep": "tongues"})
    measure, against = app.get_by_key("effect_measure"), app.get_by_key("effect_factor_tongues")
    assert measure.options == [
        "All cases at a glance", "Right longer strings", "Test bits per token", "Validation bits per token",
        "Bits above the truth", "Right strings", "Seconds per epoch", "Parameters",
    ]  # fmt: skip
    assert (against.options, against.disabled) == (["Cell", "Texts"], True)
    assert figures(app) == []
    assert not any("baseline" in label.lower() for label in labels(app))
    for name in ("test_bits_per_token", "right_strings", "right_longer_strings"):
        choose(app, "effect_measure", name)
        assert "Dotted" not in said(app)
    assert not app.get_by_key("effect_factor_tongues").disabled
    [drawn] = figures(app)
    assert sorted(curve["name"] for curve in drawn["data"]) == ["Texts aⁿbⁿ", "Texts parity"]
    shown = app.dataframe[-1].value
    assert list(shown["data"]) == ["aⁿbⁿ", "aⁿbⁿ", "parity", "aⁿbⁿ", "aⁿbⁿ"]
    assert "Texts aⁿbⁿ, parity" in said(app)


def test_train_this_case_opens_exactly_its_settings(open_app, with_results):
    app = open_app("experiments", {"sweep": "tongues"}, sweep_point_tongues=[RUN])
    assert "Seed 0: 1.260 test bits per token" in said(app)
    addresses = [link.proto.query_string for link in app.get("page_link")]
    query = dict(part.split("=") for part in addresses[2].split("&"))
    held = open_app("train", query).session_state["train_settings"]
    wanted = BASE.with_settings(**CASES[1], seed=1)
    assert held == {"data": "language-parity", "task": "next-symbol", **wanted.values()}


def test_a_picture_opens_the_network_of_its_first_seed(open_app):
    small = Sweep(name="few", base=BASE, cases=grid({"cell": ["lstm", "gru"], "data": LANGUAGES}))
    list(run_sweep(small, Store()))
    app = open_app("experiments", {"sweep": "few"})
    runs = [found.run for found in Results("few").all()]
    assert sorted(re.findall(r'href="read\?model=(.*?)"', table(app))) == sorted(runs)
    assert "Each picture opens the network of its first seed on Read." in said(app)
    assert open_app("read", {"model": runs[0]}).get_by_key("model_picked").value == runs[0]
