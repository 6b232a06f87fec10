"""Transforms between kinds and types of images."""

import torch
from torchvision.transforms import functional as F


class ToTensor:
    def __init__(self):
        pass

    def __call__(self, pic):
        return F.to_tensor(pic)


class PILToTensor:
    def __init__(self):
        pass

    def __call__(self, pic):
        return F.pil_to_tensor(pic)


class ToPILImage:
    def __init__(self, mode=None):
        self.mode = mode

    def __call__(self, pic):
        return F.to_pil_image(pic, self.mode)


class ConvertImageDtype(torch.nn.Module):
    def __init__(self, dtype):
        super().__init__()
        self.dtype = dtype

    def forward(self, image):
        return F.convert_image_dtype(image, self.dtype)


class Normalize(torch.nn.Module):
    def __init__(self, mean, std, inplace=False):
        super().__init__()
        self.mean = mean
        self.std = std
        self.inplace = inplace

    def forward(self, tensor):
        return F.normalize(tensor, self.mean, self.std, self.inplace)


class LinearTransformation(torch.nn.Module):
    def __init__(self, transformation_matrix, mean_vector):
        super().__init__()
        self.transformation_matrix = transformation_matrix
        self.mean_vector = mean_vector

    def forward(self, tensor):
        shape = tensor.shape
        flat = tensor.view(-1, shape[-3] * shape[-2] * shape[-1]) - self.mean_vector
        return torch.mm(flat, self.transformation_matrix).view(shape)
