"""A mixture of experts with routing to the best k."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Expert(nn.Module):
    def __init__(self, dim, hidden_dim):
        super().__init__()
        self.w1 = nn.Linear(dim, hidden_dim, bias=False)
        self.w2 = nn.Linear(hidden_dim, dim, bias=False)
        self.w3 = nn.Linear(dim, hidden_dim, bias=False)

    def forward(self, x):
        gate = F.silu(self.w1(x))
        return self.w2(gate * self.w3(x))


class MoE(nn.Module):
    def __init__(self, dim, hidden_dim, num_experts=8, top_k=2):
        super().__init__()
        self.num_experts = num_experts
        self.top_k = top_k
        self.gate = nn.Linear(dim, num_experts, bias=False)
        self.experts = nn.ModuleList([Expert(dim, hidden_dim) for _ in range(num_experts)])

    def forward(self, x):
        batch_size, seq_len, dim = x.shape
        x = x.view(-1, dim)
        router_logits = self.gate(x)
        weights, selected = torch.topk(router_logits, self.top_k, dim=-1)
        weights = F.softmax(weights, dim=-1, dtype=torch.float).to(x.dtype)
        out = torch.zeros_like(x)
        mask = F.one_hot(selected, num_classes=self.num_experts).permute(2, 1, 0)
        for i, expert in enumerate(self.experts):
            slot, token = torch.where(mask[i])
            current = x[token]
            contribution = expert(current) * weights[token, slot, None]
            out.index_add_(0, token, contribution)
        probs = F.softmax(router_logits, dim=-1)
        load = mask.float().mean(dim=(1, 2))
        aux_loss = self.num_experts * (probs.mean(0) * load).sum()
        out = out.view(batch_size, seq_len, dim)
        return out, aux_loss
