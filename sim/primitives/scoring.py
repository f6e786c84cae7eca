"""What customers think, case by case: the arithmetic of `sim.metrics.opinion`, and the sums of what comes of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case
from sim.primitives._cache import entry, inner
from sim.primitives.counting import column_of
from sim.primitives.sums import OpinionSum as O

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

THOUSANDTHS = 1000


class Weights(NamedTuple):
    """The model's numbers, by effect.

    Attributes
    ----------
    points, lowest, highest, most : float arrays (effects)
        Lost for each unit of an effect, as given and at the ends of the range; the most it takes.
    dimensions : float array (dimensions x effects)
    totals : float array (dimensions)
        Sums of these weights.
    promoter, detractor : float
        From which score on somebody is the one, below which the other.
    """

    points: Floats
    lowest: Floats
    highest: Floats
    most: Floats
    dimensions: Floats
    totals: Floats
    promoter: float
    detractor: float


class Scored(NamedTuple):
    """What is known of cases that ended, and what is found.

    Attributes
    ----------
    cases : int64 array (len(Case) x cases)
    amounts : float array (effects x cases)
        How much of each effect.
    own : float array (cases)
        The score without any loss.
    answers : bool array (cases)
        Who answers a survey.
    score : float array (cases)
        Filled with the scores.
    """

    cases: Ints
    amounts: Floats
    own: Floats
    answers: NDArray[np.bool_]
    score: Floats


@entry
def count_opinions(scored, weights, sums, customers, window):
    """Score cases and count them.

    Parameters
    ----------
    scored : Scored
    weights : Weights
    sums : int64 array (len(OpinionSum) x streams x columns)
    customers : int64 array (2 x customers)
        How many surveys each counted customer has answered, and the sum of the scores; changed in place.
    window : Window
    """
    _count_opinions(scored, weights, sums, customers, window, np.empty(len(weights.points)))


@inner
def _count_opinions(scored, weights, sums, customers, window, left):
    column = np.int64(0)
    for i in range(len(scored.own)):
        column = column_of(window, sums.shape[2] - 1, scored.cases[Case.ARRIVED, i], column)
        at = sums[:, scored.cases[Case.STREAM, i], column]
        lost = _count_losses(at, scored, weights, i, left)
        _count_dimensions(at, weights, left)
        score = _cut(scored.own[i] - lost)
        low = _cut(scored.own[i] - _losses(scored, weights.highest, weights.most, i))
        high = _cut(scored.own[i] - _losses(scored, weights.lowest, weights.most, i))
        scored.score[i] = score
        _count_scores(at, scored.answers[i], _thousandths(score), _thousandths(low), _thousandths(high))
        if scored.answers[i]:
            at[O.PRAISED] += score >= weights.promoter
            _count_survey(at, weights, customers, scored.cases[Case.CUSTOMER, i], _thousandths(score))


@inner
def _thousandths(value):
    return np.int64(np.rint(value * THOUSANDTHS))


@inner
def _cut(value):
    return min(max(value, 0.0), 100.0)


@inner
def _losses(scored, points, most, i):
    """Points lost by a case."""
    lost = 0.0
    for effect in range(len(points)):
        lost += min(scored.amounts[effect, i] * points[effect], most[effect])
    return lost


@inner
def _count_losses(at, scored, weights, i, left):
    """Points lost by a case; ``left`` is filled with the share of what an effect can take that it did not, of 100."""
    lost = 0.0
    for effect in range(len(left)):
        most = weights.most[effect]
        points = min(scored.amounts[effect, i] * weights.points[effect], most)
        lost += points
        left[effect] = 100.0 * (1.0 - points / (most if most > 0.0 else 1.0))
        at[O.LOST_TO_WAIT + effect] += _thousandths(points)
    return lost


@inner
def _count_dimensions(at, weights, left):
    for dimension in range(len(weights.dimensions)):
        above = 0.0
        for effect in range(len(left)):
            above += weights.dimensions[dimension, effect] * left[effect]
        at[O.RELIABILITY + dimension] += _thousandths(above / weights.totals[dimension])


@inner
def _count_scores(at, answers, score, low, high):
    at[O.SCORED] += 1
    at[O.SCORE] += score
    at[O.SCORE_LOW] += low
    at[O.SCORE_HIGH] += high
    if answers:
        at[O.SURVEYED] += 1
        at[O.SURVEY_SCORE] += score
        at[O.SURVEY_LOW] += low
        at[O.SURVEY_HIGH] += high


@inner
def _count_survey(at, weights, customers, customer, score):
    """Count customers by the mean of the surveys they answered so far: what changes with this one is added.

    The changes add up to what customers are at the end. A case of a customer who is not counted stands for one.
    """
    promoter, detractor = weights.promoter * THOUSANDTHS, weights.detractor * THOUSANDTHS
    if customer < 0:
        at[O.RESPONDENTS] += 1
        at[O.PROMOTERS] += score >= promoter
        at[O.DETRACTORS] += score < detractor
        return
    if customers[0, customer]:
        mean = customers[1, customer] / customers[0, customer]
        at[O.PROMOTERS] -= mean >= promoter
        at[O.DETRACTORS] -= mean < detractor
    else:
        at[O.RESPONDENTS] += 1
    customers[0, customer] += 1
    customers[1, customer] += score
    mean = customers[1, customer] / customers[0, customer]
    at[O.PROMOTERS] += mean >= promoter
    at[O.DETRACTORS] += mean < detractor
