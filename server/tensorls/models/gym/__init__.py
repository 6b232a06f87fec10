"""gym: as Gymnasium, except that versions differ in what ``reset`` and ``step`` return, and in the dtype of what is observed."""

from gymnasium import ActionWrapper, Env, ObservationWrapper, RewardWrapper, Space, Wrapper, register
from gymnasium.registration import known
from __abstract__ import unknown

from . import spaces
from .registration import make
