"""Wrappers that come with the library.  Where versions differ in the dtype they give, it is unknown."""

import numpy as np
from __abstract__ import unknown, array

from .core import ActionWrapper, ObservationWrapper, RewardWrapper, Wrapper
from .spaces import Box, flatten, flatten_space


class RecordEpisodeStatistics(Wrapper):
    def __init__(self, env, *args, **kwargs):
        Wrapper.__init__(self, env)


class RecordVideo(RecordEpisodeStatistics):
    pass


class TimeLimit(RecordEpisodeStatistics):
    pass


class OrderEnforcing(RecordEpisodeStatistics):
    pass


class Autoreset(RecordEpisodeStatistics):
    pass


class AutoResetWrapper(RecordEpisodeStatistics):
    pass


class PassiveEnvChecker(RecordEpisodeStatistics):
    pass


class HumanRendering(RecordEpisodeStatistics):
    pass


class ClipAction(ActionWrapper):
    def __init__(self, env):
        Wrapper.__init__(self, env)
        if isinstance(env.action_space, Box):
            self.action_space = Box(-np.inf, np.inf, env.action_space.shape, env.action_space.dtype)

    def action(self, action):
        return action


class RescaleAction(ClipAction):
    def __init__(self, env, min_action, max_action):
        ClipAction.__init__(self, env)


class ClipReward(RewardWrapper):
    def __init__(self, env, *args, **kwargs):
        Wrapper.__init__(self, env)

    def reward(self, reward):
        return unknown("a clipped reward")


class TransformReward(RewardWrapper):
    def __init__(self, env, f=None, func=None):
        Wrapper.__init__(self, env)
        self.f = f or func

    def reward(self, reward):
        return self.f(reward)


class NormalizeReward(RewardWrapper):
    def __init__(self, env, *args, **kwargs):
        Wrapper.__init__(self, env)

    def reward(self, reward):
        return unknown("a normalised reward")


class TransformObservation(ObservationWrapper):
    def __init__(self, env, f=None, observation_space=None, func=None):
        Wrapper.__init__(self, env)
        self.f = f or func
        if observation_space is not None:
            self.observation_space = observation_space

    def observation(self, observation):
        return self.f(observation)


class NormalizeObservation(ObservationWrapper):
    def __init__(self, env, *args, **kwargs):
        Wrapper.__init__(self, env)
        space = env.observation_space
        if isinstance(space, Box):  # some versions make it float32
            dtype = space.dtype if space.dtype == np.float32 else None
            self.observation_space = Box(-np.inf, np.inf, space.shape, np.float32)
            self.observation_space.dtype = dtype or unknown("a dtype that depends on the version")
        self.shape = unknown("shape")

    def observation(self, observation):
        if isinstance(self.observation_space, Box):
            return array(self.observation_space.shape, None)
        return unknown("a normalised observation")


class FlattenObservation(ObservationWrapper):
    def __init__(self, env):
        Wrapper.__init__(self, env)
        self.observation_space = flatten_space(env.observation_space)

    def observation(self, observation):
        return flatten(self.env.observation_space, observation)


class ResizeObservation(ObservationWrapper):
    def __init__(self, env, shape):
        Wrapper.__init__(self, env)
        size = (shape, shape) if isinstance(shape, int) else tuple(shape)
        self.observation_space = Box(0, 255, size + env.observation_space.shape[2:], np.uint8)

    def observation(self, observation):
        return array(self.observation_space.shape, np.uint8)


class GrayScaleObservation(ObservationWrapper):
    def __init__(self, env, keep_dim=False):
        Wrapper.__init__(self, env)
        size = env.observation_space.shape[:2]
        self.observation_space = Box(0, 255, size + (1,) if keep_dim else size, np.uint8)

    def observation(self, observation):
        return array(self.observation_space.shape, np.uint8)


class GrayscaleObservation(GrayScaleObservation):
    pass


class FrameStack(ObservationWrapper):
    """What it observes are frames that become an array only when they are used as one."""

    def __init__(self, env, num_stack, *args, **kwargs):
        Wrapper.__init__(self, env)
        space = env.observation_space
        self.observation_space = Box(0, 255, (num_stack,) + space.shape, space.dtype)

    def observation(self, observation):
        return unknown("stacked frames")


class FrameStackObservation(FrameStack):
    def __init__(self, env, stack_size, *args, **kwargs):
        FrameStack.__init__(self, env, stack_size)


def __getattr__(name):
    return unknown("the wrapper " + name)
