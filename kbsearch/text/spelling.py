"""What a misspelt word may have been meant to be: everything one slip of the finger away.

Nothing here knows any vocabulary. The caller asks its index which of the words it has, so that nobody is shown a word
that stands in none of the documents they may see.
"""

from __future__ import annotations

from collections.abc import Iterator

_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъьюя")
_LONGEST_WORD = 24


def one_slip_away(word: str) -> Iterator[str]:
    """All words that become this one by one slip (Damerau 1964), each once, likelier kinds first.

    Letters swapped; a letter left out; one too many; a wrong one. The first letter is taken as right. About 60 words a
    letter; none for a word with signs or digits, of two alphabets or longer than any real one.

    Args:
        word: casefolded.
    """
    alphabet = next((letters for letters in _ALPHABETS if all(letter in letters for letter in word)), "")
    if not alphabet or not 2 <= len(word) <= _LONGEST_WORD:
        return
    seen = {word}
    for candidate in _candidates(word, alphabet):
        if candidate not in seen:
            seen.add(candidate)
            yield candidate


def _candidates(word: str, alphabet: str) -> Iterator[str]:
    places = range(1, len(word))
    yield from (word[: i - 1] + word[i] + word[i - 1] + word[i + 1 :] for i in places)
    yield from (word[:i] + letter + word[i:] for i in (*places, len(word)) for letter in alphabet)
    yield from (word[:i] + word[i + 1 :] for i in places)
    yield from (word[:i] + letter + word[i + 1 :] for i in places for letter in alphabet)
