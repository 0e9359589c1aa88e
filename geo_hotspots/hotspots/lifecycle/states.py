"""Is a point active or dormant, and at which rate: a hidden Markov model of weekly counts.

A point has never been active, is dormant, or active; active, it draws Poisson calls at a rate that
wanders slowly on a grid and is remembered through dormancy. A rectification ends activity with a
known chance. The filter reads weeks forward and knows the past alone, so that it may rank; the
smoother and the sampler read them both ways and tell the history. All points advance together:
a week is one product of matrices, whatever the number of points.

Rabiner, L. R. (1989). A tutorial on hidden Markov models. Proceedings of the IEEE, 77(2), 257-286.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_FRESH, _DORMANT, _ACTIVE = range(3)
_CHUNK = 256  # points whose sums stay in the processor's cache


class Model(NamedTuple):
    """What is known beforehand of how points behave, in calls and chances a week."""

    starts: float = 0.0005  # never active so far -> active
    begins: float = 0.03  # dormant -> active again
    ends: float = 0.03  # active -> dormant
    held: float = 0.9  # active -> dormant in the week of a rectification
    base: float = 0.02  # calls while not active
    rates: tuple[float, ...] = (0.25, 0.4, 0.65, 1.0, 1.6, 2.6, 4.1, 6.5)  # calls while active
    wander: float = 0.02  # chance of moving to the next rate, either way
    renews: float = 0.1  # share of new spells whose rate owes nothing to the spell before
    first: float = 0.012  # active before the first week


class Chain(NamedTuple):
    """The model as matrices over its states: mode by rate, never active first, active last.

    Attributes
    ----------
    prior
        Belief before any week, (states,).
    usual, worked
        Chances from a state (row) to one of the next week, in a usual week and in one with a
        rectification, (states, states).
    rates
        Calls of a plain week, (states,).
    is_active
        (states,)
    """

    prior: Floats
    usual: Floats
    worked: Floats
    rates: Floats
    is_active: Flags


def build_chain(model: Model) -> Chain:
    """Write the model as matrices; small rates are common (their prior falls with the root)."""
    rates = np.array(model.rates)
    common = rates**-0.5 / (rates**-0.5).sum()
    modes = np.array([1 - model.first, 0.0, model.first])
    quiet = np.full(len(rates), model.base)
    return Chain(
        np.outer(modes, common).ravel(),
        _transitions(model, model.ends, common),
        _transitions(model, model.held, common),
        np.concatenate([quiet, quiet, rates]),
        np.repeat([False, False, True], len(rates)),
    )


def _transitions(model: Model, ends: float, common: Floats) -> Floats:
    n = len(common)
    same = np.eye(n)
    side = model.wander * (np.eye(n, k=1) + np.eye(n, k=-1))
    wanders = side + np.diag(1 - side.sum(axis=1))
    again = (1 - model.renews) * same + model.renews * common
    chances = np.zeros((3, n, 3, n))
    chances[_FRESH, :, _FRESH] = (1 - model.starts) * same
    chances[_FRESH, :, _ACTIVE] = model.starts * same
    chances[_DORMANT, :, _DORMANT] = (1 - model.begins) * same
    chances[_DORMANT, :, _ACTIVE] = model.begins * again
    chances[_ACTIVE, :, _DORMANT] = ends * same
    chances[_ACTIVE, :, _ACTIVE] = (1 - ends) * wanders
    return chances.reshape(3 * n, 3 * n)


def advance(belief: Floats, done: Flags, chain: Chain) -> Floats:
    """Carry the belief, (points, states), over to the next week.

    Parameters
    ----------
    done
        Whether a rectification took place in the week that ends, (points,).
    """
    after: Floats = belief @ chain.usual
    if done.any():
        after[done] = belief[done] @ chain.worked
    return after


def observe(belief: Floats, calls: Floats, exposure: Floats, kind: Ints, chain: Chain) -> Floats:
    """Learn from a week's calls.

    Parameters
    ----------
    calls
        Fresh callers, (points,); not always whole, since a nameless one counts in part.
    exposure
        How many plain weeks the week was worth (season, rain) to each kind of point, (kinds,).
    kind
        (points,)
    """
    seen = weigh(calls, exposure, kind, chain)
    seen *= belief
    seen /= (seen @ np.ones(seen.shape[1]))[:, None]
    return seen


def weigh(calls: Floats, exposure: Floats, kind: Ints, chain: Chain) -> Floats:
    """Give the Poisson likelihood of each point's week, (points, states), the largest as 1.

    What all states share (the exposure's power, the factorial) is left out. Most points are
    silent in a week, and silence is equally likely at all points of a kind.
    """
    likelihood = _weigh(np.zeros(len(exposure)), exposure, chain)[kind]
    heard = np.flatnonzero(calls)
    likelihood[heard] = _weigh(calls[heard], exposure[kind[heard]], chain)
    return likelihood


def _weigh(calls: Floats, exposure: Floats, chain: Chain) -> Floats:
    logs = np.outer(calls, np.log(chain.rates)) - np.outer(exposure, chain.rates)
    likelihood: Floats = np.exp(logs - logs.max(axis=1, keepdims=True))
    return likelihood


def expect(belief: Floats, chain: Chain) -> Floats:
    """Expect the calls of a plain week that the belief is about, (points,)."""
    calls: Floats = belief @ chain.rates
    return calls


def filter_weeks(calls: Floats, done: Flags, chain: Chain) -> Floats:
    """Give the belief at the end of each week, knowing that week and those before.

    Parameters
    ----------
    calls, done
        (points, weeks).

    Returns
    -------
    beliefs
        (points, weeks, states).
    """
    points, weeks = calls.shape
    belief = np.broadcast_to(chain.prior, (points, len(chain.prior)))
    beliefs = np.empty((points, weeks, len(chain.prior)))
    plain, alike = np.ones(1), np.zeros(points, np.int64)
    for week in range(weeks):
        belief = observe(belief, calls[:, week], plain, alike, chain)
        beliefs[:, week] = belief
        belief = advance(belief, done[:, week], chain)
    return beliefs


def smooth_weeks(calls: Floats, done: Flags, chain: Chain) -> Floats:
    """Give the chance that a point was active in each week, knowing all weeks, (points, weeks)."""
    beliefs = filter_weeks(calls, done, chain)
    points, weeks = calls.shape
    later = np.ones((points, len(chain.prior)))
    plain, alike = np.ones(1), np.zeros(points, np.int64)
    active = np.empty((points, weeks))
    for week in range(weeks - 1, -1, -1):
        both = beliefs[:, week] * later
        active[:, week] = both[:, chain.is_active].sum(axis=1) / both.sum(axis=1)
        if week:
            ahead = weigh(calls[:, week], plain, alike, chain) * later
            later = ahead @ chain.usual.T
            was_done = done[:, week - 1]
            later[was_done] = ahead[was_done] @ chain.worked.T
            later /= later.max(axis=1, keepdims=True)
    return active


def sample_paths(
    calls: Floats, done: Flags, chain: Chain, *, n: int, rng: np.random.Generator
) -> Flags:
    """Draw courses that each point may have taken, as likely as its weeks make them.

    Returns
    -------
    is_active
        (n, points, weeks): forward filtering, backward sampling.
    """
    beliefs = filter_weeks(calls, done, chain)
    points, weeks = calls.shape
    is_active = np.empty((n, points, weeks), dtype=bool)
    chances = rng.random((n, points))
    state = _draw(np.cumsum(beliefs[:, -1].T, axis=0), np.arange(points), chances)
    sources = _list_sources(chain)
    for week in range(weeks - 1, -1, -1):
        is_active[:, :, week] = chain.is_active[state]
        if week:
            chances = rng.random((n, points))
            for start in range(0, points, _CHUNK):
                some = slice(start, start + _CHUNK)
                into = _add_up_into(beliefs[some, week - 1], done[some, week - 1], sources)
                after = state[:, some]
                column = after + sources.states.shape[1] * np.arange(into.shape[1])
                drawn = _draw(into.reshape(len(into), -1), column, chances[:, some])
                state[:, some] = sources.states[drawn, after]
    return is_active


class _Sources(NamedTuple):
    """Which states may lead into each, so that chances of nought are not added up.

    Attributes
    ----------
    states
        (most of them, states of the next week); where fewer do, some of no weight.
    usual, worked
        Their chances to, as `states`.
    """

    states: Ints
    usual: Floats
    worked: Floats


def _list_sources(chain: Chain) -> _Sources:
    leads = (chain.usual > 0) | (chain.worked > 0)
    most = int(leads.sum(axis=0).max())
    states = np.argsort(~leads, axis=0, kind="stable")[:most]
    usual, worked = (np.take_along_axis(t, states, axis=0) for t in (chain.usual, chain.worked))
    return _Sources(states, usual, worked)


def _add_up_into(belief: Floats, done: Flags, sources: _Sources) -> Floats:
    """Add up how likely the states of a week lead into each of the next week's.

    Returns
    -------
    (sources, points, states of the next week): each source's weight and those before it.
    """
    before = belief.T[sources.states].transpose(0, 2, 1)
    into = before * sources.usual[:, None, :]
    into[:, done] = before[:, done] * sources.worked[:, None, :]
    return np.cumsum(into, axis=0)


def _draw(sums: Floats, column: Ints, chances: Floats) -> Ints:
    """Draw one of a column's entries in proportion to their weights.

    Parameters
    ----------
    sums
        Weights added up along the first axis, (entries, columns).
    column, chances
        Which column each draw is from, and where between 0 and 1 it falls.
    """
    at = chances * sums[-1].take(column)
    drawn = np.zeros(at.shape, dtype=np.int64)
    for so_far in sums[:-1]:
        drawn += so_far.take(column) < at
    return drawn
