"""timm.models.vision_transformer."""

import torch
import torch.nn as nn
from timm.layers.attention import Attention, _factory
from timm.layers.drop import DropPath
from timm.layers.layer_scale import LayerScale
from timm.layers.mlp import Mlp
from timm.layers.norm import LayerNorm
from timm.layers.patch_embed import PatchEmbed
from timm.layers.weight_init import trunc_normal_
from __abstract__ import one_of, unknown


class Block(nn.Module):
    def __init__(
        self,
        dim,
        num_heads,
        mlp_ratio=4.0,
        qkv_bias=False,
        *positional,
        qk_norm=False,
        proj_bias=True,
        proj_drop=0.0,
        attn_drop=0.0,
        init_values=None,
        drop_path=0.0,
        act_layer=nn.GELU,
        norm_layer=LayerNorm,
        mlp_layer=Mlp,
        attn_layer=Attention,
        **others,
    ):
        super().__init__()
        dd = _factory(others)
        self.norm1 = norm_layer(dim, **dd)
        self.attn = Attention(
            dim, num_heads=num_heads, qkv_bias=qkv_bias, qk_norm=qk_norm, proj_bias=proj_bias, norm_layer=norm_layer, **dd
        )
        if attn_layer is not Attention or others.get("scale_attn_norm") or others.get("scale_mlp_norm"):
            self.attn = unknown("another kind of attention")
        self.ls1 = LayerScale(dim, init_values=init_values, **dd) if init_values else nn.Identity()
        self.drop_path1 = DropPath(drop_path) if drop_path else nn.Identity()
        self.norm2 = norm_layer(dim, **dd)
        self.mlp = mlp_layer(in_features=dim, hidden_features=int(dim * mlp_ratio), act_layer=act_layer, drop=proj_drop, **dd)
        self.ls2 = LayerScale(dim, init_values=init_values, **dd) if init_values else nn.Identity()
        self.drop_path2 = DropPath(drop_path) if drop_path else nn.Identity()
        self.drop_path = self.drop_path2  # of older versions

    def forward(self, x, attn_mask=None, is_causal=False):
        if attn_mask is None:
            x = x + self.drop_path1(self.ls1(self.attn(self.norm1(x))))
        else:
            x = x + self.drop_path1(self.ls1(self.attn(self.norm1(x), attn_mask=attn_mask)))
        return x + self.drop_path2(self.ls2(self.mlp(self.norm2(x))))


