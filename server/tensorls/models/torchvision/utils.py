"""torchvision.utils: images into one."""

import torch
from __abstract__ import like


@torch.no_grad()
def make_grid(tensor, nrow=8, padding=2, normalize=False, value_range=None, scale_each=False, pad_value=0.0, **kwargs):
    if isinstance(tensor, (list, tuple)):
        tensor = torch.stack(tensor, dim=0)
    if tensor.dim() == 2:
        tensor = tensor.unsqueeze(0)
    if tensor.dim() == 3:
        if tensor.size(0) == 1:
            tensor = torch.cat((tensor, tensor, tensor), 0)
        tensor = tensor.unsqueeze(0)
    if tensor.dim() == 4 and tensor.size(1) == 1:
        tensor = torch.cat((tensor, tensor, tensor), 1)
    if normalize is True:
        tensor = tensor.clone()
    if tensor.size(0) == 1:
        return tensor.squeeze(0)
    count = tensor.size(0)
    columns = min(nrow, count)
    rows = -(-count // columns)
    height, width = int(tensor.size(2) + padding), int(tensor.size(3) + padding)
    return tensor.new_full((tensor.size(1), height * rows + padding, width * columns + padding), pad_value)


def save_image(tensor, fp, format=None, **kwargs):
    return None


@torch.no_grad()
def draw_bounding_boxes(image, boxes, labels=None, colors=None, fill=False, width=1, font=None, font_size=None, **kwargs):
    return like(torch.tile(image, (3, 1, 1)) if image.size(0) == 1 else image)


@torch.no_grad()
def draw_segmentation_masks(image, masks, alpha=0.8, colors=None):
    return like(image)


@torch.no_grad()
def draw_keypoints(image, keypoints, connectivity=None, colors=None, radius=2, width=3, visibility=None):
    return like(image)


def _log_api_usage_once(obj):
    return None
