"""Gymnasium: environments, their spaces, wrappers and vectors of environments (0.28 and later)."""

from . import spaces, vector, wrappers
from .core import ActionWrapper, Env, ObservationWrapper, RewardWrapper, Wrapper
from .registration import make, make_vec, register, spec
from .spaces import Space
