"""torchvision.transforms."""

from torchvision.transforms import functional, v2
from torchvision.transforms.changing import (
    CenterCrop,
    FiveCrop,
    Grayscale,
    Pad,
    RandomCrop,
    RandomGrayscale,
    RandomResizedCrop,
    RandomSizedCrop,
    Resize,
    Scale,
    TenCrop,
)
from torchvision.transforms.combining import Compose, Lambda, RandomApply, RandomChoice, RandomOrder
from torchvision.transforms.converting import (
    ConvertImageDtype,
    LinearTransformation,
    Normalize,
    PILToTensor,
    ToPILImage,
    ToTensor,
)
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
    RandomHorizontalFlip,
    RandomInvert,
    RandomPerspective,
    RandomPosterize,
    RandomRotation,
    RandomSolarize,
    RandomVerticalFlip,
    TrivialAugmentWide,
)
