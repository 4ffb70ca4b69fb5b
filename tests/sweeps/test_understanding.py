"""The finding on the probes: true of whichever networks there are and whatever they have right."""

from rnn_core.data.probes.pairs import PHENOMENA
from rnn_core.models.probing import ProbeShares, RightShares
from rnn_core.sweeps.findings.understanding import (
    Understood,
    easiest_and_hardest,
    understanding,
    understanding_table,
)


def shares(sentences, pairs, same=0.0, same_pairs=40, by_phenomenon=None):
    """Those of 200 pairs, 10 for each phenomenon that has another share than all."""
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
COUNTING = {"bag-of-words": shares(0.4, 0.05), "nb-svm": shares(0.45, 0.1, same=0.025)}


def test_it_names_the_network_with_most_pairs_right_and_what_each_way_to_learn_teaches():
    lead, says = understanding([GRU, LSTM, READER], COUNTING)
    assert lead == (
        "Networks that learn from composed sentences, too, have up to 80.0% of the pairs right, those that "
        "learn from reviews alone up to 30.0%."
    )
    assert says == (
        "`reader` has the most pairs right: 80.0% of 200, and 90.0% of the sentences. "
        "The 2 networks that learn from reviews alone have 42.5 to 50.0% of the sentences right and 25.0 to "
        "30.0% of the pairs, a bag of words 40.0% and 5.0%. "
        "`reader`, which learns from composed sentences, too, has 90.0% and 80.0%. "
        "In 40 pairs both sentences hold the same words in another order, so the bag of words has none of "
        "them right. "
        "NB-SVM, which counts neighbours, too, has 2.5%; of the networks `reader` has the most, 75.0%."
    )
    sentences = says.replace("NB-SVM", "N").split(". ")
    assert len(sentences) <= 5
    assert max(len(sentence.split()) for sentence in sentences) <= 30


def test_its_first_sentence_sets_networks_with_composed_sentences_apart_only_where_all_of_them_are_ahead():
    behind = READER._replace(name="behind", shares=shares(0.5, 0.28))
    lead, _ = understanding([GRU, LSTM, READER, behind], COUNTING)
    assert lead == "`reader` understands most: 80.0% of 200 pairs."


def test_without_baselines_and_composed_sentences_it_speaks_of_the_networks_alone():
    lead, says = understanding([GRU], {})
    assert lead == "`gru` understands most: 25.0% of 200 pairs."
    assert says == (
        "`gru` has the most pairs right: 25.0% of 200, and 50.0% of the sentences. "
        "`gru`, the one network that learns from reviews alone, has 50.0% of the sentences right and 25.0% "
        "of the pairs. "
        "In 40 pairs both sentences hold the same words in another order. Of the networks `gru` has the "
        "most, 10.0%."
    )


def test_two_networks_with_as_many_pairs_right_are_both_named():
    _, says = understanding([GRU, GRU._replace(name="other")], {})
    assert says.startswith("`gru` and `other` have the most pairs right: 25.0% of 200. The 2 networks")
    assert says.endswith("Of the networks `gru` and `other` have the most, 10.0%.")


def test_where_all_networks_read_composed_sentences_it_says_so():
    _, says = understanding([READER, READER._replace(name="best")], COUNTING)
    assert "All of them learn from composed sentences beside the reviews." in says
    assert "reviews alone" not in says


def test_it_claims_nothing_of_pairs_that_are_not_there_nor_of_a_bag_of_words_that_sets_some_apart():
    none = Understood("gru", shares(0.5, 0.25, same_pairs=0))
    assert "another order" not in understanding([none], COUNTING)[1]
    some = {**COUNTING, "bag-of-words": shares(0.4, 0.05, same=0.025)}
    assert "has none of them right" not in understanding([GRU], some)[1]
    assert understanding([], COUNTING) is None


def test_the_easiest_and_the_hardest_phenomenon_are_those_of_the_mean_over_the_networks():
    networks = [
        Understood(name, shares(0.5, 0.5, by_phenomenon=of))
        for name, of in (
            ("gru", {"plain": 0.8, "double_negation": 0.1, "but": 0.0}),
            ("lstm", {"plain": 1.0, "double_negation": 0.2, "but": 0.9}),
        )
    ]
    assert easiest_and_hardest(networks, "pairs_right") == (
        "Over all networks “Plain opinion” is the easiest, with 90.0% of the pairs right on average, and "
        "“Double negation” is the hardest, with 15.0%."
    )
    assert easiest_and_hardest(networks, "sentences_right") == (
        "Over all networks no phenomenon is easier than another: 50.0% of the sentences right on average."
    )


def test_phenomena_that_are_as_hard_are_all_named():
    none = Understood("gru", shares(0.5, 0.5, by_phenomenon={"plain": 0.0, "but": 0.0, "although": 0.0}))
    said = easiest_and_hardest([none], "pairs_right")
    assert said.endswith("and “Plain opinion”, “But” and “Although” are the hardest, with 0.0%.")


def test_the_table_has_a_row_for_each_model_and_group():
    table = understanding_table([GRU, READER])
    assert len(table) == 2 * (len(PHENOMENA) + 2)
    row = table[(table["model"] == "reader") & (table["group"] == "All")].iloc[0]
    assert (row["pairs"], row["sentences_right"], row["pairs_right"]) == (200, 0.9, 0.8)
