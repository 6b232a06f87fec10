"""The environments that come with the library: what each observes, accepts and pays."""

import numpy as np
from __abstract__ import boolean, number, integer, unknown, array, is_option, size

from . import vector
from .core import Env, some_info
from .spaces import Box, Discrete

#: Of these, rewards are Python's numbers; NumPy's; or one or the other, by version.
FLOAT, INT, NUMPY, EITHER = "float", "int", "numpy", "either"

#: Name without its version: shape of observations, their dtype (an int: that many discrete ones), actions (an int: that
#: many discrete ones), rewards, and the versions of which this holds.
KNOWN = {
    "CartPole": ((4,), np.float32, 2, FLOAT, ("v0", "v1")),
    "MountainCar": ((2,), np.float32, 3, FLOAT, ("v0",)),
    "MountainCarContinuous": ((2,), np.float32, (1,), FLOAT, ("v0",)),
    "Pendulum": ((3,), np.float32, (1,), NUMPY, ("v1",)),
    "Acrobot": ((6,), np.float32, 3, FLOAT, ("v1",)),
    "LunarLander": ((8,), np.float32, 4, EITHER, ("v2", "v3")),
    "LunarLanderContinuous": ((8,), np.float32, (2,), EITHER, ("v2", "v3")),
    "BipedalWalker": ((24,), np.float32, (4,), EITHER, ("v3",)),
    "BipedalWalkerHardcore": ((24,), np.float32, (4,), EITHER, ("v3",)),
    "CarRacing": ((96, 96, 3), np.uint8, (3,), EITHER, ("v2", "v3")),
    "FrozenLake": (16, None, 4, EITHER, ("v1",)),
    "FrozenLake8x8": (64, None, 4, EITHER, ("v1",)),
    "CliffWalking": (48, None, 4, INT, ("v0", "v1")),
    "Taxi": (500, None, 6, INT, ("v3",)),
    "HalfCheetah": ((17,), np.float64, (6,), NUMPY, ("v2", "v3", "v4", "v5")),
    "Hopper": ((11,), np.float64, (3,), EITHER, ("v2", "v3", "v4", "v5")),
    "Walker2d": ((17,), np.float64, (6,), EITHER, ("v2", "v3", "v4", "v5")),
    "Swimmer": ((8,), np.float64, (2,), EITHER, ("v2", "v3", "v4", "v5")),
    "Reacher": ((11,), np.float64, (2,), EITHER, ("v2", "v4")),
    "Pusher": ((23,), np.float64, (7,), EITHER, ("v2", "v4", "v5")),
    "InvertedPendulum": ((4,), np.float64, (1,), EITHER, ("v2", "v4", "v5")),
    "InvertedDoublePendulum": ((11,), np.float64, (1,), EITHER, ("v2", "v4")),
    "Humanoid": ((376,), np.float64, (17,), EITHER, ("v2", "v3", "v4")),
    "HumanoidStandup": ((376,), np.float64, (17,), EITHER, ("v2", "v4")),
}
OTHERS = {
    "Ant-v2": ((111,), np.float64, (8,), EITHER),
    "Ant-v3": ((111,), np.float64, (8,), EITHER),
    "Ant-v4": ((27,), np.float64, (8,), EITHER),
    "Ant-v5": ((105,), np.float64, (8,), EITHER),
    "Reacher-v5": ((10,), np.float64, (2,), EITHER),
    "InvertedDoublePendulum-v5": ((9,), np.float64, (1,), EITHER),
    "Humanoid-v5": ((348,), np.float64, (17,), EITHER),
    "HumanoidStandup-v5": ((348,), np.float64, (17,), EITHER),
}
#: Options of ``make`` that change nothing of this.
HARMLESS = ("render_mode", "max_episode_steps", "disable_env_checker", "order_enforce", "autoreset", "is_slippery", "g")


class KnownEnv(Env):
    def __init__(self, observed, dtype, acts, rewards):
        self.observation_space = Discrete(observed) if isinstance(observed, int) else Box(-np.inf, np.inf, observed, dtype)
        self.action_space = Discrete(acts) if isinstance(acts, int) else Box(-1.0, 1.0, acts, np.float32)
        self.rewards = rewards

    def observe(self):
        if isinstance(self.observation_space, Discrete):
            return unknown("a discrete observation")
        return array(self.observation_space.shape, self.observation_space.dtype)

    def reward(self):
        if self.rewards == "float":
            return number()
        if self.rewards == "int":
            return integer()
        if self.rewards == "numpy":
            return array((), np.float64)[()]
        return unknown("a reward")

    def reset(self, *, seed=None, options=None):
        return self.observe(), some_info()

    def step(self, action):
        return self.observe(), self.reward(), boolean(), boolean(), some_info()

    def __getattr__(self, name):
        return unknown("an environment's " + name)


def like(id, observed, dtype, acts, rewards):
    """Some environment of the same kind: a name that the command line gives is only a default."""
    if isinstance(observed, int):
        observed = size("obs_n", id)
    else:
        many = len(observed) > 1
        observed = tuple(size("obs_dim_" + str(i) if many else "obs_dim", id) for i in range(len(observed)))
    acts = size("n_actions", id) if isinstance(acts, int) else (size("act_dim", id),)
    return observed, unknown("a dtype that depends on the environment"), acts, EITHER


def known(id):
    name, _, version = id.partition("-")
    if name in KNOWN:
        *found, versions = KNOWN[name]
        if version in versions:
            return found
    return OTHERS.get(id)


def make(id, **options):
    found = known(id) if isinstance(id, str) else None
    if found is None or not all(name in HARMLESS for name in options):
        return unknown("an environment that is not known here")
    return KnownEnv(*(like(id, *found) if is_option(id) else found))


def make_vec(id, num_envs=1, vectorization_mode=None, **options):
    return vector.VectorEnv(make(id), num_envs)


def register(*args, **kwargs):
    return None


def spec(id):
    return unknown("specification")
