"""timm.layers."""

from timm.layers import attention, drop, helpers, layer_scale, mlp, norm, patch_embed, weight_init
from timm.layers.attention import Attention, use_fused_attn
from timm.layers.drop import DropPath, calculate_drop_path_rates, drop_path
from timm.layers.helpers import extend_tuple, make_divisible, to_1tuple, to_2tuple, to_3tuple, to_4tuple, to_ntuple
from timm.layers.layer_scale import LayerScale, LayerScale2d
from timm.layers.mlp import ConvMlp, GatedMlp, GluMlp, Mlp, SwiGLU, SwiGLUPacked
from timm.layers.norm import GroupNorm, GroupNorm1, LayerNorm, LayerNorm2d, RmsNorm
from timm.layers.patch_embed import PatchEmbed
from timm.layers.weight_init import lecun_normal_, trunc_normal_, trunc_normal_tf_, variance_scaling_
