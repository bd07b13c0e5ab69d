"""That many single draws and one sized draw are the same, for all draws that the rules of simulations put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deloop.transforms.draws.tables import DIMENSIONS, GENERATOR_ONLY, LEGACY_ONLY, LISTABLE, PARAMETERS

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "chisquare": (3,),
    "standard_t": (3,),
    "triangular": (0.0, 1.0, 2.0),
    "f": (3, 4),
    "binomial": (10, 0.3),
    "geometric": (0.3,),
    "negative_binomial": (5, 0.4),
    "hypergeometric": (10, 5, 7),
    "zipf": (2.0,),
    "logseries": (0.5,),
    "integers": (0, 10),
    "randint": (0, 10),
    "choice": (np.arange(7) * 1.5,),
    "uniform": (-1.0, 2.0),
}
GENERATORS: dict[str, Callable[[], Any]] = {
    "pcg64": lambda: np.random.default_rng(3),
    "mt19937": lambda: np.random.Generator(np.random.MT19937(3)),
    "legacy": lambda: np.random.RandomState(3),
}
DRAWS = [
    (kind, method)
    for kind in GENERATORS
    for method in sorted(PARAMETERS)
    if method not in (GENERATOR_ONLY if kind == "legacy" else LEGACY_ONLY)
]


def arguments(method: str) -> tuple[Any, ...]:
    return ARGUMENTS.get(method, (1.5,) * len(PARAMETERS[method]))


def sized(generator: Any, method: str, shape: tuple[int, ...]) -> Any:
    draw = getattr(generator, method)
    return draw(*shape) if method in DIMENSIONS else draw(*arguments(method), size=shape)


def left(generator: Any) -> list[Any]:
    """What the generator draws next: numbers of several widths, so that buffered bits show."""
    return [generator.random(), generator.standard_normal(), generator.random()]


@pytest.mark.parametrize(("kind", "method"), DRAWS)
def test_one_by_one_and_all_at_once(kind: str, method: str) -> None:
    one, many = GENERATORS[kind](), GENERATORS[kind]()
    singles = [getattr(one, method)(*arguments(method)) for _ in range(200)]
    assert np.array_equal(singles, sized(many, method, (200,)))
    assert left(one) == left(many)


@pytest.mark.parametrize(("kind", "method"), DRAWS)
def test_samples_are_rows(kind: str, method: str) -> None:
    one, many = GENERATORS[kind](), GENERATORS[kind]()
    samples = [sized(one, method, (7,)) for _ in range(60)]
    batches = [sized(many, method, (rows, 7)) for rows in (25, 25, 10)]
    assert np.array_equal(samples, np.concatenate(batches))
    assert left(one) == left(many)


@pytest.mark.parametrize(("kind", "method"), [(k, m) for k, m in DRAWS if m in LISTABLE])
def test_several_parameters_take_turns(kind: str, method: str) -> None:
    one, many = GENERATORS[kind](), GENERATORS[kind]()
    other = tuple(a + 0.5 for a in arguments(method))
    pairs = [(getattr(one, method)(*arguments(method)), getattr(one, method)(*other)) for _ in range(100)]
    both = [list(p) for p in zip(arguments(method), other, strict=True)]
    assert np.array_equal(pairs, getattr(many, method)(*both, size=(100, 2)))
    assert left(one) == left(many)


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("function", ["mean", "sum", "std", "var", "max", "min", "median", "prod"])
@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 129, 1000])
def test_a_row_has_the_bits_of_a_sample(kind: str, function: str, size: int) -> None:
    rows = GENERATORS[kind]().standard_normal((50, 2, size))
    reduce_ = getattr(np, function)
    for table in (rows[:, 0], rows[:, 1], np.ascontiguousarray(rows[:, 0]) * 3):
        assert [reduce_(r.copy()) for r in table] == list(reduce_(table, axis=1))
