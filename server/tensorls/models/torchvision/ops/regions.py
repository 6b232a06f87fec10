"""Features of regions: one (channels, height, width) for each box."""

import torch
from __abstract__ import like
from torch import nn


def _pair(size):
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def _count(boxes):
    return boxes.size(0) if isinstance(boxes, torch.Tensor) else sum([b.size(0) for b in boxes])


def _features(input, boxes, output_size, channels):
    height, width = _pair(output_size)
    out = input.new_zeros((_count(boxes), channels, height, width)) + input.sum()
    for found in [boxes] if isinstance(boxes, torch.Tensor) else boxes:
        out = out + found.sum()
    return like(out)


def roi_align(input, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1, aligned=False):
    return _features(input, boxes, output_size, input.size(1))


def roi_pool(input, boxes, output_size, spatial_scale=1.0):
    return _features(input, boxes, output_size, input.size(1))


def ps_roi_align(input, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1):
    height, width = _pair(output_size)
    return _features(input, boxes, output_size, input.size(1) // (height * width))


def ps_roi_pool(input, boxes, output_size, spatial_scale=1.0):
    return ps_roi_align(input, boxes, output_size, spatial_scale)


class _Regions(nn.Module):
    def __init__(self, output_size, spatial_scale, sampling_ratio=-1, aligned=False):
        super().__init__()
        self.output_size = output_size
        self.spatial_scale = spatial_scale
        self.sampling_ratio = sampling_ratio
        self.aligned = aligned


class RoIAlign(_Regions):
    def forward(self, input, rois):
        return roi_align(input, rois, self.output_size)


class RoIPool(_Regions):
    def forward(self, input, rois):
        return roi_pool(input, rois, self.output_size)


class PSRoIAlign(_Regions):
    def forward(self, input, rois):
        return ps_roi_align(input, rois, self.output_size)


class PSRoIPool(_Regions):
    def forward(self, input, rois):
        return ps_roi_pool(input, rois, self.output_size)


class MultiScaleRoIAlign(nn.Module):
    def __init__(self, featmap_names, output_size, sampling_ratio, *, canonical_scale=224, canonical_level=4):
        super().__init__()
        self.featmap_names = featmap_names
        self.sampling_ratio = sampling_ratio
        self.output_size = _pair(output_size)

    def forward(self, x, boxes, image_shapes):
        features = [x[name] for name in self.featmap_names if name in x]
        return _features(features[0], boxes, self.output_size, features[0].size(1))
