from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.benchmarks.synthetic import TENANTS, Synthetic, tenant_sizes


@pytest.fixture(scope="module")
def made() -> Synthetic:
    """Real vectors lie in few directions: these in eight of 32."""
    random = np.random.default_rng(1)
    real = (random.standard_normal((600, 8)) @ random.standard_normal((8, 32))).astype(np.float32)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    return Synthetic(real[:500], real[500:])


@given(st.integers(0, 10_000_000))
def test_tenants_are_uneven_and_add_up(n: int) -> None:
    sizes = tenant_sizes(n)
    assert len(sizes) == TENANTS
    assert sum(sizes) == n
    assert all(size >= 0 for size in sizes)
    if n >= 100_000:
        assert sizes[0] == pytest.approx(50 * sizes[-1], rel=0.05)


def test_vectors_are_unit_and_each_tenant_has_its_share(made: Synthetic) -> None:
    held = dict.fromkeys(range(TENANTS), 0)
    for tenant, chunk in made.vectors(120_000, seed=3):
        assert chunk.dtype == np.float16
        assert np.allclose(np.linalg.norm(chunk.astype(np.float32), axis=1), 1, atol=2e-3)
        held[tenant] += len(chunk)
    assert list(held.values()) == tenant_sizes(120_000)


def test_the_same_seed_gives_the_same(made: Synthetic) -> None:
    first, again, other = (list(made.vectors(2_000, seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(one[1], two[1]) for one, two in zip(first, again, strict=True))
    assert not all(one[0] == two[0] for one, two in zip(first, other, strict=True))


def test_vectors_are_as_near_to_real_ones_as_those_to_one_another(made: Synthetic) -> None:
    chunk = np.concatenate([chunk for _, chunk in made.vectors(2_000, seed=1)]).astype(np.float32)
    near = made.real @ made.real.T
    np.fill_diagonal(near, -1)
    wanted = np.median(near.max(axis=1))
    # The nearest real one may be another than it was made from: a little nearer, never much farther.
    assert wanted - 0.05 <= np.median((chunk @ made.real.T).max(axis=1)) <= 1.0 - (1.0 - wanted) / 4
