"""torchvision.transforms.v2: transforms of one image; of several things at once nothing is known."""

import torch
from __abstract__ import boolean, unknown
from torchvision.transforms import changing, converting, functional, keeping
from torchvision.transforms.combining import RandomChoice, RandomOrder
from torchvision.transforms.functional import InterpolationMode
from torchvision.transforms.keeping import (
    AugMix,
    AutoAugment,
    AutoAugmentPolicy,
    ColorJitter,
    ElasticTransform,
    GaussianBlur,
    RandAugment,
    RandomAdjustSharpness,
    RandomAffine,
    RandomAutocontrast,
    RandomEqualize,
    RandomErasing,
    RandomInvert,
    RandomPerspective,
    RandomPosterize,
    RandomSolarize,
    TrivialAugmentWide,
)
from torchvision.transforms.transform import Transform


class Compose(Transform):
    def __init__(self, transforms):
        super().__init__()
        self.transforms = transforms

    def forward(self, *inputs):
        if len(inputs) != 1:
            return unknown("a transform of several things")
        img = inputs[0]
        for transform in self.transforms:
            img = transform(img)
        return img


class RandomApply(Transform):
    def __init__(self, transforms, p=0.5):
        super().__init__()
        self.transforms = transforms

    def _one(self, img):
        if boolean():
            for transform in self.transforms:
                img = transform(img)
        return img


class Lambda(Transform):
    def __init__(self, lambd, *types):
        super().__init__()
        self.lambd = lambd

    def _one(self, img):
        return self.lambd(img)


class Identity(Transform):
    def _one(self, img):
        return img


class ToImage(Transform):
    def _one(self, img):
        if isinstance(img, torch.Tensor):
            return img.unsqueeze(0) if img.ndim == 2 else img
        return functional.pil_to_tensor(img)


PILToTensor = ToImage


class ToPureTensor(Identity):
    pass


class ToDtype(Transform):
    def __init__(self, dtype, scale=False):
        super().__init__()
        self.dtype = dtype

    def _one(self, img):
        return img.to(self.dtype)


class ConvertImageDtype(ToDtype):
    def __init__(self, dtype=torch.float32):
        super().__init__(dtype)


class ToTensor(Transform):
    def _one(self, img):
        return functional.to_tensor(img)


class ToPILImage(Transform):
    def __init__(self, mode=None):
        super().__init__()
        self.mode = mode

    def _one(self, img):
        return functional.to_pil_image(img, self.mode)


class _Wrapped(Transform):
    """Does to one image what the transform of the first version does."""

    kind = Identity

    def __init__(self, *args, **kwargs):
        super().__init__()
        self.inner = self.kind(*args, **kwargs)

    def _one(self, img):
        return self.inner(img)


class Normalize(_Wrapped):
    kind = converting.Normalize


class LinearTransformation(_Wrapped):
    kind = converting.LinearTransformation


class Resize(_Wrapped):
    kind = changing.Resize


class CenterCrop(_Wrapped):
    kind = changing.CenterCrop


class RandomCrop(_Wrapped):
    kind = changing.RandomCrop


class RandomResizedCrop(_Wrapped):
    kind = changing.RandomResizedCrop


class FiveCrop(_Wrapped):
    kind = changing.FiveCrop


class TenCrop(_Wrapped):
    kind = changing.TenCrop


class Pad(_Wrapped):
    kind = changing.Pad


class Grayscale(_Wrapped):
    kind = changing.Grayscale


class RandomGrayscale(_Wrapped):
    kind = changing.RandomGrayscale


class RandomHorizontalFlip(_Wrapped):
    kind = keeping.RandomHorizontalFlip


class RandomVerticalFlip(_Wrapped):
    kind = keeping.RandomVerticalFlip


class RandomRotation(_Wrapped):
    kind = keeping.RandomRotation


class RandomPhotometricDistort(keeping.Keeping):
    pass


class GaussianNoise(keeping.Keeping):
    pass
