"""torchvision.ops.boxes."""

import torch
from __abstract__ import integer, known, like, unknown
from torchvision.ops._utils import _upcast


def nms(boxes, scores, iou_threshold):
    """Which boxes to keep: how many is not known."""
    return torch.zeros(integer(), dtype=torch.int64, device=boxes.device)


def batched_nms(boxes, scores, idxs, iou_threshold):
    return nms(boxes, scores, iou_threshold)


def remove_small_boxes(boxes, min_size):
    width, height = boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]
    return torch.where((width >= min_size) & (height >= min_size))[0]


def clip_boxes_to_image(boxes, size):
    return like(boxes.clamp(min=0))


_WIDTHS = {"xyxy": 4, "xywh": 4, "cxcywh": 4, "xywhr": 5, "cxcywhr": 5, "xyxyxyxy": 8}


def box_convert(boxes, in_fmt, out_fmt):
    if not known(in_fmt) or not known(out_fmt):
        return unknown("formats of boxes")
    if in_fmt not in _WIDTHS or out_fmt not in _WIDTHS:
        raise ValueError("Unsupported Bounding Box Conversions")
    if in_fmt == out_fmt:
        return boxes.clone()
    if _WIDTHS[in_fmt] != 4 or _WIDTHS[out_fmt] != 4:
        return unknown("rotated boxes")
    a, b, c, d = boxes.unbind(-1)
    if "cxcywh" in (in_fmt, out_fmt):  # the centre is half of a sum
        a = a / 2
    return torch.stack((a, b, c, d), dim=-1)


def box_area(boxes, fmt="xyxy"):
    boxes = _upcast(boxes)
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def _box_inter_union(boxes1, boxes2, fmt="xyxy"):
    area1, area2 = box_area(boxes1), box_area(boxes2)
    low = torch.max(boxes1[..., :, None, :2], boxes2[..., None, :, :2])
    high = torch.min(boxes1[..., :, None, 2:], boxes2[..., None, :, 2:])
    size = _upcast(high - low).clamp(min=0)
    inter = size[..., 0] * size[..., 1]
    return inter, area1[..., :, None] + area2[..., None, :] - inter


def _pairs(boxes1, boxes2):
    """A number for each pair of boxes."""
    inter, union = _box_inter_union(boxes1, boxes2)
    return inter / union


def box_iou(boxes1, boxes2, fmt="xyxy"):
    return _pairs(boxes1, boxes2) if fmt in ("xyxy", "xywh") else unknown("boxes in another format")


def generalized_box_iou(boxes1, boxes2):
    return _pairs(boxes1, boxes2)


def complete_box_iou(boxes1, boxes2, eps=1e-7):
    return _pairs(_upcast(boxes1), _upcast(boxes2)) + 0.0


def distance_box_iou(boxes1, boxes2, eps=1e-7):
    return _pairs(_upcast(boxes1), _upcast(boxes2)) + 0.0


def masks_to_boxes(masks):
    return torch.zeros((masks.size(0), 4), dtype=torch.float32, device=masks.device)
