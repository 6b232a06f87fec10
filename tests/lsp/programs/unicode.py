import numpy as np
import torch

box = {}
box["🎉"] = 行列 = torch.ones(2, 3)  #: 行列 torch.Tensor (2,3) cpu float32
box["日本語 🎉"] = 転置 = 行列.T  #: 転置 torch.Tensor (3,2) cpu float32
box["🎉🎉"] = bad = 行列 @ 行列  #! shape-mismatch cannot be multiplied
box["🎉"] = wide = 行列[None]  #: wide torch.Tensor (1,2,3) cpu float32 #? none-index -> box["🎉"] = wide = 行列.unsqueeze(0)
配列 = np.zeros((4, 1))  #: 配列 numpy.ndarray (4,1) float64
