"""Addressed draws: Philox against its authors' published answers, and addresses that do not touch each other."""

import numba
import numpy as np
import pytest

from sim.primitives import Purpose, name_id, philox4x32, replication_key, uniform, uniform_bits, uniform_pair

# Random123 1.14, tests/kat_vectors, lines "philox4x32 10": counter, key, answer.
PUBLISHED = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text):
    return [np.uint64(int(word, 16)) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "answer"), PUBLISHED, ids=["zeros", "ones", "digits of pi"])
def test_published_answers(counter, key, answer):
    assert list(philox4x32(*words(counter), *words(key))) == words(answer)


def test_an_address_is_a_counter_and_its_draw_the_top_53_bits():
    """Case, stream, step, and purpose above the repetition make the third published counter."""
    key = np.uint64(0x299F31D0A4093822)
    bits = uniform_bits(key, 0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03, 0x707344)
    assert bits == 0xD16CFE0994FDCCEB >> 11
    assert uniform(key, 0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03, 0x707344) == (bits + 0.5) / 2**53


@numba.njit
def pair_of(key, case, stream_id, step_id, purposes, repetitions):
    return uniform_pair(key, case, stream_id, step_id, purposes, repetitions)


def test_two_draws_at_once_are_the_two_draws():
    """At the third published counter, at the largest one and at random ones; either of a pair may be either."""
    key = np.uint64(0x299F31D0A4093822)
    published, other = pair_of(key, 0x243F6A88, 0x85A308D3, 0x13198A2E, (0x03, 0xFF), (0x707344, 0xFFFFFF))
    assert published == ((0xD16CFE0994FDCCEB >> 11) + 0.5) / 2**53
    assert other == uniform(key, 0x243F6A88, 0x85A308D3, 0x13198A2E, 0xFF, 0xFFFFFF)
    all_ones = np.uint64(2**64 - 1)
    assert (
        pair_of(all_ones, 2**32 - 1, 2**32 - 1, 2**32 - 1, (0xFF, 0xFF), (0xFFFFFF, 0xFFFFFF))
        == (((0x408F276D41C83B0E >> 11) + 0.5) / 2**53,) * 2
    )
    chance = np.random.default_rng(4)
    for _ in range(1000):
        key = chance.integers(2**64, dtype=np.uint64)
        case, stream_id, step_id = chance.integers(2**32, size=3).tolist()
        purposes = tuple(chance.integers(2**8, size=2).tolist())
        repetitions = tuple(chance.integers(2**24, size=2).tolist())
        drawn = pair_of(key, case, stream_id, step_id, purposes, repetitions)
        assert drawn == tuple(
            uniform(key, case, stream_id, step_id, *place) for place in zip(purposes, repetitions, strict=True)
        )


def test_a_replications_key_is_a_draw_under_the_seed():
    assert replication_key(0, 0) == 0xE169C58D6627E8D5
    assert replication_key(0, 1) != replication_key(1, 0) != replication_key(0, 0)


def test_every_part_of_an_address_counts():
    key = replication_key(7, 3)
    base = (5, name_id("a"), name_id("b"), Purpose.TALK, 2)
    draws = {uniform_bits(key, *base)}
    for place in range(5):
        draws.add(uniform_bits(key, *(value + (i == place) for i, value in enumerate(base))))
    assert len(draws) == 6


def test_uniforms_are_uniform_and_do_not_follow_each_other():
    """Mean and variance within four standard errors, no correlation between neighbours."""
    key, n = replication_key(11, 0), 40_000
    draws = np.array([uniform(key, case, 1, 2, Purpose.TALK, 0) for case in range(n)])
    assert 0 < draws.min() < draws.max() < 1
    assert abs(draws.mean() - 1 / 2) < 4 / np.sqrt(12 * n)
    assert abs(draws.var() - 1 / 12) < 4 * np.sqrt(1 / 180 / n)
    assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 4 / np.sqrt(n)
