"""PIL: images as values."""

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps
from __abstract__ import text

__version__ = text()
