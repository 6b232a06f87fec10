"""Data sets whose sizes never change."""

import numpy
from __abstract__ import like, text, unknown


class Bunch:
    """Entries by attribute and by key."""

    def __init__(self, data, target):
        self.data = data
        self.target = target
        self.DESCR = text()

    def __getattr__(self, name):
        return unknown("entry of a data set")

    def __getitem__(self, key):
        return getattr(self, key)


def _loaded(rows, columns, kind, return_X_y, as_frame):
    if as_frame:
        return unknown("data set as a frame")
    data, target = like(numpy.zeros((rows, columns))), numpy.zeros(rows, dtype=kind)
    return (data, target) if return_X_y else Bunch(data, target)


def load_iris(*, return_X_y=False, as_frame=False):
    return _loaded(150, 4, int, return_X_y, as_frame)


def load_wine(*, return_X_y=False, as_frame=False):
    return _loaded(178, 13, int, return_X_y, as_frame)


def load_breast_cancer(*, return_X_y=False, as_frame=False):
    return _loaded(569, 30, int, return_X_y, as_frame)


def load_diabetes(*, return_X_y=False, as_frame=False, scaled=True):
    return _loaded(442, 10, numpy.float64, return_X_y, as_frame)


def load_digits(*, n_class=10, return_X_y=False, as_frame=False):
    found = _loaded(1797 if n_class == 10 else unknown("digits of some classes"), 64, int, return_X_y, as_frame)
    if isinstance(found, Bunch):
        found.images = like(numpy.zeros((len(found.data), 8, 8)))
    return found


def load_linnerud(*, return_X_y=False, as_frame=False):
    if as_frame:
        return unknown("data set as a frame")
    data, target = numpy.zeros((20, 3)), numpy.zeros((20, 3))
    return (data, target) if return_X_y else Bunch(data, target)


def fetch_california_housing(*, data_home=None, download_if_missing=True, return_X_y=False, as_frame=False, **kwargs):
    return _loaded(20640, 8, numpy.float64, return_X_y, as_frame)


def fetch_covtype(
    *, data_home=None, download_if_missing=True, random_state=None, shuffle=False, return_X_y=False, as_frame=False, **kwargs
):
    return _loaded(581012, 54, numpy.int32, return_X_y, as_frame)


def fetch_olivetti_faces(*, data_home=None, shuffle=False, random_state=0, download_if_missing=True, return_X_y=False, **kwargs):
    data, target = numpy.zeros((400, 4096), dtype=numpy.float32), numpy.zeros(400, dtype=int)
    if return_X_y:
        return (data, target)
    found = Bunch(data, target)
    found.images = data.reshape(-1, 64, 64)
    return found


def fetch_openml(*args, **kwargs):
    return unknown("data set of OpenML")
