"""Runs of a sweep on Experiments: in the store, published, with numbers alone; pictures of languages."""

import re
import shutil

import pytest

from rnn_core.data.sources import bare_config
from rnn_core.models.catalogue import PUBLISHED
from rnn_core.paths import published_folder
from rnn_core.runs.store import Store
from rnn_core.sweeps.curves import curves_path
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.publication import publish_curves, publish_networks
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, grid
from tests.own import QUICK
from tests.pages.elements import choose, figures, labels, said
from tests.pages.experiments.made import RUN, begun, result
from tests.runs.workers import artifacts_in

pytestmark = pytest.mark.slow

GRU = {"cell": "gru"}
SWEEP = Sweep(name="real", base=QUICK, cases=[GRU, {"cell": "elman"}], seeds=[0, 1])


@pytest.fixture(scope="module")
def trained(own_verdict_cache, tmp_path_factory):
    """The artifacts of a machine on which the sweep was run."""
    with artifacts_in(tmp_path_factory.mktemp("trained"), own_verdict_cache) as folder:
        list(run_sweep(SWEEP, Store()))
    return folder


@pytest.fixture
def here(trained, verdict_only, tmp_path):
    """The store of this machine, with those runs."""
    shutil.copytree(trained, tmp_path / "artifacts")
    return Store()


@pytest.fixture
def published(here):
    """Its curves and its networks, and no store."""
    publish_curves(here, "real")
    list(publish_networks(here, "real"))
    shutil.rmtree(here.root)


def clicked(open_app, case):
    """Experiments once the point of a case was clicked."""
    runs = [result.run for result in Results("real").all() if result.case == case]
    return open_app("experiments", {"sweep": "real"}, sweep_point_real=runs)


def links(app):
    return [(link.proto.label, link.proto.query_string) for link in app.get("page_link")]


def accuracy_of_first():
    return next(r.test_accuracy for r in Results("real").all() if (r.case, r.seed) == (GRU, 0))


def test_runs_of_this_machine_have_curves_and_read(open_app, here):
    app = clicked(open_app, GRU)
    runs = [result.run for result in Results("real").all() if result.case == GRU]
    assert f"Seed 0: {accuracy_of_first():.1%} test accuracy" in said(app)
    curves = figures(app)[1:]
    assert len(curves) == 4
    assert len(curves[3]["data"]) == 2  # the learning rates of two seeds
    assert links(app) == [
        link for run in runs for link in (("Open on Train", f"run={run}"), ("Watch it read", f"model={run}"))
    ]
    assert "to see its curves or to watch it read." in said(app)
    assert list(app.dataframe[-1].value["here"]) == ["curves, network"] * 4


def test_a_published_case_has_curves_and_one_network(open_app, published, make_model):
    """That of the first seed, which Read opens under its name."""
    app = clicked(open_app, GRU)
    assert f"Seed 0: {accuracy_of_first():.1%} test accuracy" in said(app)
    assert len(figures(app)) == 5
    (read, model), (train, _) = links(app)
    assert (read, model, train) == ("Watch it read", "model=real-gru", "Train this case")
    assert "Its network does not come with the app." in said(app)
    assert "to see its curves. You can watch 2 of these 4 networks read." in said(app)
    make_model("gru")
    app = open_app("read", {"model": "real-gru"})
    picker = app.get_by_key("model_picked")
    assert picker.value == "real-gru"
    published = ["real-elman, from Experiments", "real-gru, from Experiments"]
    assert picker.options == ["GRU on verdict corpus · gru", *published]
    assert app.query_params["model"] in ("real-gru", ["real-gru"])
    assert f"Right on**  \n{accuracy_of_first():.1%} of" in said(app)
    assert "rounded to 16 bits to come with the app" in said(app)


