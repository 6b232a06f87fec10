"""Data sets that are generated: their sizes are arguments."""

import numpy
from __abstract__ import like, unknown


def _points(rows, columns):
    """In whatever order they lie in memory."""
    return like(numpy.zeros((rows, columns)))


def make_classification(n_samples=100, n_features=20, *, return_X_y=True, **kwargs):
    if not return_X_y:
        return unknown("generated data set")
    return _points(n_samples, n_features), numpy.zeros(n_samples, dtype=int)


def make_regression(
    n_samples=100,
    n_features=100,
    *,
    n_informative=10,
    n_targets=1,
    bias=0.0,
    effective_rank=None,
    tail_strength=0.5,
    noise=0.0,
    shuffle=True,
    coef=False,
    random_state=None,
):
    shape = (n_samples,) if n_targets == 1 else (n_samples, n_targets)
    weights = (n_features,) if n_targets == 1 else (n_features, n_targets)
    if coef:
        return _points(n_samples, n_features), numpy.zeros(shape), numpy.zeros(weights)
    return _points(n_samples, n_features), numpy.zeros(shape)


def make_blobs(
    n_samples=100,
    n_features=2,
    *,
    centers=None,
    cluster_std=1.0,
    center_box=(-10.0, 10.0),
    shuffle=True,
    random_state=None,
    return_centers=False,
):
    if not isinstance(n_samples, int):
        n_samples = sum(n_samples)
    if centers is not None and not isinstance(centers, int):
        n_features = numpy.asarray(centers).shape[1]
    if return_centers:
        return unknown("generated data set")
    return _points(n_samples, n_features), numpy.zeros(n_samples, dtype=int)


def _rings(n_samples):
    if not isinstance(n_samples, int):
        n_samples = sum(n_samples)
    return _points(n_samples, 2), numpy.zeros(n_samples, dtype=int)


def make_moons(n_samples=100, *, shuffle=True, noise=None, random_state=None):
    return _rings(n_samples)


def make_circles(n_samples=100, *, shuffle=True, noise=None, random_state=None, factor=0.8):
    return _rings(n_samples)


def _rolls(n_samples):
    return _points(n_samples, 3), numpy.zeros(n_samples)


def make_swiss_roll(n_samples=100, *, noise=0.0, random_state=None, hole=False):
    return _rolls(n_samples)


def make_s_curve(n_samples=100, *, noise=0.0, random_state=None):
    return _rolls(n_samples)


def make_friedman1(n_samples=100, n_features=10, *, noise=0.0, random_state=None):
    return _points(n_samples, n_features), numpy.zeros(n_samples)


def make_gaussian_quantiles(*, mean=None, cov=1.0, n_samples=100, n_features=2, n_classes=3, shuffle=True, random_state=None):
    return _points(n_samples, n_features), numpy.zeros(n_samples, dtype=int)


def make_biclusters(*args, **kwargs):
    return unknown("generated data set")
