"""matplotlib draws: what it is given stays as it is."""

from matplotlib import animation, cm, colors, gridspec, patches, pyplot, ticker
from __abstract__ import unknown
from matplotlib.drawing import quiet

rcParams = unknown("settings of matplotlib")
use = rc = rcdefaults = quiet
