"""Several environments that step together."""

import numpy as np
from __abstract__ import unknown, array

from . import registration
from .core import Env, some_info
from .spaces import batched, concatenated


class VectorEnv(Env):
    def __init__(self, env, num_envs):
        self.num_envs = num_envs
        self.single_observation_space = env.observation_space
        self.single_action_space = env.action_space
        self.observation_space = batched(self.single_observation_space, num_envs)
        self.action_space = batched(self.single_action_space, num_envs)

    def reset(self, *, seed=None, options=None):
        return concatenated(self.single_observation_space, self.num_envs), some_info()

    def step(self, actions):
        n = self.num_envs
        return concatenated(self.single_observation_space, n), self.rewards(n), self.flags(n), self.flags(n), some_info()

    def rewards(self, n):
        return array((n,), None)

    def flags(self, n):
        return array((n,), np.bool_)

    def __getattr__(self, name):
        return unknown("a vector environment's " + name)


class SyncVectorEnv(VectorEnv):
    def __init__(self, env_fns, observation_space=None, action_space=None, copy=True, **options):
        made = [make() for make in env_fns]
        VectorEnv.__init__(self, made[0], len(made))

    def rewards(self, n):
        return array((n,), np.float64)


class AsyncVectorEnv(SyncVectorEnv):
    pass


def make(id, num_envs=1, asynchronous=True, wrappers=None, **options):
    if wrappers is not None:
        return unknown("a wrapped vector of environments")
    return SyncVectorEnv([lambda: registration.make(id) for _ in range(num_envs)])
