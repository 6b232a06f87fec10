import torch
from torch import nn

images = torch.rand(8, 3, 32, 32)  #: images torch.Tensor (8,3,32,32) cpu float32
grey = images.mean(dim=1)  #: grey torch.Tensor (8,32,32) cpu float32
columns = grey.permute(2, 0, 1)  #: columns torch.Tensor (32,8,32) cpu float32
mask = grey > 0.5  #: mask torch.Tensor (8,32,32) cpu bool
layer = nn.Linear(32, 5)
scores = layer(grey)  #: scores torch.Tensor (8,32,5) cpu float32 requires_grad
best = scores.argmax(dim=-1)  #: best torch.Tensor (8,32) cpu int64
weight = layer.weight  #: weight torch.nn.Parameter (5,32) cpu float32 requires_grad
long = torch.cat(
    [
        grey,
        grey,
    ]
)  #: long torch.Tensor (16,32,32) cpu float32
wrong = grey @ torch.rand(31, 2)  #! shape-mismatch cannot be multiplied
for picture in images:  #: picture torch.Tensor (3,32,32) cpu float32
    flat = picture.flatten()  #: flat torch.Tensor (3072,) cpu float32
