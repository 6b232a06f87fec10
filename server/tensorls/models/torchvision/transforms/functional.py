"""torchvision.transforms.functional: on PIL images and on tensors (..., H, W)."""

import numpy
import torch
from __abstract__ import integer, known, like, text, unknown
from PIL import Image


class InterpolationMode:
    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


def _keep(img):
    """An image like this one."""
    if isinstance(img, torch.Tensor):
        return like(img)
    return img.copy()


def _sized(img, height, width):
    """An image like this one, of another size."""
    if isinstance(img, torch.Tensor):
        out = img.new_zeros((*img.shape[:-2], height, width))
        if img.is_floating_point():
            out = out + img.sum()
        return like(out)
    return img.resize((width, height))


def get_image_size(img):
    if isinstance(img, torch.Tensor):
        return [img.shape[-1], img.shape[-2]]
    return [img.width, img.height]


def get_dimensions(img):
    return [get_image_num_channels(img), get_image_size(img)[1], get_image_size(img)[0]]


def get_image_num_channels(img):
    if isinstance(img, torch.Tensor):
        return 1 if img.ndim == 2 else img.shape[-3]
    return len(img.getbands())


# conversions


def to_tensor(pic):
    if isinstance(pic, numpy.ndarray):
        if pic.ndim == 2:
            pic = pic[:, :, None]
        img = torch.from_numpy(pic.transpose((2, 0, 1))).contiguous()
        return img.to(dtype=torch.get_default_dtype()).div(255) if img.dtype == torch.uint8 else img
    shape = (len(pic.getbands()), pic.height, pic.width)
    if pic.mode == "I":
        return torch.zeros(shape, dtype=torch.int32, device="cpu")
    if pic.mode == "I;16":
        return torch.zeros(shape, dtype=torch.int16, device="cpu")
    if pic.mode == "F":
        return torch.zeros(shape, dtype=torch.float32, device="cpu")
    return torch.zeros(shape, dtype=torch.get_default_dtype(), device="cpu")


def pil_to_tensor(pic):
    img = numpy.array(pic)
    if img.ndim == 2:
        img = img[:, :, None]
    return torch.from_numpy(img).permute((2, 0, 1))


def to_pil_image(pic, mode=None):
    if isinstance(pic, torch.Tensor):
        if pic.ndim == 2:
            pic = pic.unsqueeze(0)
        channels, height, width = pic.shape
        whole = pic.dtype == torch.uint8 or pic.is_floating_point()
    else:
        if pic.ndim == 2:
            pic = numpy.expand_dims(pic, 2)
        height, width, channels = pic.shape
        whole = pic.dtype == numpy.uint8
    if mode is None:
        if channels == 1:
            mode = "L" if whole else text()
        elif channels == 2:
            mode = "LA"
        elif channels == 3:
            mode = "RGB"
        elif channels == 4:
            mode = "RGBA"
        else:
            mode = text()
    return Image.new(mode, (width, height))


def convert_image_dtype(image, dtype=torch.float32):
    return like(image.to(dtype))


def normalize(tensor, mean, std, inplace=False):
    if not known(tensor.dtype):
        return like(tensor)
    dtype = torch.zeros((), dtype=tensor.dtype).div_(1.0).dtype  # integers are refused
    return tensor.to(dtype) if inplace else tensor.clone().to(dtype)


# other sizes


def _resized_output_size(width, height, size, max_size):
    if isinstance(size, int):
        size = [size]
    if len(size) == 2:
        return size
    wanted = size[0]
    if max_size is not None:
        return [integer(), integer()]
    if width <= height:
        return [int(wanted * height / width), wanted]
    return [wanted, int(wanted * width / height)]


def resize(img, size, interpolation=InterpolationMode.BILINEAR, max_size=None, antialias=True):
    width, height = get_image_size(img)
    new_height, new_width = _resized_output_size(width, height, size, max_size)
    return _sized(img, new_height, new_width)


def scale(*args, **kwargs):
    return resize(*args, **kwargs)


def _pair(size):
    if isinstance(size, int):
        return (size, size)
    return (size[0], size[0]) if len(size) == 1 else (size[0], size[1])


def crop(img, top, left, height, width):
    return _sized(img, height, width)


def center_crop(img, output_size):
    height, width = _pair(output_size)
    return _sized(img, height, width)


def resized_crop(img, top, left, height, width, size, interpolation=InterpolationMode.BILINEAR, antialias=True):
    new_height, new_width = _resized_output_size(width, height, size, None)
    return _sized(img, new_height, new_width)


def pad(img, padding, fill=0, padding_mode="constant"):
    if isinstance(padding, int):
        padding = (padding, padding, padding, padding)
    elif len(padding) == 1:
        padding = (padding[0], padding[0], padding[0], padding[0])
    elif len(padding) == 2:
        padding = (padding[0], padding[1], padding[0], padding[1])
    left, top, right, bottom = padding
    width, height = get_image_size(img)
    return _sized(img, top + height + bottom, left + width + right)


def five_crop(img, size):
    height, width = _pair(size)
    return (
        _sized(img, height, width),
        _sized(img, height, width),
        _sized(img, height, width),
        _sized(img, height, width),
        _sized(img, height, width),
    )


def ten_crop(img, size, vertical_flip=False):
    return five_crop(img, size) + five_crop(img, size)


def rgb_to_grayscale(img, num_output_channels=1):
    if isinstance(img, torch.Tensor):
        gray = like(img[..., :1, :, :])
        return like(torch.cat((gray, gray, gray), -3)) if num_output_channels == 3 else gray
    return img.convert("RGB" if num_output_channels == 3 else "L")


def to_grayscale(img, num_output_channels=1):
    return img.convert("RGB" if num_output_channels == 3 else "L")


def rotate(img, angle, interpolation=InterpolationMode.NEAREST, expand=False, center=None, fill=None):
    return _sized(img, integer(), integer()) if expand else _keep(img)


# the same size


def hflip(img):
    if isinstance(img, torch.Tensor):
        return img.flip(-1)
    return img.copy()


def vflip(img):
    if isinstance(img, torch.Tensor):
        return img.flip(-2)
    return img.copy()


def _same(img, *args, **kwargs):
    return _keep(img)


adjust_brightness = adjust_contrast = adjust_gamma = adjust_hue = adjust_saturation = adjust_sharpness = _same
affine = autocontrast = elastic_transform = equalize = gaussian_blur = invert = perspective = posterize = solarize = _same


def erase(img, i, j, h, w, v, inplace=False):
    return _keep(img)
