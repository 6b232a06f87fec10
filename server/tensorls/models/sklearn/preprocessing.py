"""sklearn.preprocessing: arrays of floats of the same shape."""

import numpy
from __abstract__ import like, unknown
from pandas import DataFrame


def _scaled(X):
    """What a scaler gives: floats keep their width, everything else becomes double."""
    if not isinstance(X, (numpy.ndarray, list, DataFrame)):
        return unknown("scaled values")  # sparse matrices stay sparse
    X = numpy.asarray(X)
    if X.dtype == numpy.float32 or X.dtype == numpy.float64 or X.dtype == numpy.float16:
        return like(X)
    return like(X.astype(numpy.float64))


class _Scaler:
    def __init__(self, *args, **kwargs):
        pass

    def __getattr__(self, name):
        return unknown("state of a scaler")

    def fit(self, X, y=None, sample_weight=None):
        return self

    def partial_fit(self, X, y=None, sample_weight=None):
        return self

    def transform(self, X, copy=None):
        return _scaled(X)

    def fit_transform(self, X, y=None, **fit_params):
        return _scaled(X)

    def inverse_transform(self, X, copy=None):
        return _scaled(X)


class StandardScaler(_Scaler):
    pass


class MinMaxScaler(_Scaler):
    pass


class MaxAbsScaler(_Scaler):
    pass


class RobustScaler(_Scaler):
    pass


class Normalizer(_Scaler):
    pass


class LabelEncoder:
    def __init__(self):
        self.classes_ = unknown("classes of an encoder")

    def fit(self, y):
        return self

    def fit_transform(self, y):
        return numpy.zeros(len(y), dtype=numpy.int64)

    def transform(self, y):
        return numpy.zeros(len(y), dtype=numpy.int64)


def scale(X, *, axis=0, with_mean=True, with_std=True, copy=True):
    return _scaled(X)


def minmax_scale(X, feature_range=(0, 1), *, axis=0, copy=True):
    return _scaled(X)
