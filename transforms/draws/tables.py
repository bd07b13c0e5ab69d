"""Random draws of NumPy of which many single calls and one sized call give the same numbers and the same end state.

Measured for `Generator` (PCG64, MT19937) and `RandomState`, NumPy 1.26 to 2.4. Left out: `multivariate_normal` (last
bits), `shuffle`, `permutation`, and narrow integers, which share a buffered word between calls.
"""

from __future__ import annotations

#: method -> its parameters in front of `size`
PARAMETERS: dict[str, tuple[str, ...]] = {
    "random": (),
    "random_sample": (),
    "rand": (),
    "randn": (),
    "standard_normal": (),
    "standard_exponential": (),
    "standard_cauchy": (),
    "uniform": ("low", "high"),
    "normal": ("loc", "scale"),
    "lognormal": ("mean", "sigma"),
    "exponential": ("scale",),
    "gamma": ("shape", "scale"),
    "standard_gamma": ("shape",),
    "beta": ("a", "b"),
    "chisquare": ("df",),
    "standard_t": ("df",),
    "laplace": ("loc", "scale"),
    "logistic": ("loc", "scale"),
    "gumbel": ("loc", "scale"),
    "pareto": ("a",),
    "weibull": ("a",),
    "power": ("a",),
    "rayleigh": ("scale",),
    "triangular": ("left", "mode", "right"),
    "vonmises": ("mu", "kappa"),
    "wald": ("mean", "scale"),
    "f": ("dfnum", "dfden"),
    "poisson": ("lam",),
    "binomial": ("n", "p"),
    "geometric": ("p",),
    "negative_binomial": ("n", "p"),
    "hypergeometric": ("ngood", "nbad", "nsample"),
    "zipf": ("a",),
    "logseries": ("p",),
    "integers": ("low", "high"),
    "randint": ("low", "high"),
    "choice": ("a",),
}
#: Draws of whole numbers; all others but `choice` are floats.
WHOLE = frozenset(
    {
        *("poisson", "binomial", "geometric", "negative_binomial", "hypergeometric", "zipf", "logseries"),
        *("integers", "randint"),
    }
)
#: Draws that are below zero about as often as above, whatever is asked for.
SIGNED = frozenset(
    {"randn", "standard_normal", "standard_cauchy", "normal", "standard_t", "laplace", "logistic", "gumbel"}
)
#: Draws whose scalars are NumPy's, not Python's.
NUMPY_SCALARS = frozenset({"integers", "choice"})
#: Draws that take the shape as separate numbers.
DIMENSIONS = frozenset({"rand", "randn"})
#: What only one of the two kinds of generators has.
GENERATOR_ONLY = frozenset({"integers"})
LEGACY_ONLY = frozenset({"randint", "rand", "randn", "random_sample"})
#: Methods by which an object that nothing is known of is taken for a generator.
TELLING = frozenset(
    {
        *("choice", "exponential", "integers", "lognormal", "normal", "poisson", "rand", "randint", "randn"),
        *("random", "random_sample", "standard_normal", "uniform"),
    }
)
#: Parameters that give floats in an array of their own, one for each of several draws a round.
LISTABLE = frozenset(
    {
        *("uniform", "normal", "lognormal", "exponential", "gamma", "beta", "laplace", "logistic", "gumbel"),
        *("poisson", "rayleigh", "weibull", "pareto", "chisquare", "standard_t"),
    }
)
#: Keywords that change nothing about how draws follow one another.
WORDS = {"replace": (True,), "dtype": ("int", "np.int64", "numpy.int64", "'int64'"), "endpoint": (True, False)}
#: Which words a draw takes.
TAKES = {"choice": ("replace", "p"), "integers": ("dtype", "endpoint")}
