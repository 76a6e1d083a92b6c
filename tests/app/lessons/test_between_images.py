"""Page 12's numbers against a mixture of torch.distributions and a plain search."""

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree
from torch.distributions import (
    Categorical,
    Independent,
    MixtureSameFamily,
    MultivariateNormal,
    Normal,
)

from latentlab.app.lessons.between_images import (
    WITH_KL,
    WITHOUT_KL,
    AskPairs,
    AskWay,
)
from latentlab.data.binarise import binarise_fixed


def aggregate(lesson, name):
    """q(z) of all training images, and their codes."""
    shipped = lesson.shipped(name)
    x = torch.tensor(binarise_fixed(shipped.train.images)).float().flatten(1)
    with torch.no_grad():
        mu, logvar = shipped.vae.encode(x)
    each = Independent(Normal(mu.double(), torch.exp(0.5 * logvar.double())), 1)
    q = MixtureSameFamily(Categorical(logits=torch.zeros(len(x), dtype=torch.float64)), each)
    return q, mu.double().numpy()


@pytest.mark.parametrize("name", [WITHOUT_KL, WITH_KL])
def test_the_densities_and_distances_along_a_way(lesson, name):
    way = AskWay(name, 3, 44, count=5, samples=9).answer(lesson)
    q, codes = aggregate(lesson, name)
    z = np.array([(1 - t) * np.array(way.z1) + t * np.array(way.z2) for t in way.t])
    prior = MultivariateNormal(torch.zeros(2).double(), torch.eye(2).double())
    np.testing.assert_allclose(way.t, np.arange(9) / 8)
    np.testing.assert_allclose(way.log_p, prior.log_prob(torch.tensor(z)), rtol=1e-10)
    # Without KL a code is 0.004 wide: what float32 loses of it is a part in 10⁴ of its nats.
    np.testing.assert_allclose(way.log_q, q.log_prob(torch.tensor(z)), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(way.distance, cKDTree(codes).query(z)[0], rtol=1e-4, atol=1e-6)
    assert way.n == len(codes)
    assert way.pictures.shape == (5, 28, 28)


@pytest.mark.parametrize("name", [WITHOUT_KL, WITH_KL])
def test_one_draw_in_a_hundred_is_below_the_edge(lesson, name):
    way = AskWay(name, 0, 1, count=2, samples=2).answer(lesson)
    q, _ = aggregate(lesson, name)
    torch.manual_seed(5)
    draws = q.sample((1500,))
    below = float((q.log_prob(draws) < way.edge).double().mean())
    assert below == pytest.approx(0.01, abs=0.01)


def test_the_ways_end_at_the_two_images_codes(lesson):
    way = AskWay(WITH_KL, 3, 44).answer(lesson)
    shipped = lesson.shipped(WITH_KL)
    x = torch.tensor(binarise_fixed(shipped.held_out.images[[3, 44]])).float().flatten(1)
    with torch.no_grad():
        mu, _ = shipped.vae.encode(x)
    np.testing.assert_allclose([way.z1, way.z2], mu, rtol=1e-4, atol=1e-5)


def test_the_pairs_are_what_their_titles_say(lesson):
    pairs = {pair.title: pair for pair in AskPairs().answer(lesson).pairs}
    hole = pairs["through the widest hole"]
    among = pairs["among codes all the way"]
    longest = pairs["the longest way"]
    labels = lesson.shipped(WITH_KL).held_out.labels
    assert all(labels[pair.first] != labels[pair.second] for pair in pairs.values())
    ways = {
        (name, pair): AskWay(name, pair.first, pair.second, 3).answer(lesson)
        for name in (WITHOUT_KL, WITH_KL)
        for pair in (hole, among, longest)
    }
    widest = {pair: ways[WITHOUT_KL, pair].distance.max() for pair in (hole, among)}
    assert widest[hole] > 10 * widest[among]
    length = {
        pair: np.hypot(*np.subtract(ways[WITH_KL, pair].z1, ways[WITH_KL, pair].z2))
        for pair in pairs.values()
    }
    assert length[longest] == max(length.values())


def test_without_kl_the_way_is_all_holes_and_with_it_there_are_none(lesson):
    hole = AskPairs().answer(lesson).pairs[0]
    without = AskWay(WITHOUT_KL, hole.first, hole.second).answer(lesson)
    with_kl = AskWay(WITH_KL, hole.first, hole.second).answer(lesson)
    assert without.share_in_holes > 0.9
    assert with_kl.share_in_holes < 0.1
    assert without.log_q.min() < -1000
