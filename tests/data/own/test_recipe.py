"""A recipe says all, and comes back as it was."""

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from rnn_core.config.tokens import TokenRules
from rnn_core.data.own.recipe import Recipe, parse_merge, parse_thresholds
from rnn_core.errors import ConfigError, DataError
from tests.refusals import refusals

anything = st.text(st.characters(exclude_categories=["Cs"]))
names = anything.filter(str.strip)
recipes = st.builds(
    Recipe,
    source=anything,
    text=st.just("message"),
    label=st.sampled_from(["class", "kind of text"]),
    split=st.sampled_from(["", "part"]),
    group=st.sampled_from(["", "author"]),
    merges=st.dictionaries(names, names, max_size=4).map(lambda pairs: tuple(pairs.items())),
    thresholds=st.sets(st.floats(-1e9, 1e9, allow_subnormal=False), max_size=4).map(sorted).map(tuple),
    test_share=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**31 - 1),
    tokens=st.builds(TokenRules, unit=st.sampled_from(["words", "characters"]), lowercase=st.booleans()),
    contradictory=st.sampled_from(["leave-out", "keep-first", "keep-all"]),
)


@given(recipes)
def test_a_recipe_comes_back_from_its_json(recipe):
    assert Recipe.from_json(recipe.to_json()) == recipe


@given(names, names)
def test_a_merge_can_name_classes_with_any_signs(old, new):
    typed = "=".join(name.replace("\\", r"\\").replace("=", r"\=") for name in (old, new))
    assert parse_merge(typed) == (old.strip(), new.strip())


def test_merges_and_thresholds_are_read_as_typed():
    assert parse_merge(" pos = positive ") == ("pos", "positive")
    assert parse_merge(r"a\b=c=d") == (r"a\b", "c=d")
    assert parse_thresholds("4, 7.5") == (4.0, 7.5)
    assert parse_thresholds("") == ()


def changed(**choices):
    return lambda: Recipe(**{"source": "a.csv", "text": "text", "label": "label", **choices})


SHARE = "The test share must be between 0 and 1"
test_refused = refusals(
    ConfigError,
    {
        "no texts": (changed(text=""), "Name the column with the texts"),
        "one column": (changed(label="text"), "must be columns of their own, got 'text', 'text'"),
        "a group by class": (changed(group="label"), "must be columns of their own"),
        "no share": (changed(test_share=0.0), f"{SHARE}, such as 0.2, got 0"),
        "a share of nan": (changed(test_share=float("nan")), SHARE),
        "a seed": (changed(seed=-1), "The seed must be between 0 and"),
        "falling": (
            changed(thresholds=(7.0, 4.0)),
            "Thresholds must rise, each above the one before, got 7, 4",
        ),
        "infinite": (changed(thresholds=(float("inf"),)), "Thresholds must be numbers"),
        "merged twice": (changed(merges=(("a", "b"), ("a", "c"))), "The class 'a' is merged twice"),
        "merged into nothing": (changed(merges=(("a", " "),)), "A merge needs two names"),
        **{
            f"typed {words}": (partial(parse_merge, words), "Write a merge as OLD=NEW")
            for words in ("pos", "=new", "old=")
        },
        "words": (lambda: parse_thresholds("low,high"), "Thresholds must be numbers with commas between"),
    },
)


def read(more):
    return lambda: Recipe.from_json('{"source": "a", "text": "t", "label": "l"' + more)


test_a_file_that_is_no_recipe = refusals(
    DataError,
    {
        "nothing": (lambda: Recipe.from_json("{}"), "it must have source"),
        "seed": (read(', "seed": "many"}'), "seed: it must be a whole number"),
        "duplicates": (read(', "duplicates": "burn"}'), "it can't be 'burn'"),
        "tokens": (read(', "tokens": {"unit": "lines"}}'), "tokens must be one of"),
        "cut": (read(""), "it must be JSON, and whole"),
    },
)


def test_an_uploaded_table_is_kept_by_its_name_alone():
    """The corpus is the same."""
    columns = {"text": "text", "label": "label"}
    kept = Recipe(source="/srv/.uploads/0f/tickets.csv", uploaded=True, **columns).as_kept()
    assert kept == Recipe(source="tickets.csv", uploaded=True, **columns)
    assert "tickets.csv, which was uploaded and not kept" in kept.made_of
    at_a_path = Recipe(source="/srv/tickets.csv", **columns)
    assert at_a_path.as_kept() == at_a_path
    assert at_a_path.made_of == "/srv/tickets.csv"
    assert at_a_path.mark == kept.mark
    # as before there were uploads in recipes, so that runs of then still know their corpus
    assert at_a_path.mark == "f13d5cbc4ce66fede4b1029495eb66e490d5fd199009c62f7597dd95e75feb66"