def test_a_run_that_is_gone_or_diverged_says_so(open_app, here):
    """The case of one that was deleted can be trained; one that diverged keeps its curves."""
    gone, diverged = (result.run for result in Results("real").all() if result.case == GRU)
    here.delete(gone)
    app = clicked(open_app, GRU)
    gone = "Only its numbers are here: it was trained on another machine, or deleted on this one."
    assert gone in said(app)
    assert [label for label, _ in links(app)] == ["Train this case", "Open on Train", "Watch it read"]
    assert len(figures(app)[4]["data"]) == 1
    assert "which are here for 3 of 4. You can watch 3 of these 4 networks read." in said(app)
    here.runs.finish(diverged, "diverged", "Diverged at optimizer step 1: the loss was nan.")
    (here.folder(diverged) / "weights.safetensors").unlink()
    app = clicked(open_app, GRU)
    assert "It can't be watched reading: it diverged, so no weights were kept." in said(app)
    assert len(figures(app)[4]["data"]) == 1


def test_only_what_is_here_is_promised(open_app, here):
    publish_curves(here, "real")
    shutil.rmtree(here.root)
    of_curves = "to see its curves. To watch one read, train its case on this machine."
    for drawn, promised in ((5, of_curves), (1, "Of these runs only the numbers are here.")):
        app = clicked(open_app, GRU)
        assert promised in said(app)
        assert [label for label, _ in links(app)] == ["Train this case"] * 2
        assert len(figures(app)) == drawn
        curves_path("real").unlink(missing_ok=True)


def test_damaged_curves_and_networks_are_sentences(open_app, published):
    (published_folder() / "real-gru" / PUBLISHED).write_text("[]")
    app = clicked(open_app, {"cell": "elman"})
    assert "got []." in said(app)
    assert "got [].." not in said(app)
    assert figures(app)  # the curves of another network
    curves_path("real").write_bytes(b"PAR1")
    assert "The curves of real can't be read" in said(clicked(open_app, GRU))
    curves_path("real").unlink()
    assert "The model real-gru can't be read" in said(clicked(open_app, GRU))
    open_app("read", {"model": "real-gru"})


BASE = bare_config("language-anbn", reviews=60, epochs=1, vocab_size=20, max_length=300, hidden_size=4)
LANGUAGES = ("language-anbn", "language-parity")
CASES = grid({"cell": ["lstm", "mingru"], "data": LANGUAGES})
TONGUES = Sweep(name="tongues", base=BASE, cases=CASES, seeds=[0, 1])


def ended(case, seed, longer):
    scores = {
        "validation_bits_per_token": 1.25, "test_bits_per_token": 1.26, "bits_above_truth": 0.0123,
        "right_strings": 1.0, "right_longer_strings": longer,
    }  # fmt: skip
    if longer is None:
        scores = {**dict.fromkeys(scores), "test_loss": None, "outcome": "diverged"}
    return result(case, seed, None if longer is None else 0.5, **scores)


@pytest.fixture
def with_results():
    """All cases but the last, which was not run; one seed of the third diverged."""
    first, second, third, _ = CASES
    runs = [(first, 0, 0.7), (first, 1, 0.9), (second, 1, 0.5), (third, 0, None), (third, 1, 0.997)]
    begun(TONGUES, *(ended(case, seed, longer) for case, seed, longer in runs))


def table(app):
    return next(part.proto.body for part in app.get("html") if "<table>" in part.proto.body)


def test_a_cell_and_a_language_have_their_place_in_it(open_app, with_results):
    """The picture says mean, seeds, bits and what is right by guessing, and all of it in words."""
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
    in_words = "aⁿbⁿ: right strings 100.0%, right longer strings 80.0% (70.0% to 90.0%), bits above the truth"
    assert f'aria-label="LSTM, {in_words} 0.0123. Mean over 2 seeds."' in table(app)


def test_each_measure_has_its_plot_without_baselines(open_app, with_results):
    """The texts are called by their titles; no baseline that counts words is offered or drawn."""
    app = open_app("experiments", {"sweep": "tongues"})
    measure, against = app.get_by_key("effect_measure"), app.get_by_key("effect_factor_tongues")
    assert measure.options == [
        "All cases at a glance", "Right longer strings", "Test bits per symbol", "Validation bits per symbol",
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
    assert "Seed 0: 1.260 test bits per symbol" in said(app)
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
