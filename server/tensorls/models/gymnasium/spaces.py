"""Spaces: shape, dtype and what ``sample`` gives."""

import numpy as np
from __abstract__ import boolean, integer, unknown, array


class Space:
    def __init__(self, shape=None, dtype=None, seed=None):
        self.shape = None if shape is None else tuple(shape)
        self.dtype = None if dtype is None else np.dtype(dtype)

    def seed(self, seed=None):
        return unknown("seeds")

    def contains(self, x):
        return boolean()

    def __contains__(self, x):
        return boolean()

    def sample(self, mask=None, probability=None):
        return unknown("a sample of an unknown space")

    def __getattr__(self, name):
        return unknown("a space's " + name)


class Box(Space):
    def __init__(self, low, high, shape=None, dtype=np.float32, seed=None):
        if shape is None:
            shape = np.shape(low) or np.shape(high) or (1,)
        Space.__init__(self, shape, dtype)
        self.low = array(self.shape, dtype)
        self.high = array(self.shape, dtype)
        self.low_repr = unknown("text")
        self.high_repr = unknown("text")

    def is_bounded(self, manner="both"):
        return boolean()

    def sample(self, mask=None, probability=None):
        return array(self.shape, self.dtype)


class Discrete(Space):
    def __init__(self, n, seed=None, start=0, dtype=np.int64):
        Space.__init__(self, (), np.int64)
        self.n = np.int64(n)
        self.start = np.int64(start)

    def sample(self, mask=None, probability=None):
        return np.int64(integer())


class MultiDiscrete(Space):
    def __init__(self, nvec, dtype=np.int64, seed=None, start=None):
        self.nvec = np.array(nvec, dtype=dtype)
        Space.__init__(self, self.nvec.shape, dtype)

    def sample(self, mask=None, probability=None):
        return array(self.shape, self.dtype)


class MultiBinary(Space):
    def __init__(self, n, seed=None):
        self.n = n
        Space.__init__(self, (n,) if isinstance(n, int) else tuple(n), np.int8)

    def sample(self, mask=None, probability=None):
        return array(self.shape, np.int8)


class Tuple(Space):
    def __init__(self, spaces, seed=None):
        Space.__init__(self)
        self.spaces = tuple(spaces)

    def __getitem__(self, index):
        return self.spaces[index]

    def __len__(self):
        return len(self.spaces)

    def sample(self, mask=None, probability=None):
        return tuple(space.sample() for space in self.spaces)


class Dict(Space):
    def __init__(self, spaces=None, seed=None, **named):
        Space.__init__(self)
        self.spaces = {**dict(spaces or {}), **named}

    def __getitem__(self, key):
        return self.spaces[key]

    def keys(self):
        return self.spaces.keys()

    def values(self):
        return self.spaces.values()

    def items(self):
        return self.spaces.items()

    def sample(self, mask=None, probability=None):
        return {key: space.sample() for key, space in self.spaces.items()}


def flatdim(space):
    if isinstance(space, (Box, MultiBinary)):
        return int(np.prod(space.shape))
    if isinstance(space, Discrete):
        return int(space.n)
    return integer()


def flatten_space(space):
    if isinstance(space, Box):
        return Box(-np.inf, np.inf, (flatdim(space),), space.dtype)
    if isinstance(space, Discrete):
        return Box(0, 1, (flatdim(space),), np.int64)
    return unknown("a flattened space")


def flatten(space, x):
    if isinstance(space, Box):
        return np.asarray(x, dtype=space.dtype).flatten()
    if isinstance(space, Discrete):
        return array((flatdim(space),), space.dtype)
    return unknown("a flattened sample")


def batched(space, n):
    """The space of ``n`` samples together, as vectors of environments have it."""
    if isinstance(space, Box):
        return Box(-np.inf, np.inf, (n,) + space.shape, space.dtype)
    if isinstance(space, Discrete):
        return MultiDiscrete(array((n,), np.int64))
    return unknown("a batched space")


def concatenated(space, n):
    """``n`` samples of a space as a vector of environments returns them."""
    if isinstance(space, (Box, Discrete, MultiDiscrete, MultiBinary)):
        return array((n,) + space.shape, space.dtype)
    if isinstance(space, Dict):
        return {key: concatenated(inner, n) for key, inner in space.spaces.items()}
    if isinstance(space, Tuple):
        return tuple(concatenated(inner, n) for inner in space.spaces)
    return unknown("samples of an unknown space")
