import numpy as np
import torch

array = np.zeros((4, 6), dtype=np.float32)  #: array numpy.ndarray (4,6) float32
shared = torch.from_numpy(array)  #: shared torch.Tensor (4,6) cpu float32
moved = shared.to("cuda")  #: moved torch.Tensor (4,6) cuda float32
mixed = shared + moved  #! device-mismatch same device #? device-mismatch -> mixed = shared.to(moved.device) + moved
back = moved.numpy()  #! device-mismatch numpy #? device-mismatch -> back = moved.cpu().numpy()
home = moved.cpu().numpy()  #: home numpy.ndarray (4,6) float32
weight = torch.ones(6, 2, requires_grad=True)  #: weight torch.Tensor (6,2) cpu float32 requires_grad
values = weight.numpy()  #! invalid-operation requires grad #? invalid-operation -> values = weight.detach().numpy()
row = array[None]  #: row numpy.ndarray (1,4,6) float32
tall = shared[:, None]  #: tall torch.Tensor (4,1,6) cpu float32 #? none-index -> tall = shared.unsqueeze(1)