class VisionTransformer(nn.Module):
    def __init__(
        self,
        img_size=224,
        patch_size=16,
        in_chans=3,
        num_classes=1000,
        *positional,
        global_pool="token",
        embed_dim=768,
        depth=12,
        num_heads=12,
        mlp_ratio=4.0,
        qkv_bias=True,
        qk_norm=False,
        proj_bias=True,
        init_values=None,
        class_token=True,
        pos_embed="learn",
        no_embed_class=False,
        reg_tokens=0,
        pre_norm=False,
        final_norm=True,
        fc_norm=None,
        drop_rate=0.0,
        drop_path_rate=0.0,
        embed_layer=PatchEmbed,
        norm_layer=None,
        act_layer=None,
        block_fn=Block,
        mlp_layer=Mlp,
        **others,
    ):
        super().__init__()
        dd = _factory(others)
        self._usual = not positional and block_fn is Block and not isinstance(norm_layer, str) and not isinstance(act_layer, str)
        for name in (
            "distilled",
            "hybrid_backbone",
            "representation_size",
            "dynamic_img_size",
            "patch_drop_rate",
            "attn_layer",
            "scale_attn_norm",
            "scale_mlp_norm",
            "embed_norm_layer",
        ):
            if others.get(name):
                self._usual = False
        use_fc_norm = global_pool in ("avg", "avgmax", "max") if fc_norm is None else fc_norm
        norm_layer = norm_layer or LayerNorm
        act_layer = act_layer or nn.GELU
        self.num_classes = num_classes
        self.in_chans = in_chans
        self.global_pool = global_pool
        self.num_features = self.head_hidden_size = self.embed_dim = embed_dim
        self.num_prefix_tokens = (1 if class_token else 0) + reg_tokens
        self.num_reg_tokens = reg_tokens
        self.has_class_token = class_token
        self.no_embed_class = no_embed_class
        self.patch_embed = embed_layer(img_size=img_size, patch_size=patch_size, in_chans=in_chans, embed_dim=embed_dim)
        num_patches = self.patch_embed.num_patches
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim, **dd)) if class_token else None
        self.reg_token = nn.Parameter(torch.zeros(1, reg_tokens, embed_dim, **dd)) if reg_tokens else None
        self.pos_embed = None
        if pos_embed == "learn":
            embed_len = num_patches if no_embed_class else num_patches + self.num_prefix_tokens
            self.pos_embed = nn.Parameter(torch.zeros(1, embed_len, embed_dim, **dd))
        self.pos_drop = nn.Dropout(others.get("pos_drop_rate", 0.0))
        self.patch_drop = nn.Identity()
        self.norm_pre = norm_layer(embed_dim, **dd) if pre_norm else nn.Identity()
        self.blocks = nn.Sequential(
            *[
                Block(
                    dim=embed_dim,
                    num_heads=num_heads,
                    mlp_ratio=mlp_ratio,
                    qkv_bias=qkv_bias,
                    qk_norm=qk_norm,
                    proj_bias=proj_bias,
                    init_values=init_values,
                    drop_path=drop_path_rate,
                    norm_layer=norm_layer,
                    act_layer=act_layer,
                    mlp_layer=mlp_layer,
                    **dd,
                )
                for i in range(depth)
            ]
        )
        self.norm = norm_layer(embed_dim, **dd) if final_norm and not use_fc_norm else nn.Identity()
        self.attn_pool = None
        self.fc_norm = norm_layer(embed_dim, **dd) if final_norm and use_fc_norm else nn.Identity()
        self.pre_logits = nn.Identity()  # of older versions
        self.head_drop = nn.Dropout(drop_rate)
        self.head = nn.Linear(embed_dim, num_classes, **dd) if num_classes > 0 else nn.Identity()
        if not self._usual:
            self.head = self.blocks = self.patch_embed = self.norm = unknown("an option of the vision transformer that is not followed")

    def init_weights(self, *args, **kwargs):
        return None

    def _init_weights(self, m):
        return None

    def get_classifier(self):
        return self.head

    def reset_classifier(self, num_classes, global_pool=None):
        self.num_classes = num_classes
        if global_pool is not None:
            self.global_pool = global_pool
        weight = self.head.weight
        self.head = nn.Linear(self.embed_dim, num_classes, device=weight.device, dtype=weight.dtype) if num_classes > 0 else nn.Identity()

    def _pos_embed(self, x):
        to_cat = []
        if self.cls_token is not None:
            to_cat.append(self.cls_token.expand(x.shape[0], -1, -1))
        if self.reg_token is not None:
            to_cat.append(self.reg_token.expand(x.shape[0], -1, -1))
        if self.pos_embed is None:
            x = torch.cat(to_cat + [x], dim=1)
        elif self.no_embed_class:
            x = x + self.pos_embed
            if to_cat:
                x = torch.cat(to_cat + [x], dim=1)
        else:
            if to_cat:
                x = torch.cat(to_cat + [x], dim=1)
            x = x + self.pos_embed
        return self.pos_drop(x)

    def _sequence(self, x):
        x = self._pos_embed(self.patch_embed(x))
        return self.norm(self.blocks(self.norm_pre(self.patch_drop(x))))

    def forward_features(self, x, *args, **kwargs):
        x = self._sequence(x)
        return one_of(x, x[:, 0]) if self.has_class_token else x  # the first token alone in older versions

    def pool(self, x, pool_type=None):
        pool_type = self.global_pool if pool_type is None else pool_type
        if pool_type == "token":
            return x[:, 0]
        if pool_type in ("avg", "max", "avgmax"):
            return x[:, self.num_prefix_tokens :].mean(dim=1)
        return x if pool_type == "" else unknown("pooled by attention")

    def forward_head(self, x, pre_logits=False):
        x = self.head_drop(self.fc_norm(self.pool(x)))
        return x if pre_logits else self.head(x)

    def forward(self, x, *args, **kwargs):
        x = self.forward_features(x)
        return self.head(x) if x.ndim == 2 else self.forward_head(x)
