"""skimage: images as arrays."""

from skimage import io, transform
