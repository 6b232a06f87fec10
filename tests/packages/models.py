"""The models under test: which file is measured, and a program that uses it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    """``floor``: the percentage of recorded points at which everything must be stated."""

    file: str
    program: str
    floor: int

    @property
    def name(self) -> str:
        return self.file.rpartition("/")[2].removesuffix(".py")


IMAGE = "import torch\nimages = torch.randn(2, 3, 32, 32)\n"
TOKENS = "import torch\ntokens = torch.randint(64, (2, 9))\n"
SIGNAL = "import torch\nseries = torch.rand(2, 4, 32)\n"

MODELS = [
    Model("vit_pytorch/vit.py", f"""{IMAGE}
from vit_pytorch.vit import ViT
model = ViT(image_size=32, patch_size=8, num_classes=10, dim=32, depth=2, heads=2, mlp_dim=64, dropout=0.1, emb_dropout=0.1)
model(images)
""", 98),
    Model("vit_pytorch/simple_vit.py", f"""{IMAGE}
from vit_pytorch import SimpleViT
SimpleViT(image_size=32, patch_size=8, num_classes=10, dim=32, depth=2, heads=2, mlp_dim=64)(images)
""", 98),
    Model("vit_pytorch/cait.py", f"""{IMAGE}
from vit_pytorch.cait import CaiT
CaiT(image_size=32, patch_size=8, num_classes=10, dim=32, depth=2, cls_depth=1, heads=2, mlp_dim=64)(images)
""", 98),
    Model("vit_pytorch/levit.py", f"""{IMAGE}
from vit_pytorch.levit import LeViT
LeViT(image_size=32, num_classes=10, stages=2, dim=(32, 48), depth=2, heads=(2, 3), mlp_mult=2)(images)
""", 98),
    Model("vit_pytorch/cvt.py", f"""{IMAGE}
from vit_pytorch.cvt import CvT
CvT(num_classes=10, s1_emb_dim=16, s2_emb_dim=24, s3_emb_dim=32, s2_heads=2, s3_heads=2, s3_depth=2)(images)
""", 98),
    Model("vit_pytorch/mobile_vit.py", f"""{IMAGE}
from vit_pytorch.mobile_vit import MobileViT
MobileViT((32, 32), dims=[24, 32, 40], channels=[8, 8, 16, 16, 16, 16, 24, 24, 32, 32, 64], num_classes=10, patch_size=(1, 1))(images)
""", 98),
    Model("vit_pytorch/na_vit.py", """
import torch
from vit_pytorch.na_vit import NaViT
model = NaViT(image_size=64, patch_size=16, num_classes=10, dim=32, heads=2, depth=1, mlp_dim=64, token_dropout_prob=0.1)
model([[torch.randn(3, 64, 32), torch.randn(3, 32, 32)], [torch.randn(3, 32, 64)]])
""", 55),
    Model("vit_pytorch/cct.py", """
import torch
from vit_pytorch.cct import CCT
CCT(img_size=(32, 32), embedding_dim=32, n_conv_layers=2, kernel_size=3, stride=1, padding=1, num_layers=2, num_heads=2,
    mlp_ratio=2.0, num_classes=10)(torch.randn(2, 3, 32, 32))
""", 98),
    Model("vit_pytorch/crossformer.py", """
import torch
from vit_pytorch.crossformer import CrossFormer
CrossFormer(num_classes=10, dim=(32, 64, 64, 96), depth=(1, 1, 1, 1), global_window_size=(4, 2, 2, 1),
            local_window_size=2)(torch.randn(1, 3, 64, 64))
""", 98),
    Model("vit_pytorch/max_vit.py", """
import torch
from vit_pytorch.max_vit import MaxViT
MaxViT(num_classes=10, dim_conv_stem=16, dim=16, dim_head=8, depth=(1, 1), window_size=4)(torch.randn(2, 3, 32, 32))
""", 98),
    Model("vit_pytorch/pit.py", f"""{IMAGE}
