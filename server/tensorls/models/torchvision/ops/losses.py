"""Losses of torchvision.ops."""

import torch
import torch.nn.functional as F


def _reduced(loss, reduction):
    if reduction == "mean":
        return loss.mean()
    return loss.sum() if reduction == "sum" else loss


def sigmoid_focal_loss(inputs, targets, alpha=0.25, gamma=2, reduction="none"):
    probability = torch.sigmoid(inputs)
    loss = F.binary_cross_entropy_with_logits(inputs, targets, reduction="none") * (1 - probability * targets) ** gamma
    if alpha >= 0:
        loss = (alpha * targets + (1 - alpha) * (1 - targets)) * loss
    return _reduced(loss, reduction)


def _float(boxes):
    return boxes if boxes.dtype in (torch.float32, torch.float64) else boxes.float()


def generalized_box_iou_loss(boxes1, boxes2, reduction="none", eps=1e-7):
    """A number for each pair of boxes in the same place."""
    return _reduced((_float(boxes1) - _float(boxes2)).sum(-1), reduction)


def complete_box_iou_loss(boxes1, boxes2, reduction="none", eps=1e-7):
    return generalized_box_iou_loss(boxes1, boxes2, reduction, eps)


def distance_box_iou_loss(boxes1, boxes2, reduction="none", eps=1e-7):
    return generalized_box_iou_loss(boxes1, boxes2, reduction, eps)
