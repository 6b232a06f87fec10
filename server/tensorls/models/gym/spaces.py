"""Spaces: discrete ones count in Python's integers here."""

from gymnasium.spaces import Box, Dict, MultiBinary, MultiDiscrete, Space, Tuple, flatdim, flatten, flatten_space
from gymnasium.spaces import Discrete as NumpyDiscrete
from __abstract__ import integer


class Discrete(NumpyDiscrete):
    def __init__(self, n, seed=None, start=0):
        NumpyDiscrete.__init__(self, n)
        self.n = n

    def sample(self, mask=None):
        return integer()
