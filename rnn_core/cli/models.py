"""`evaluate` and `predict`: what a trained model says."""

import sys

import click
import torch

from rnn_core.cli.errors import in_words
from rnn_core.cli.input import read_text
from rnn_core.cli.options import as_json, corpus_name
from rnn_core.cli.output import answer
from rnn_core.cli.verdict import in_words_of, said
from rnn_core.data.copies import is_copy
from rnn_core.data.encoding import EncodedReviews, encode_reviews, split_reviews
from rnn_core.data.sentences import encode_ends
from rnn_core.data.sources import load_corpus
from rnn_core.inspection.trace import trace
from rnn_core.models.catalogue import find_model
from rnn_core.models.folder import load_model
from rnn_core.models.scores import balanced_accuracy, macro_f1
from rnn_core.models.scoring import Scores, count_evaluations, score
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.threads import use_threads


@click.command()
@click.argument("model")
@click.option(
    "--data", type=corpus_name, metavar="NAME", help="Which reviews. [default: those it was trained on]"
)
@click.option(
    "--split",
    type=click.Choice(["training", "validation", "test"]),
    default="test",
    show_default=True,
    help="Which part: the reviews it learned from, those it was chosen on, or those it never saw.",
)
@click.option(
    "--without-copies",
    is_flag=True,
    help="Leave out the reviews that are exact copies of reviews it learned from.",
)
@click.option(
    "--sentences",
    is_flag=True,
    help="Score the first and the last sentence of each review, with its label, in place of the review.",
)
@as_json
@in_words
def evaluate(
    model: str, data: str | None, split: str, without_copies: bool, sentences: bool, as_json: bool
) -> None:
    """Score MODEL on labelled reviews.

    A name under artifacts/pretrained/ or artifacts/results/models/, or the id of a run.
    """
    use_threads()
    loaded = load_model(find_model(model))
    training = loaded.config.training
    corpus = load_corpus(data or loaded.config.corpus)
    splits = split_reviews(corpus, training.reviews, training.seed)
    indices = getattr(splits, split)
    left_out = 0
    if without_copies:
        if split == "training":
            raise click.UsageError(
                "--without-copies is for validation or test reviews: all it learned from are copies"
            )
        copies = is_copy(corpus, indices, splits.training)
        indices, left_out = indices[~copies], int(copies.sum())
    encode = encode_ends if sentences else encode_reviews
    encoded = encode(corpus, indices, loaded.vocabulary, loaded.config.text)
    scores = _score(loaded.classifier, encoded)
    confusion = scores.confusion()
    about = {
        "model": model, "data": corpus.name, "split": split, "sentences": sentences,
        "copies_left_out": left_out,
    }  # fmt: skip
    what = f"first and last sentences of {split} reviews" if sentences else f"{split} reviews"
    without = f" without {left_out:,} copies of training reviews" if without_copies else ""
    answer(
        as_json,
        {
            **about,
            **scores.to_dict(),
            "balanced_accuracy": balanced_accuracy(confusion),
            "macro_f1": macro_f1(confusion),
            "classes": list(loaded.config.classes),
        },
        f"{model} on {len(encoded):,} {what} of {corpus.name}{without}: "
        f"accuracy {scores.accuracy:.2%}, balanced accuracy {balanced_accuracy(confusion):.2%}, "
        f"macro F1 {macro_f1(confusion):.2%}, loss {scores.loss:.4f}",
    )


def _score(classifier: Classifier, reviews: EncodedReviews) -> Scores:
    """Score, with a bar on standard error."""
    with click.progressbar(length=count_evaluations(reviews), label="Scoring", file=sys.stderr) as bar:

        def draw() -> bool:
            bar.update(1)
            return True

        return score(classifier, reviews, torch.device("cpu"), draw)


@click.command()
@click.argument("model")
@click.argument("text")
@as_json
@in_words
def predict(model: str, text: str, as_json: bool) -> None:
    """Let MODEL read TEXT (or standard input, for -) and say which class it is of."""
    use_threads()
    read = trace(load_model(find_model(model)), read_text(text))
    answer(
        as_json,
        {
            "model": model,
            **said(read),
            "tokens": len(read.review.tokens),
            "tokens_read": len(read.review.tokens[read.review.kept]),
            "unknown": sum(read.review.unknown[read.review.kept]),
        },
        in_words_of(read),
    )
