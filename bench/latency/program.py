"""A deterministic file of un-annotated torch models: GPT-like blocks, convolutions, a training step, calls at the bottom."""

from __future__ import annotations

HEAD = '''\
"""Models of several kinds, in one file."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

WIDTH = 64
BATCH = 4
'''

BLOCK = """

class Attention{n}(nn.Module):
    def __init__(self, width, heads, dropout=0.1):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = self.qkv(x).split(c, dim=2)
        q = q.view(b, t, self.heads, c // self.heads).transpose(1, 2)
        k = k.view(b, t, self.heads, c // self.heads).transpose(1, 2)
        v = v.view(b, t, self.heads, c // self.heads).transpose(1, 2)
        scores = q @ k.transpose(-2, -1) / math.sqrt(k.size(-1))
        mask = torch.tril(torch.ones(t, t)) == 0
        scores = scores.masked_fill(mask, float("-inf"))
        weights = self.drop(F.softmax(scores, dim=-1))
        y = (weights @ v).transpose(1, 2).contiguous().view(b, t, c)
        return self.out(y)


class Mlp{n}(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x):
        hidden = F.gelu(self.up(x))
        return self.down(hidden)


class Block{n}(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.first = nn.LayerNorm(width)
        self.attention = Attention{n}(width, heads)
        self.second = nn.LayerNorm(width)
        self.mlp = Mlp{n}(width)

    def forward(self, x):
        x = x + self.attention(self.first(x))
        x = x + self.mlp(self.second(x))
        return x


class Gpt{n}(nn.Module):
    def __init__(self, vocabulary, context, width, heads, depth):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.blocks = nn.ModuleList([Block{n}(width, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)

    def forward(self, ids):
        b, t = ids.shape
        places = torch.arange(t)
        x = self.tokens(ids) + self.positions(places)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.head(x)


class Convolutions{n}(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU())
        self.deep = nn.Conv2d(channels, 2 * channels, kernel_size=3, stride=2, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(2 * channels, classes)

    def forward(self, images):
        x = self.stem(images)
        x = F.relu(self.deep(x))
        x = F.max_pool2d(x, 2)
        x = self.pool(x).flatten(1)
        return self.head(x)


def step{n}(model, optimizer, inputs, targets):
    optimizer.zero_grad()
    logits = model(inputs)
    loss = F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1))
    loss.backward()
    optimizer.step()
    return loss.detach()


def normalise{n}(batch):
    mean = batch.mean(dim=(0, 2, 3), keepdim=True)
    spread = batch.std(dim=(0, 2, 3), keepdim=True)
    return (batch - mean) / (spread + 1e-5)
"""

CALLS = """

gpt{n} = Gpt{n}(vocabulary={vocabulary}, context=128, width=WIDTH, heads=4, depth=2)
ids{n} = torch.randint(0, {vocabulary}, (BATCH, {length}))
logits{n} = gpt{n}(ids{n})
optimizer{n} = torch.optim.AdamW(gpt{n}.parameters(), lr=3e-4)
loss{n} = step{n}(gpt{n}, optimizer{n}, ids{n}, torch.randint(0, {vocabulary}, (BATCH, {length})))
images{n} = normalise{n}(torch.rand(BATCH, 3, 32, 32))
net{n} = Convolutions{n}(channels={channels}, classes=10)
scores{n} = net{n}(images{n})
best{n} = scores{n}.softmax(dim=-1).argmax(dim=-1)
"""

#: The line that an edit changes, the place where the answer is asked for, and what it says.
EDITED = "probe_input = torch.rand(2, {size})\n"
TAIL = "probe_output = torch.cat([probe_input, probe_input], dim=1)\n"
COUNT = 9


def program(size: int = 5) -> str:
    """About 1,000 lines."""
    blocks = "".join(BLOCK.format(n=n) for n in range(COUNT))
    calls = "".join(CALLS.format(n=n, vocabulary=500 + n, length=16 + n, channels=8 + n) for n in range(COUNT))
    return f"{HEAD}{blocks}\n\n{EDITED.format(size=size)}{calls}\n\n{TAIL}"
