"""`sweep`: many runs that differ in some settings, and what of a question's runs comes with the app.

`one-unit` makes the results of a question that no sweep answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import click

from rnn_core.cli.command import Answer, command
from rnn_core.cli.errors import ending_on_request, need_checkout
from rnn_core.cli.models import loaded_model
from rnn_core.cli.options import Reviews, refuse_without_effect, say_changed_in_vain
from rnn_core.cli.output import run_with_progress, show_progress
from rnn_core.config.run import factors
from rnn_core.config.setting import NONE
from rnn_core.data.sources import bare_config, load_corpus, prepare
from rnn_core.errors import SweepError
from rnn_core.inspection.verdict_units import read_verdict_units
from rnn_core.nn.threads import use_threads
from rnn_core.progress import roughly
from rnn_core.refusals import shown
from rnn_core.runs.at_work import is_at_work
from rnn_core.runs.process import lower_priority
from rnn_core.runs.store import Store
from rnn_core.sweeps.coordinator import at_work, seconds_left
from rnn_core.sweeps.curves import curves_path
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.kept_runs import names_in
from rnn_core.sweeps.kept_runs import rebuild as rebuild_results
from rnn_core.sweeps.one_unit import OneUnit, keep_one_unit
from rnn_core.sweeps.publication import publish_curves, publish_networks
from rnn_core.sweeps.questions import QUESTIONS, all_searches, own_sweep, published, renamed
from rnn_core.sweeps.results import Result, Results
from rnn_core.sweeps.sweep import Sweep, grid, parse_case, parse_factor, wide_enough
from rnn_core.sweeps.without import without as parts_out
from rnn_core.symbols import settings_of_cells
from rnn_core.tasks.task import Task, task_of
from rnn_core.training.estimate import estimate


@command("sweep", starts_from=bare_config)
def sweep(
    name: str = "",
    *,
    vary: tuple[str, ...] = (),
    case: tuple[str, ...] = (),
    without: str = "",
    part: tuple[str, ...] = (),
    seeds: str = "0",
    data: Reviews = "imdb",
    workers: Annotated[int, click.IntRange(1, 64)] = 1,
    backend: Annotated[str, click.Choice(["local", "dask"])] = "local",
    address: str = "",
    rebuild: bool = False,
    publish: Annotated[str | None, click.Choice(["curves", "networks"])] = None,
    plan: bool = False,
    as_json: bool,
    **settings: Any,
) -> Answer:
    """Train a run for every combination of some settings, or every case of a list, and every seed.

    Each run that has ended is a line of artifacts/sweeps/NAME.jsonl, of artifacts/results/NAME.jsonl where
    NAME is a published question, and a run of its own in the app.
    Without --vary, --case and --without, NAME is a published question, or a sweep that was begun here, which
    continues.
    A sweep starts from plain settings, without what makes `train` fast, so that what is varied is alone.

    --vary SETTING=VALUE,VALUE: A factor; several make a grid.
    --case SETTING=VALUE,SETTING=VALUE: One case of a list, instead of a grid. All cases vary the same
        settings.
    --without CELL: The cell as it is, with fewer units, and without each of its parts: a gate held open, two
        gates coupled, a product with the state, a tanh. A name, a variant such as lstm-peepholes, or a file.
    --part: Only these, in the words of the results, such as "i and f coupled".
    --seeds: The seeds, with commas between them.
    --workers: Runs at once.
    --backend: Processes of this machine, or the workers of a Dask cluster.
    --address: Of the scheduler of that cluster: tcp://HOST:8786.
    --rebuild: Only write the file of results again, from the runs in artifacts/runs; without NAME those of
        all.
    --publish: Only put beside the results what comes with the app, from the runs in artifacts/runs: the
        curves of all, or these and the networks of the first seed.
    --plan: Only say what is missing and how long it takes.
    """
    given = {setting: value for setting, value in settings.items() if value is not None}
    if (backend == "dask") != bool(address):
        raise click.UsageError("--backend dask and --address belong together: the cluster, and where it is.")
    if rebuild or publish is not None:
        deed = "rebuild" if rebuild else "publish"
        names = [option.name for option in click.get_current_context().command.params if option.name]
        others = (each for each in names if each not in (deed, "name", "as_json"))
        refuse_without_effect(f"beside --{deed}", *others)
    if address:
        refuse_without_effect("on a cluster, whose workers are its own", "workers")
    if rebuild:
        return _rebuild(name, as_json)
    if publish is not None:
        return _publish(name, with_networks=publish == "networks", as_json=as_json)
    if not name:
        raise SweepError(f"Name a sweep: one of {', '.join(QUESTIONS)}, or a name of your own.")
    if "seed" in given:
        raise SweepError("The seed differs from run to run: give --seeds.")
    if without:
        refuse_without_effect("beside --without, which says the cells", "vary", "case", *settings_of_cells())
        of_cells = factors()["cell"]
        cell = of_cells.meant(of_cells.given(without))
        wanted = own_sweep(name, *parts_out(bare_config(data, **given), cell, part), _numbers(seeds))
    else:
        refuse_without_effect("without --without", "part")
        wanted = _wanted(name, vary, case, seeds, data, given)
    lower_priority()  # and with it that of the processes that train
    if plan:
        missing, seconds = _planned(wanted, workers, address)
        return Answer({"sweep": wanted.to_dict(), "missing": missing, "seconds": round(seconds)})
    with ending_on_request(), at_work(name):
        _planned(wanted, workers, address)
        for ended in run_sweep(wanted, Store(), workers=workers, address=address):
            _, done, total = ended.progress
            click.echo(
                f"{done:,} of {total:,}: {_result_line(ended.result, task_of(wanted.base))}", err=as_json
            )
    return Answer(_to_dict(Results(name)))


@command("one-unit")
def one_unit(
    model: str, *, texts: Annotated[int, click.IntRange(10, 25_000)] = 2_000, keep: bool = False
) -> Answer:
    """Ask the units of MODEL, which learned what comes next, for the verdict on whole texts.

    Its best unit and all its units, their last and their mean state, and those of the same network before it
    was trained: shares of test texts that are right, where each class counts alike.

    --texts: So many of each split are read at most: to fit, to choose, to score.
    --keep: Put the results in the place of those that come with the app.
    """
    if keep:
        need_checkout("Keeping the results of a published question")
    loaded = loaded_model(model, task=None)
    config, corpus = loaded.config, load_corpus(loaded.config.corpus)
    found = OneUnit(
        model=model,
        hidden_size=config.model.hidden_size,
        parameters=task_of(config).parameters(config, len(loaded.vocabulary)),
        texts=texts,
        found=run_with_progress(read_verdict_units(loaded, corpus, texts)),
    )
    if keep:
        keep_one_unit(found)
    lines = (
        f"{one.network}, {one.state} state: unit {one.unit} {one.one_unit:.2%}, all units {one.all_units:.2%}"
        for one in found.found
    )
    return Answer(asdict(found), *lines)


def _planned(wanted: Sweep, workers: int, address: str) -> tuple[int, float]:
    """Say how many runs are missing and how long they take; both, once the reviews are at hand."""
    results = Results(wanted.name)
    results.grown(wanted)  # refuses another sweep of this name before it measures anything
    for corpus in wanted.corpora:
        show_progress(prepare(corpus))
    missing = len(results.missing(wanted))
    if missing and wanted.name in published():
        need_checkout("Adding runs to a published question")
    corpora = {corpus: load_corpus(corpus) for corpus in wanted.corpora}
    seconds = seconds_left(
        wanted,
        lambda configs: [estimate(config, corpora[config.corpus]).seconds for config in configs],
        1 if address else workers,
    )
    assert seconds is not None  # all of them were measured
    where = "on one core of this machine" if address else f"with {workers} at once"
    takes = f"about {roughly(seconds)} {where}, by what was measured"
    click.echo(f"{missing:,} of {len(wanted):,} runs to do, {takes}", err=True)
    return missing, seconds


def _rebuild(name: str, as_json: bool) -> Answer:
    store = Store()
    names = [name] if name else names_in(store)
    if not names:
        raise SweepError("No run of a sweep is in this store.")
    if published() & set(names):
        need_checkout("Writing the results of a published question")
    for one in names:
        if is_at_work(one):
            raise SweepError(f"The sweep {one} is at work: stop it or let it end, then try again.")
    files = [rebuild_results(store, one) for one in names]
    for results in files:
        click.echo(f"{results.path}: {len(results.all()):,} runs", err=as_json)
    return Answer([_to_dict(results) for results in files])


def _to_dict(results: Results) -> dict[str, object]:
    return {"file": str(results.path), "runs": [result.run for result in results.all()]}


def _wanted(
    name: str, vary: Sequence[str], cases: Sequence[str], seeds: str, data: str, given: Mapping[str, Any]
) -> Sweep:
    if vary and cases:
        raise SweepError("Give a grid with --vary or a list with --case, not both.")
    factors = [parse_factor(words) for words in vary]
    if len(dict(factors)) < len(factors):
        raise SweepError("Name each factor once, with all its values.")
    asked = grid(dict(factors)) or [parse_case(words) for words in cases]
    if asked:
        base, usual = (wide_enough(bare_config(data, **some), asked, given) for some in (given, {}))
        wanted = own_sweep(name, base, asked, _numbers(seeds))
        say_changed_in_vain((point.config for point in wanted.points()), usual)
        return wanted
    if given:
        raise SweepError("Without --vary or --case a sweep has settings of its own; leave the others out.")
    refuse_without_effect("without --vary or --case, where a sweep is known by its name", "seeds", "data")
    name = renamed().get(name, name)
    if name in QUESTIONS:
        return QUESTIONS[name].sweep
    if name in all_searches():
        return all_searches()[name]
    if not Results(name).exists():
        raise SweepError(
            f"There is no sweep called {shown(name)}: add --vary, or take one of {', '.join(QUESTIONS)}."
        )
    return Results(name).sweep()


def _numbers(words: str) -> list[int]:
    try:
        return [int(word) for word in words.split(",")]
    except ValueError:
        raise SweepError(
            f"Seeds must be whole numbers with commas between them, got {shown(words)}."
        ) from None


def _result_line(result: Result, task: Task) -> str:
    known = factors()
    varied = ", ".join(
        f"{factor} {NONE if value == '' else known[factor].typed(value)}"
        for factor, value in result.case.items()
    )
    score, glance = task.score, task.at_a_glance
    validation, test = (result.score(split, score) for split in ("validation", "test"))
    if validation is None:
        return f"{varied}, seed {result.seed}: {result.outcome}"
    unit = "" if score.is_share else f" {score.name}"
    scores = [f"validation {validation:{score.in_full}}{unit}"]
    if test is not None:
        scores.append(f"test {test:{score.in_full}}")
        for one in (*glance.shares, glance.number) if glance else ():
            scores.append(f"{one.name} {getattr(result, one.field):{one.in_full}}")
    return f"{varied}, seed {result.seed}: {', '.join(scores)}, {result.seconds:.0f} s"


def _publish(question: str, *, with_networks: bool, as_json: bool) -> Answer:
    need_checkout("Publishing")
    if question not in QUESTIONS or not Results(question).exists():
        raise SweepError(f"Only a question that has results can be published: one of {', '.join(QUESTIONS)}.")
    store = Store()
    use_threads()
    runs, path = publish_curves(store, question), curves_path(question)
    known = len(Results(question).all())
    click.echo(f"{path}: curves of {runs:,} of {known:,} runs, {path.stat().st_size:,} bytes", err=as_json)
    networks = []
    for network in publish_networks(store, question) if with_networks else ():
        _, done, total = network.progress
        published = network.published
        click.echo(
            f"{done:,} of {total:,}: {network.name}, in 16 bits accuracy {published.accuracy:.2%} on "
            f"{published.reviews:,} test texts; a probability changed by {published.largest_change:.1e} "
            "at most",
            err=as_json,
        )
        networks.append(network.name)
    return Answer({"curves": str(path), "runs": runs, "networks": networks})
