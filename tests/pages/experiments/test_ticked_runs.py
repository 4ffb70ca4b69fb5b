"""Runs of a sweep on Experiments, and their offers: in the store, published, with numbers alone."""

import shutil

import pytest

from rnn_core.models.catalogue import PUBLISHED
from rnn_core.paths import published_folder
from rnn_core.runs.store import Store
from rnn_core.sweeps.curves import curves_path
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.publication import publish_curves, publish_networks
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from tests.own import QUICK
from tests.pages.elements import figures, said

pytestmark = pytest.mark.slow

GRU = {"cell": "gru"}
SWEEP = Sweep(name="real", base=QUICK, cases=[GRU, {"cell": "elman"}], seeds=[0, 1])


@pytest.fixture(scope="module")
def trained(prepared, tmp_path_factory):
    """The artifacts of a machine on which the sweep was run."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_CACHE", str(prepared))
        environment.setenv("GATESCOPE_ARTIFACTS", str(folder))
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
