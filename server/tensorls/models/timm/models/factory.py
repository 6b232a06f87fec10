"""timm.models._factory: models by name, of those families whose classifier goes by one name in every version."""

import torch.nn as nn
from timm.models.vision_transformer import VisionTransformer
from __abstract__ import integer, known, undecided, unknown

_TRANSFORMERS = {"tiny": (192, 12, 3), "small": (384, 12, 6), "base": (768, 12, 12), "large": (1024, 24, 16)}
_RESNETS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
_EFFICIENT_NETS = {"b0": 1280, "b1": 1280, "b2": 1408, "b3": 1536, "b4": 1792, "b5": 2048, "b6": 2304, "b7": 2560}


def create_model(model_name, pretrained=False, *args, **kwargs):
    if not known(model_name) or args or kwargs.get("features_only"):
        return unknown("a model by a name or with options that are not known")
    for name in kwargs:
        if name not in ("num_classes", "in_chans", "drop_rate", "drop_path_rate", "checkpoint_path", "scriptable", "img_size"):
            return unknown("a model with options that are not followed")
    architecture = model_name.split(".")[0]
    num_classes = kwargs.get("num_classes")
    if num_classes is None:
        num_classes = integer() if "." in model_name or "_in2" in model_name else 1000
    parts = architecture.split("_")
    if len(parts) == 4 and parts[0] in ("vit", "deit") and parts[1] in _TRANSFORMERS and parts[2] in ("patch16", "patch32", "patch8"):
        if parts[3] not in ("224", "384"):
            return unknown("a model that is not known")
        width, depth, heads = _TRANSFORMERS[parts[1]]
        size = kwargs.get("img_size") or int(parts[3])
        return VisionTransformer(
            img_size=size,
            patch_size=int(parts[2][5:]),
            in_chans=kwargs.get("in_chans", 3),
            num_classes=num_classes,
            embed_dim=width,
            depth=depth,
            num_heads=heads,
        )
    if architecture in _RESNETS:
        return _ByFc(512 if architecture in ("resnet18", "resnet34") else 2048, num_classes)
    if len(parts) in (2, 3) and parts[-2] == "efficientnet" and parts[0] in ("tf", "efficientnet") and parts[-1] in _EFFICIENT_NETS:
        return _ByClassifier(_EFFICIENT_NETS[parts[-1]], num_classes)
    return unknown("a model that is not known")


class _Classifier(nn.Module):
    """A network of which only its end is known: one row of features for each image, and a linear layer."""

    def __init__(self, num_features, num_classes):
        super().__init__()
        self.num_features = num_features
        self.num_classes = num_classes
        self._layers = nn.Sequential(*unknown("layers of a model"))

    def _features(self, x):
        return self._first(x.new_zeros((x.shape[0], self.num_features)))

    def forward_features(self, x):
        return unknown("features")

    def forward(self, x):
        return undecided(self.get_classifier()(self._features(x)))  # the program may have frozen it


class _ByFc(_Classifier):
    def __init__(self, num_features, num_classes):
        super().__init__(num_features, num_classes)
        self._first = nn.Linear(num_features, num_features)
        self.fc = nn.Linear(num_features, num_classes) if num_classes else nn.Identity()

    def get_classifier(self):
        return self.fc

    def reset_classifier(self, num_classes, *args, **kwargs):
        self.num_classes = num_classes
        self.fc = nn.Linear(self.num_features, num_classes) if num_classes else nn.Identity()


class _ByClassifier(_Classifier):
    def __init__(self, num_features, num_classes):
        super().__init__(num_features, num_classes)
        self._first = nn.Linear(num_features, num_features)
        self.classifier = nn.Linear(num_features, num_classes) if num_classes else nn.Identity()

    def get_classifier(self):
        return self.classifier

    def reset_classifier(self, num_classes, *args, **kwargs):
        self.num_classes = num_classes
        self.classifier = nn.Linear(self.num_features, num_classes) if num_classes else nn.Identity()