from vit_pytorch.pit import PiT
PiT(image_size=32, patch_size=8, dim=32, num_classes=10, depth=(1, 1), heads=2, mlp_dim=64)(images)
""", 98),
    Model("vit_pytorch/twins_svt.py", """
import torch
from vit_pytorch.twins_svt import TwinsSVT
TwinsSVT(num_classes=10, s1_emb_dim=16, s1_local_patch_size=2, s2_emb_dim=24, s2_local_patch_size=2, s3_emb_dim=32,
         s3_local_patch_size=2, s3_depth=1, s4_emb_dim=40, s4_local_patch_size=1, s1_global_k=2, s2_global_k=2, s3_global_k=2,
         s4_global_k=2)(torch.randn(1, 3, 64, 64))
""", 98),
    Model("vit_pytorch/nest.py", f"""{IMAGE}
from vit_pytorch.nest import NesT
NesT(image_size=32, patch_size=4, num_classes=10, dim=24, heads=2, num_hierarchies=2, block_repeats=(1, 1))(images)
""", 98),
    Model("vit_pytorch/vivit.py", """
import torch
from vit_pytorch.vivit import ViViT
ViViT(image_size=32, image_patch_size=8, frames=4, frame_patch_size=2, num_classes=10, dim=32, spatial_depth=1, temporal_depth=1,
    heads=2, mlp_dim=64)(torch.randn(2, 3, 4, 32, 32))
""", 98),
    Model("x_transformers/x_transformers.py", f"""{TOKENS}
from x_transformers import Decoder, TransformerWrapper
layers = Decoder(dim=32, depth=2, heads=4, attn_dim_head=8, rotary_pos_emb=True, ff_glu=True, attn_kv_heads=2)
TransformerWrapper(num_tokens=64, max_seq_len=32, attn_layers=layers)(tokens)
""", 98),
    Model("x_transformers/attend.py", f"""{TOKENS}
from x_transformers import AutoregressiveWrapper, Decoder, TransformerWrapper
layers = Decoder(dim=32, depth=2, heads=4, attn_dim_head=8, rel_pos_bias=True, use_rmsnorm=True)
AutoregressiveWrapper(TransformerWrapper(num_tokens=64, max_seq_len=32, attn_layers=layers))(tokens).backward()
""", 98),
    Model("x_transformers/continuous.py", """
import torch
from x_transformers import ContinuousTransformerWrapper, Encoder
model = ContinuousTransformerWrapper(dim_in=16, dim_out=10, max_seq_len=32, attn_layers=Encoder(dim=32, depth=1, heads=2, attn_dim_head=8))
model(torch.randn(2, 9, 16), mask=torch.ones(2, 9).bool())
""", 98),
    Model("denoising_diffusion_pytorch/denoising_diffusion_pytorch.py", """
import torch
from denoising_diffusion_pytorch.denoising_diffusion_pytorch import GaussianDiffusion, Unet
model = Unet(dim=16, dim_mults=(1, 2), flash_attn=False, attn_dim_head=8, attn_heads=2)
diffusion = GaussianDiffusion(model, image_size=16, timesteps=20, sampling_timesteps=4)
diffusion(torch.rand(2, 3, 16, 16)).backward()
diffusion.sample(batch_size=2)
""", 98),
    Model("denoising_diffusion_pytorch/denoising_diffusion_pytorch_1d.py", f"""{SIGNAL}
from denoising_diffusion_pytorch import GaussianDiffusion1D, Unet1D
diffusion = GaussianDiffusion1D(Unet1D(dim=16, dim_mults=(1, 2), channels=4), seq_length=32, timesteps=12, objective="pred_v")
diffusion(series).backward()
diffusion.sample(batch_size=2)
""", 97),
    Model("denoising_diffusion_pytorch/karras_unet.py", """
import torch
from denoising_diffusion_pytorch import KarrasUnet
model = KarrasUnet(image_size=16, dim=16, dim_max=32, num_downsamples=1, num_blocks_per_stage=1, attn_res=(8,), attn_dim_head=8)
model(torch.randn(2, 4, 16, 16), time=torch.ones(2))
""", 98),
]  # fmt: skip
