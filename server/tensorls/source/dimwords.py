"""Words by which people call dimensions: what tells ``# (batch, seq_len)`` from a remark."""

from __future__ import annotations

import re

_LETTERS = re.compile(r"[A-Za-z]{1,2}\d?'?")
_ALONE = frozenset([
    "actions", "agents", "anchors", "batch", "batches", "batchsize", "beams", "bins", "blocks", "boxes", "bs", "bsize", "bsz", "ch",
    "chan", "channel", "channels", "chunks", "classes", "cols", "columns", "ctx", "depth", "dim", "dimension", "dims", "dmodel",
    "edges", "emb", "embd", "embed", "embedding", "embeds", "envs", "experts", "feats", "features", "ffn", "frames", "groups", "hdim",
    "heads", "height", "hid", "hidden", "joints", "latent", "layers", "len", "length", "levels", "mb", "mel", "mels", "minibatch", "n",
    "nbatch", "ncls", "nh", "num", "nhead", "nheads", "nodes", "objects", "patches", "points", "queries", "rays", "rows", "samples", "seq",
    "seqlen", "sequence", "size", "sizes", "slots", "steps", "time", "times", "timestep", "timesteps", "tokens", "vertices", "verts",
    "views", "vocab", "vocabulary", "width", "windows", "words",
])  # fmt: skip
#: In names such as ``d_model`` or ``src_len``; alone they are things: ``(image, label)``, ``(row, col)``.
_PARTS = _ALONE | frozenset([
    "action", "agent", "anchor", "beam", "bin", "block", "box", "chunk", "cin", "class", "cls", "col", "column", "context", "coord",
    "coords", "cout", "edge", "env", "expert", "faces", "feat", "feature", "ff", "frame", "freq", "group", "half", "head", "horizon",
    "hs", "image", "images", "img", "in", "inner", "input", "inputs", "joint", "k", "kernel", "key", "keys", "kv", "label", "labels",
    "layer", "level", "logit", "logits", "mask", "masks", "max", "memory", "model", "node", "object", "obs", "out", "output",
    "outputs", "patch", "point", "pos", "position", "positions", "proj", "projection", "qkv", "query", "rank", "ray", "rgb", "row",
    "sample", "scale", "scales", "slot", "source", "src", "state", "states", "step", "target", "text", "tgt", "tok", "token", "topk",
    "total", "trg", "value", "values", "view", "win", "window", "word", "xyz",
])  # fmt: skip


def is_dimension(word: str) -> bool:
    """Whether a word is the name or number of a dimension: ``B``, ``3``, ``seq_len``, ``n_embd``, ``num_heads``."""
    if word.isdigit() or _LETTERS.fullmatch(word):
        return True
    if not word.isidentifier():
        return False
    parts = [p for p in word.lower().split("_") if p]
    if len(parts) < 2:
        return bool(parts) and parts[0] in _ALONE
    return any(p in _PARTS for p in parts) or all(len(p) <= 2 for p in parts)
