"""PIL: images as values."""

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps
