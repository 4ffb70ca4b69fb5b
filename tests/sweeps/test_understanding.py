"""The finding on the probes: true of whichever networks there are and whatever they have right."""

import pytest

from rnn_core.data.probes.pairs import PHENOMENA
from rnn_core.models.probing import ProbeShares, RightShares
from rnn_core.sweeps import understanding as finding
from rnn_core.sweeps.understanding import Understood, easiest_and_hardest, understanding


def shares(sentences, pairs, same=0.0, same_pairs=40, by_phenomenon=None):
    """Shares of 200 pairs, 10 for each phenomenon that has another share than all."""
    others = by_phenomenon or {}
    return ProbeShares(
        all=RightShares(pairs=200, sentences_right=sentences, pairs_right=pairs),
        phenomena={
            key: RightShares(pairs=10, sentences_right=sentences, pairs_right=others.get(key, pairs))
            for key in PHENOMENA
        },
        same_words=RightShares(pairs=same_pairs, sentences_right=0.5, pairs_right=same),
    )


GRU = Understood("gru", shares(0.5, 0.25, same=0.1))
LSTM = Understood("lstm", shares(0.425, 0.3, same=0.125))
READER = Understood("reader", shares(0.9, 0.8, same=0.75), composed=True)
BEHIND = READER._replace(name="behind", shares=shares(0.5, 0.28))
TWINS = [GRU, GRU._replace(name="other")]
COUNTING = {"bag-of-words": shares(0.4, 0.05), "nb-svm": shares(0.45, 0.1, same=0.025)}
ALL, ALONE = ([GRU, LSTM, READER], COUNTING), ([GRU], {})
BEST = [READER, READER._replace(name="best")], COUNTING
UNORDERED = [Understood("gru", shares(0.5, 0.25, same_pairs=0))], COUNTING
COUNTED = [GRU], COUNTING | {"bag-of-words": shares(0.4, 0.05, same=0.025)}


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (ALL, "Networks that learn from composed sentences, too, have up to 80.0% of the pairs right"),
        (ALL, "alone up to 30.0%. `reader` has the most pairs right: 80.0% of 200, and 90.0% of the"),
        (ALL, "42.5 to 50.0% of the sentences right and 25.0 to 30.0% of the pairs, a bag of words 40.0%"),
        (ALL, "and 5.0%. `reader`, which learns from composed sentences, too, has 90.0% and 80.0%. In 40"),
        (ALL, "so the bag of words has none of them right. NB-SVM, which counts neighbours, too, has 2.5%;"),
        (ALL, "has 2.5%; of the networks `reader` has the most, 75.0%."),
        (([*ALL[0], BEHIND], COUNTING), "`reader` understands most: 80.0% of 200 pairs. "),
        (ALONE, "`gru` understands most: 25.0% of 200 pairs. `gru` has the most pairs right: 25.0% of 200,"),
        (ALONE, "`gru`, the one network that learns from reviews alone, has 50.0% of the sentences right"),
        (ALONE, "order. Of the networks `gru` has the most, 10.0%."),
        ((TWINS, {}), "`gru` and `other` have the most pairs right: 25.0% of 200. The 2 networks"),
        ((TWINS, {}), "Of the networks `gru` and `other` have the most, 10.0%."),
        (BEST, "All of them learn from composed sentences beside the reviews."),
    ],
)
def test_the_probes_have_a_text_that_is_true_of_all(known, said):
    lead, says = understanding(*known)
    assert said in f"{lead} {says}"
    sentences = says.replace("NB-SVM", "N").split(". ")
    assert len(sentences) <= 5
    assert max(len(sentence.split()) for sentence in sentences) <= 30


def test_nothing_is_claimed_of_what_is_not_there():
    assert understanding([], COUNTING) is None
    assert "reviews alone" not in " ".join(understanding(*BEST))
    assert "another order" not in " ".join(understanding(*UNORDERED))
    assert "has none of them right" not in " ".join(understanding(*COUNTED))


def test_easiest_and_hardest_are_those_of_the_mean():
    of_both = {"gru": {"plain": 0.8, "double_negation": 0.1, "but": 0.0}}
    of_both["lstm"] = {"plain": 1.0, "double_negation": 0.2, "but": 0.9}
    networks = [Understood(name, shares(0.5, 0.5, by_phenomenon=of)) for name, of in of_both.items()]
    assert easiest_and_hardest(networks, "pairs_right") == (
        "Over all networks “Plain opinion” is the easiest, with 90.0% of the pairs right on average, and "
        "“Double negation” is the hardest, with 15.0%."
    )
    alike = "no phenomenon is easier than another: 50.0% of the sentences right on average."
    assert easiest_and_hardest(networks, "sentences_right") == f"Over all networks {alike}"
    none = Understood("gru", shares(0.5, 0.5, by_phenomenon=dict.fromkeys(("plain", "but", "although"), 0.0)))
    said = easiest_and_hardest([none], "pairs_right")
    assert said.endswith("and “Plain opinion”, “But” and “Although” are the hardest, with 0.0%.")


def test_the_table_has_a_row_for_each_model_and_group():
    table = finding.understanding_table([GRU, READER])
    assert len(table) == 2 * (len(PHENOMENA) + 2)
    row = table[(table["model"] == "reader") & (table["group"] == "All")].iloc[0]
    assert (row["pairs"], row["sentences_right"], row["pairs_right"]) == (200, 0.9, 0.8)
