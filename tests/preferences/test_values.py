"""One spelling for a value's name."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.preferences.value_names import AMERICAN
from vibench.preferences.values import normalise, response_messages
from vibench.records import Message, PreferencePair


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Empathy", "empathy"),
        ("  **Empathy**. ", "empathy"),
        ("open mindedness", "open-mindedness"),
        ("Open_Mindedness", "open-mindedness"),
        ("open–mindedness", "open-mindedness"),
        ("open - mindedness", "open-mindedness"),
        ("humour", "humor"),
        ("Good-humoured", "good-humored"),
        ("personalisation", "personalization"),
        ("organisations", "organization"),
        ("improvisation", "improvisation"),
        ("Prioritising", "prioritizing"),
        ("empathise", "empathize"),
        ("standardised", "standardized"),
        ("critical criticiser", "critical-criticizer"),
        ("practising", "practicing"),
        ("expertise", "expertise"),
        ("compromise", "compromise"),
        ("unpromising", "unpromising"),
        ("wise advice", "wise-advice"),
        ("precise", "precise"),
        ("improvising", "improvising"),
        ("judgement", "judgment"),
        ("scepticism", "skepticism"),
        ("boundaries", "boundary"),
        ("healthy boundaries", "healthy-boundary"),
        ("user rights", "user-right"),
        ("weaknesses", "weakness"),
        ("approaches", "approach"),
        ("kindness", "kindness"),
        ("Fairness", "fairness"),
        ("openness", "openness"),
        ("ethics", "ethics"),
        ("focus", "focus"),
        ("emphasis", "emphasis"),
        ("respect for others", "respect-for-others"),
        ("ｈｏｎｅｓｔｙ", "honesty"),
        ("...", ""),
    ],
)
def test_spellings_of_a_value_meet(said: str, meant: str) -> None:
    assert normalise(said) == meant


NATIVE = """
praise noise guise likewise otherwise exercise exercising concise precise imprecise revise
revised supervise supervising improvise paradise merchandise sunrise surprise unsurprising
enterprise comprise despise advise adviser unadvised advertise expertise promise compromise
uncompromising premise demise treatise franchise disenfranchised raise raised appraise wise
clockwise disguise excise devise poise televise promised chastise bruise arise rise incise
circumcise mortise reprise apprise uprising crisis basis raising disable invisible focused
biased
"""


@pytest.mark.parametrize("word", NATIVE.split())
def test_words_that_end_in_ise_everywhere_stay(word: str) -> None:
    assert normalise(word) == word


def test_words_of_one_root_stay_apart() -> None:
    assert len({normalise(v) for v in ("empathy", "empathetic", "empathic concern")}) == 3


def test_the_catalogue_names_its_values_as_they_are_compared() -> None:
    catalogue = tomllib.loads((Path(__file__).parents[2] / "registry.toml").read_text("utf-8"))
    assert len(catalogue["values"]) == 15
    assert all(normalise(name) == name for name in catalogue["values"])


@given(st.text(max_size=40) | st.from_regex(r"[A-Za-z _-]{1,30}(s|es|ies|isation)", fullmatch=True))
def test_what_is_normalised_stays_so(value: str) -> None:
    once = normalise(value)
    assert normalise(once) == once
    assert " " not in once
    assert "_" not in once


@pytest.mark.parametrize(("british", "american"), AMERICAN)
def test_every_british_stem_becomes_american_for_good(british: str, american: str) -> None:
    assert normalise(f"{british}x") == f"{american}x" == normalise(f"{american}x")


def test_on_the_published_taxonomy_only_spellings_are_merged(real_data: Path) -> None:
    import csv

    with (real_data / "values" / "values_3307_flat.derived.csv").open(encoding="utf-8") as file:
        names = [row["value"] for row in csv.DictReader(file)]
    merged: dict[str, set[str]] = {}
    for name in names:
        merged.setdefault(normalise(name), set()).add(name)
    together = [group for group in merged.values() if len(group) > 1]
    assert len(names) - len(merged) == 31
    by_plural = [g for g in together if len({n.replace("-", " ") for n in g}) > 1]
    assert by_plural == [
        {"educational value", "educational values"},
        {"sustainable practice", "sustainable practices"},
    ]


def test_a_judge_sees_the_prompt_and_one_response() -> None:
    prompt = (Message("user", "Hi"), Message("assistant", "Yes?"), Message("user", "Help"))
    pair = PreferencePair("p", prompt, "good", "bad")
    assert response_messages(pair, "chosen") == (*prompt, Message("assistant", "good"))
    assert response_messages(pair, "rejected") == (*prompt, Message("assistant", "bad"))
