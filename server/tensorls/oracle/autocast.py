"""``torch.autocast`` on a device that this machine lacks.

Autocast acts on tensors of its own device type, so a CPU cannot be asked what it does to others.  On the CPU itself
torch is asked.
For other devices the tables below are those of torch's documentation ("CUDA Ops that can autocast to float16 / float32");
where they do not tell, the dtype is left open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tensorls.domain.tensor import TensorMeta
from tensorls.oracle import terms
from tensorls.oracle.probe.join import Differs, join
from tensorls.oracle.question import Answer, OutTensor, Question, Recipe, Returned, Term, Unanswered

#: Run in the lower precision.  The CPU's own autocast does the same to them, so it is asked.
LOWER = frozenset({
    "__matmul__", "addbmm", "addmm", "baddbmm", "bmm", "chain_matmul", "multi_dot", "conv1d", "conv2d", "conv3d",
    "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "linear", "matmul", "mm", "scaled_dot_product_attention",
    "einsum", "Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d",
})  # fmt: skip
#: Run in float32.
FULL = frozenset({
    "__pow__", "__rdiv__", "__rpow__", "__rtruediv__", "acos", "asin", "binary_cross_entropy_with_logits", "cosh",
    "cosine_embedding_loss", "cdist", "cosine_similarity", "cross_entropy", "cumprod", "cumsum", "dist", "erfinv", "exp",
    "expm1", "group_norm", "hinge_embedding_loss", "kl_div", "l1_loss", "layer_norm", "log", "log10", "log_softmax",
    "log1p", "log2", "margin_ranking_loss", "mse_loss", "multilabel_margin_loss", "multi_margin_loss", "nll_loss", "norm",
    "normalize", "pdist", "poisson_nll_loss", "pow", "prod", "reciprocal", "rsqrt", "sinh", "smooth_l1_loss",
    "soft_margin_loss", "softmax", "softmin", "softplus", "sum", "renorm", "tan", "triplet_margin_loss", "huber_loss",
    "rms_norm", "LayerNorm", "GroupNorm", "Softmax", "LogSoftmax", "Softmin", "Softplus", "CrossEntropyLoss", "NLLLoss",
    "MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCEWithLogitsLoss", "KLDivLoss",
})  # fmt: skip
#: Modules that leave the dtype alone; any other module may do several things.
PLAIN = frozenset({
    "ReLU", "LeakyReLU", "GELU", "SiLU", "ELU", "Tanh", "Sigmoid", "Hardswish", "ReLU6", "Identity", "Flatten",
    "Unflatten", "Dropout", "Dropout1d", "Dropout2d", "MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d",
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Embedding",
})  # fmt: skip
_LOW = ("float16", "bfloat16")

Ask = Callable[[Question], Answer]


def applies(question: Question) -> bool:
    """Whether autocast is on for a device other than the CPU, and a tensor is (or may be) there."""
    mode = question.mode.autocast
    if mode is None or mode[0] == "cpu":
        return False
    places = {t.device for t in terms.tensors(question) if t.library == "torch"}
    return any(p is None or p.partition(":")[0] == mode[0] for p in places)


def without(question: Question) -> Question:
    """The question with no autocast."""
    return replace(question, mode=replace(question.mode, autocast=None))


def fitting(asked: Question, question: Question) -> Question:
    """``asked`` (without devices) with the autocast that really acts: the CPU's, on tensors of the CPU."""
    mode = question.mode.autocast
    if mode is None:
        return asked
    places = {t.device for t in terms.tensors(question) if t.library == "torch"}
    return asked if mode[0] == "cpu" and (not places or places & {"cpu", None}) else without(asked)


def ask(question: Question, dtype: str, one: Ask) -> Answer:
    """The answer under autocast to ``dtype`` on a device that cannot be asked; ``question`` has its devices taken out."""
    plain = without(question)
    on_cpu = replace(plain, mode=replace(plain.mode, autocast=("cpu", dtype)))
    module = question.args[0] if question.op == "call" and question.args else None
    name = (module.path if isinstance(module, Recipe) else question.op).rpartition(".")[2]
    if name in LOWER:
        return one(on_cpu)
    if name in FULL:
        return one(_widened(plain))
    answer = one(plain)
    if isinstance(module, Recipe):
        return answer if name in PLAIN else _open(answer)
    other = one(on_cpu)
    if isinstance(answer, Returned) and isinstance(other, Returned):
        try:
            return join([answer, other])
        except Differs:
            return Unanswered("autocast decides what comes out")
    return answer if isinstance(answer, Returned) else other


def _widened(question: Question) -> Question:
    def leaf(term: Term) -> Term:
        if isinstance(term, TensorMeta) and term.library == "torch" and term.dtype in _LOW:
            return replace(term, dtype="float32")
        return term

    return terms.map_terms(question, leaf)


def _open(answer: Answer) -> Answer:
    if not isinstance(answer, Returned):
        return answer

    def one(out: OutTensor) -> OutTensor:
        floating = out.meta.dtype is not None and out.meta.dtype.startswith(("float", "bfloat"))
        return replace(out, meta=replace(out.meta, dtype=None)) if floating else out

    return replace(answer, value=terms.map_output(answer.value, lambda d: d, one))
