"""Environments whose steps are of four values or of five: the program that unpacks them knows which."""

import numpy as np
from gymnasium.registration import HARMLESS, KnownEnv, known, like
from __abstract__ import boolean, mapping, unknown, array, is_option, one_of, unpacked

from .spaces import Box, Discrete


class OldEnv(KnownEnv):
    def __init__(self, observed, dtype, acts, rewards):
        KnownEnv.__init__(self, observed, dtype, acts, rewards)
        self.dtype = dtype if dtype is np.float64 or dtype is np.uint8 else None
        if not isinstance(acts, tuple):
            self.action_space = Discrete(acts)

    def observe(self):
        if isinstance(self.observation_space, Box):
            return array(self.observation_space.shape, self.dtype)
        return unknown("a discrete observation")

    def reset(self, *, seed=None, options=None, return_info=False):
        observation = self.observe()
        if unpacked("step") == 4 and not return_info:
            return observation
        return one_of(observation, (observation, mapping()))

    def step(self, action):
        observation, reward, info = self.observe(), self.reward(), mapping()
        return one_of((observation, reward, boolean(), info), (observation, reward, boolean(), boolean(), info))


def make(id, **options):
    found = known(id) if isinstance(id, str) else None
    if found is None and isinstance(id, str) and id == "Pendulum-v0":
        found = known("Pendulum-v1")
    if found is None and isinstance(id, str) and id == "LunarLander-v1":
        found = known("LunarLander-v2")
    if found is None or not all(name in HARMLESS for name in options):
        return unknown("an environment that is not known here")
    return OldEnv(*(like(id, *found) if is_option(id) else found))
