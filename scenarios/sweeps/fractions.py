"""Regular two-level fractional factorial designs: generators of the highest resolution, and what is confounded.

Box, Hunter and Hunter (2005), Statistics for Experimenters, chapter 6. A word is a set of factors, kept as the bits of
an integer; the words of the defining relation are those whose product of columns is constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sim.errors import ParameterError, Problem

LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
"""Names of factors in words; the letter I stands for the mean."""
_TRIES = 200_000


@dataclass(frozen=True, slots=True)
class Fraction:
    """A design of 2**basic runs.

    Attributes
    ----------
    factors : int
    basic : int
        The first factors run through all combinations.
    generators : tuple of int
        For each further factor the basic factors (bits) whose product is its column.
    """

    factors: int
    basic: int
    generators: tuple[int, ...] = ()

    @property
    def runs(self) -> int:
        """Number of runs."""
        return 1 << self.basic

    def levels(self) -> NDArray[np.int64]:
        """Low (0) or high (1) of each factor in each run (runs x factors), the first factor changing fastest."""
        runs = np.arange(self.runs)
        basic = [(runs >> place) & 1 for place in range(self.basic)]
        # With levels of -1 and 1 a product is high if an even number of its factors is low.
        further = [(1 + _low_parity(runs, mask)) % 2 for mask in self.generators]
        return np.array([*basic, *further], np.int64).T

    @property
    def words(self) -> list[int]:
        """The defining relation without the identity, shortest words first."""
        single = [mask | 1 << (self.basic + place) for place, mask in enumerate(self.generators)]
        found = [0]
        for word in single:
            found += [word ^ other for other in found]
        return sorted(found[1:], key=lambda word: (word.bit_count(), word))

    @property
    def resolution(self) -> int | None:
        """Length of the shortest word; None for a full factorial, in which nothing is confounded."""
        words = self.words
        return words[0].bit_count() if words else None

    def aliases(self) -> list[list[int]]:
        """Sets of main effects and two-factor interactions that cannot be told apart."""
        effects = [1 << one for one in range(self.factors)]
        effects += [1 << one | 1 << other for one, other in combinations(range(self.factors), 2)]
        words = self.words
        classes: dict[int, list[int]] = {}
        for effect in effects:
            classes.setdefault(min([effect, *(effect ^ word for word in words)]), []).append(effect)
        return [together for together in classes.values() if len(together) > 1]

    def said(self) -> list[str]:
        """The design, its generators and its aliases, in words."""
        lines = [f"{self.runs} runs of {self.factors} factors"]
        if not self.generators:
            return [lines[0] + ": a full factorial, nothing is confounded"]
        made = ", ".join(f"{LETTERS[self.basic + n]} = {spelled(mask)}" for n, mask in enumerate(self.generators))
        relation = " = ".join(["I", *(spelled(word) for word in self.words[:8])]) + (
            " = ..." if len(self.words) > 8 else ""
        )
        lines[0] += f", resolution {_ROMAN.get(self.resolution or 0, str(self.resolution))}: {made}; {relation}"
        pairs = [" = ".join(spelled(effect) for effect in together) for together in self.aliases()]
        lines.append("confounded up to two factors: " + ("; ".join(pairs) if pairs else "nothing"))
        return lines


_ROMAN = {3: "III", 4: "IV", 5: "V", 6: "VI", 7: "VII", 8: "VIII"}


def spelled(word: int) -> str:
    """A word in letters."""
    return "".join(LETTERS[place] for place in range(word.bit_length()) if word >> place & 1)


def _low_parity(runs: NDArray[np.int64], mask: int) -> NDArray[np.int64]:
    """Whether an odd number of a word's factors is low, run by run."""
    low = [1 - (runs >> place & 1) for place in range(mask.bit_length()) if mask >> place & 1]
    parity: NDArray[np.int64] = np.sum(low, axis=0) % 2
    return parity


def fraction(factors: int, runs: int | None = None, resolution: int | None = None) -> Fraction:
    """The fraction of so many runs with the highest resolution, or the smallest one with a resolution at least.

    Raises
    ------
    ParameterError
        If there is none.
    """
    if runs is not None:
        if runs < 2 or runs & (runs - 1) or runs > 1 << factors or factors >= runs:
            allowed = f"a power of two, more than the {factors} factors and at most {1 << factors}"
            raise ParameterError(Problem("no such fraction", allowed=allowed, given=f"{runs} runs"))
        return _best(factors, runs.bit_length() - 1)
    least = resolution or 4
    for basic in range(max(1, factors.bit_length()), factors):
        found = _with_resolution(factors, basic, least)
        if found is not None:
            return _best(factors, basic)
    return Fraction(factors, factors)


def _best(factors: int, basic: int) -> Fraction:
    """The fraction with the longest shortest word."""
    for least in range(basic + 1, 2, -1):
        found = _with_resolution(factors, basic, least)
        if found is not None:
            return found
    raise ParameterError(Problem("no such fraction", given=f"{factors} factors in {1 << basic} runs"))


def _with_resolution(factors: int, basic: int, least: int) -> Fraction | None:
    """A fraction whose words have a length at least, by depth-first search; None if none was found."""
    masks = [mask for mask in range(1, 1 << basic) if mask.bit_count() >= least - 1]
    masks.sort(key=lambda mask: (-mask.bit_count(), mask))
    tries = iter(range(_TRIES))

    def extend(chosen: tuple[int, ...], words: tuple[int, ...], begin: int) -> tuple[int, ...] | None:
        if len(chosen) == factors - basic:
            return chosen
        for place in range(begin, len(masks)):
            if next(tries, None) is None:
                return None
            word = masks[place] | 1 << (basic + len(chosen))
            new = (word, *(word ^ other for other in words))
            if min(one.bit_count() for one in new) >= least:
                found = extend((*chosen, masks[place]), (*words, *new), place + 1)
                if found is not None:
                    return found
        return None

    found = extend((), (), 0)
    return None if found is None else Fraction(factors, basic, found)


def from_words(names: Sequence[str], texts: Sequence[str]) -> Fraction:
    """The fraction of given generators, such as ``D = ABC``; factors are called A, B, C ... in the order of the plan.

    Raises
    ------
    ParameterError
        If a generator cannot be read, or its columns are not those of a design.
    """
    basic = len(names) - len(texts)
    masks: dict[int, int] = {}
    for text in texts:
        left, _, right = text.replace(" ", "").replace("*", "").partition("=")
        letters = [LETTERS.find(letter) for letter in right]
        new = LETTERS.find(left) if len(left) == 1 else -1
        if not letters or min(letters) < 0 or max(letters) >= basic or not basic <= new < len(names):
            allowed = f"one of {LETTERS[basic : len(names)]} = a product of {LETTERS[:basic]}, such as D = ABC"
            raise ParameterError(Problem("not a generator", allowed=allowed, given=text))
        masks[new] = sum({1 << letter for letter in letters})
    found = tuple(masks[place] for place in sorted(masks))
    if len(found) < len(texts) or len(set(found)) < len(found) or any(mask.bit_count() < 2 for mask in found):
        raise ParameterError(Problem("generators that confound main effects", given="; ".join(texts)))
    return Fraction(len(names), basic, found)


def words_of(fraction_: Fraction) -> Iterator[str]:
    """The defining relation in letters."""
    yield from (spelled(word) for word in fraction_.words)
