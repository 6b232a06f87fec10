"""SciPy: the few functions whose results are arrays of known sizes."""

from scipy import ndimage, optimize, signal, special, stats
