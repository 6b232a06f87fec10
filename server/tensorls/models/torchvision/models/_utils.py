"""torchvision.models._utils."""

from collections import OrderedDict

from torch import nn


class IntermediateLayerGetter(nn.ModuleDict):
    """The first layers of a network up to the last that is wanted, under the names that the caller gives what they return."""

    def __init__(self, model, return_layers):
        layers = list(model.named_children())
        names = [name for name, _ in layers]
        if any(str(name) not in names for name in return_layers):
            raise ValueError("return_layers are not present in model")
        last = max([names.index(str(name)) for name in return_layers], default=0)
        super().__init__(OrderedDict(layers[: last + 1]))
        self.return_layers = return_layers

    def forward(self, x):
        wanted = {str(name): str(alias) for name, alias in self.return_layers.items()}
        out = OrderedDict()
        for name, module in self.items():
            x = module(x)
            if name in wanted:
                out[wanted[name]] = x
        return out


def _make_divisible(v, divisor, min_value=None):
    """The nearest multiple of the divisor that is not more than a tenth below."""
    nearest = max(divisor if min_value is None else min_value, int(v + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * v else nearest
