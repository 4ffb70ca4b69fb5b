"""`sweep --publish`: what of a question's runs comes with the app."""

import click

from rnn_core.cli.errors import need_checkout
from rnn_core.cli.output import print_json
from rnn_core.errors import SweepError
from rnn_core.nn.threads import use_threads
from rnn_core.runs.store import Store
from rnn_core.sweeps.curves import curves_path
from rnn_core.sweeps.publication import PublishedNetwork, publish_curves, publish_networks
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.results import Results


def publish_sweep(question: str, *, with_networks: bool, as_json: bool) -> None:
    """Write the curves of a published question, and its networks if wished; print what was written.

    Raises SweepError where it is none of them or has no results.
    """
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
        click.echo(f"{done:,} of {total:,}: {_in_a_line(network)}", err=as_json)
        networks.append(network.name)
    if as_json:
        print_json({"curves": str(path), "runs": runs, "networks": networks})


def _in_a_line(network: PublishedNetwork) -> str:
    published = network.published
    return (
        f"{network.name}, in 16 bits right on {published.accuracy:.2%} of {published.reviews:,} test "
        f"reviews; a probability changed by {published.largest_change:.1e} at most"
    )
