"""Environments and wrappers around one."""

from __abstract__ import mapping, unknown


class Env:
    metadata = unknown("metadata")
    render_mode = unknown("render mode")
    spec = unknown("specification")
    reward_range = unknown("rewards")
    np_random = unknown("random numbers")

    @property
    def unwrapped(self):
        return self

    def reset(self, *, seed=None, options=None):
        return unknown("the first observation of an environment of the user")

    def step(self, action):
        return unknown("a step of an environment of the user")

    def render(self, *args, **kwargs):
        return unknown("a picture")

    def close(self):
        return None

    def seed(self, seed=None):
        return unknown("seeds")

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return None


class Wrapper(Env):
    def __init__(self, env):
        self.env = env
        self.action_space = env.action_space
        self.observation_space = env.observation_space

    @property
    def unwrapped(self):
        return self.env.unwrapped

    def reset(self, *, seed=None, options=None):
        return self.env.reset()

    def step(self, action):
        return self.env.step(action)

    def __getattr__(self, name):
        return getattr(self.env, name)


class ObservationWrapper(Wrapper):
    def reset(self, *, seed=None, options=None):
        observation, info = self.env.reset()
        return self.observation(observation), info

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        return self.observation(observation), reward, terminated, truncated, info


class RewardWrapper(Wrapper):
    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, self.reward(reward), terminated, truncated, info


class ActionWrapper(Wrapper):
    def step(self, action):
        return self.env.step(self.action(action))


def some_info():
    """Of an episode: what stands in it, nobody says."""
    return mapping()
