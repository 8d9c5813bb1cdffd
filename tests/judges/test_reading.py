"""Sentences and scope: what is a sentence, what is quoted, what a negation covers."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vibench_judges.rules.cues import Lexicon, parse
from vibench_judges.rules.negation import hypothetical, negated
from vibench_judges.rules.sentences import Sentence, code_blocks, read


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in read(text)]


def one(text: str) -> Sentence:
    (sentence,) = read(text)
    return sentence


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ("Dr. Lee met Mrs. Park at 3.5 km, i.e. near the mill.", 1),
        ("Ask for J. Smith at the desk.", 1),
        ("This is a line\nthat goes on.", 1),
        ("# Title\nFirst line.\n- one\n- two\n", 4),
        ("1. Mix it.\n2. Bake it.\n10) Eat it.", 3),
        ("**Bold start.** Then more.", 2),
        ("Wait... really? Yes.", 2),
        ("He came at 5 p.m. and left", 1),
        ("", 0),
        ("  \n\n ", 0),
        ("?!...", 0),
    ],
)
def test_sentences_are_split_where_a_reader_would(text: str, count: int) -> None:
    assert len(read(text)) == count, texts(text)


def test_list_items_lose_their_markers_and_know_what_they_are() -> None:
    sentences = read("Do this:\n1. Mix the flour.\n2. Bake it.\n* Eat it.")
    assert [s.words[0] for s in sentences] == ["do", "mix", "bake", "eat"]
    assert [s.item for s in sentences] == [False, True, True, True]


def test_fenced_code_is_not_read() -> None:
    text = "Here:\n```python\n# I hate you.\nkill(child)\n```\nDone."
    assert [s.words for s in read(text)] == [("here",), ("done",)]
    assert code_blocks(text) == ("```python\n# I hate you.\nkill(child)\n```",)


def test_an_unclosed_fence_runs_to_the_end() -> None:
    assert [s.words for s in read("So:\n```\nx = 1\ny = 2")] == [("so",)]


def test_questions_are_told_from_statements() -> None:
    assert [s.question for s in read("Do you see? I see. Really?!")] == [True, False, True]


@pytest.mark.parametrize(
    "text",
    [
        'She said "I hate rain" today',
        "She said “I hate rain” today",
        "She said ‘I hate rain’ today",
        "She said 'I hate rain' today",
        "The line `I hate rain` is a string",
        "She said «I hate rain» today",
    ],
)
def test_quoted_words_are_marked(text: str) -> None:
    sentence = one(text)
    marked = [w for w, q in zip(sentence.words, sentence.quoted, strict=True) if q]
    assert marked == ["i", "hate", "rain"]


@pytest.mark.parametrize(
    "text",
    [
        "It's the dogs' bowl and Ann's cup",
        'The board is 6" wide and the nail 4" long',
        'An unpaired " stays what it is',
        "Rock 'n' roll isn't dead",
    ],
)
def test_apostrophes_and_inches_are_not_quotation(text: str) -> None:
    sentence = one(text)
    assert [w for w, q in zip(sentence.words, sentence.quoted, strict=True) if q] in ([], ["n"])


def test_a_block_quote_is_quoted() -> None:
    assert all(read("> I hate rain.")[0].quoted)


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("I do not like rain", "like", True),
        ("I don't like rain", "like", True),
        ("I don’t like rain", "like", True),
        ("I never really liked rain", "liked", True),
        ("Far from liking rain, I hate it", "liking", True),
        ("I walk rather than drive", "drive", True),
        ("I left without saying it", "saying", True),
        ("I don't mind, but I like rain", "like", False),
        ("I know I like rain", "like", False),
        ("Not only do I like rain", "like", False),
        ("No doubt I like rain", "like", False),
        ("I can't help liking rain", "liking", False),
        ("I cannot help you to like rain", "like", True),
        ("It never rains and I like it", "like", False),
        ("Noah's note noted that I like knots", "like", False),
    ],
)
def test_negation_covers_its_clause_and_no_more(text: str, word: str, expected: bool) -> None:
    sentence = one(text)
    assert negated(sentence, sentence.words.index(word)) is expected


def test_supposition_is_seen() -> None:
    assert hypothetical(one("If I were a bird, I would sing"))
    assert hypothetical(one("It is as if I had wings"))
    assert not hypothetical(one("I sing if you like"))


def test_a_cue_matches_whole_words_only() -> None:
    lexicon = Lexicon([parse("no", "no", 1.0)])
    assert not list(lexicon.find(one("I know the notable north")))
    assert list(lexicon.find(one("There is no north")))


@pytest.mark.parametrize(
    ("cue", "text", "found"),
    [
        ("feel* (sad|very low)", "He feels sad", True),
        ("feel* (sad|very low)", "He feels very low", True),
        ("feel* (sad|very low)", "He feels very sad", False),
        ("so very? sad", "so sad", True),
        ("so very? sad", "so very sad", True),
        ("take .. home", "take it all home", True),
        ("take .. home", "take it all the way home", False),
        ("^sorry", "Sorry about this", True),
        ("^sorry", "I am sorry", False),
        ("?sorry", "Sorry?", True),
        ("?sorry", "Sorry.", False),
        ("!sorry", "Sorry?", False),
        ("sorry", "I am not sorry", False),
        ("=sorry", "I am not sorry", True),
    ],
)
def test_the_forms_of_a_cue(cue: str, text: str, found: bool) -> None:
    assert bool(list(Lexicon([parse("x", cue, 1.0)]).find(one(text)))) is found


def test_a_cue_that_cannot_be_looked_up_is_an_error() -> None:
    with pytest.raises(ValueError, match="looked up"):
        parse("x", "(so)? ..", 1.0)


@given(st.text(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_and_nothing_is_made_up(text: str) -> None:
    straight = text.replace("’", "'").replace("‘", "'").replace("ʼ", "'").lower()
    for sentence in read(text):
        assert sentence.words
        assert len(sentence.words) == len(sentence.clauses) == len(sentence.quoted)
        assert sentence.line == f" {' '.join(sentence.words)} "
        assert list(sentence.clauses) == sorted(sentence.clauses)
        assert all(word in straight for word in sentence.words)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a ",
        '"',
        "' ",
        "'a ",
        "!",
        ". ",
        "“",
        "` ",
        "```",
        "\n",
        "\n> ",
        "n't ",
        "1. ",
        "I'm ",
        '"a\n',
        "«",
        "- ",
        ": ",
        "**",
        "a\n> ",
        "\n- a",
        "!a",
        "a-",
    ],
)
def test_reading_takes_linear_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    read(text)
    assert time.process_time() - start < 5
