"""sklearn.model_selection: how many samples go where."""

import math

from __abstract__ import like, unknown


def _count(share, total, up):
    """A share as a number of samples: rounded up for the test part, down for the training part."""
    if isinstance(share, float):
        return math.ceil(share * total) if up else math.floor(share * total)
    return share


def train_test_split(*arrays, test_size=None, train_size=None, random_state=None, shuffle=True, stratify=None):
    total = len(arrays[0])
    if test_size is None and train_size is None:
        test_size = 0.25
    if test_size is None:
        train = _count(train_size, total, False)
        test = total - train
    else:
        test = _count(test_size, total, True)
        train = total - test if train_size is None else _count(train_size, total, False)
    parts = []
    for values in arrays:
        parts.append(_take(values, train))
        parts.append(_take(values, test))
    return parts


def _take(values, count):
    """So many of the values, picked by an index array."""
    if isinstance(values, list):
        return values[:count]
    if hasattr(values, "shape"):
        return like(values[:count])
    return unknown("part of a table")


class KFold:
    def __init__(self, n_splits=5, *, shuffle=False, random_state=None):
        self.n_splits = n_splits

    def get_n_splits(self, X=None, y=None, groups=None):
        return self.n_splits

    def split(self, X, y=None, groups=None):
        return unknown("indices of folds")


class StratifiedKFold(KFold):
    pass
