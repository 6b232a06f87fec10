"""Creation, axes, products and gradients: the four attributes of a tensor, line by line."""

import torch

x = torch.tensor([[1, 2, 3], [4, 5, 6]])
y = x.permute(1, 0)
row = x[0]
column = x[:, 1:2]
column_sum = x.sum(dim=0)
total = x.sum()
flat = x.view(-1)

F = torch.rand(10)
W = torch.rand(10, 5)
product = F.unsqueeze(0) @ W

w = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(2.0, requires_grad=True)
z = w * 3 + b
z.backward()
gradient = w.grad
