import re

from hypothesis import given
from hypothesis import strategies as st

from geo_hotspots.places.gazetteer.sieve import make_sieve, sift
from geo_hotspots.places.grammar.text import code_points

words = st.lists(st.text("东四北街\U00020bb7a", min_size=1, max_size=4), max_size=5)
texts = st.text("东四北街我在\U00020bb7\U00020bb8ab\0", min_size=1, max_size=40)


def occurrences(text, word):
    return [found.start() for found in re.finditer(f"(?={re.escape(word)})", text)]


@given(words=words, text=texts)
def test_a_sifted_text_holds_the_same_words_at_the_same_places(words, text):
    sifted, at = sift(code_points(text), make_sieve(words))
    assert len(sifted) == len(at)
    for word in words:
        assert at[occurrences(sifted, word)].tolist() == occurrences(text, word)


@given(words=words, text=texts)
def test_what_is_left_out_stands_in_no_word(words, text):
    sifted, at = sift(code_points(text), make_sieve(words))
    held = {i + k for word in words for i in occurrences(text, word) for k in range(len(word))}
    assert held <= set(at[[c != "\0" for c in sifted]].tolist())


def test_text_without_any_part_of_a_name_leaves_nothing():
    assert sift(code_points("今天下雨"), make_sieve(["东四"]))[0] == ""
