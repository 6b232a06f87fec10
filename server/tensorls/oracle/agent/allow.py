"""What may be resolved and called: public numeric functions and classes, and nothing else.

An allow-list of modules, for each the names that are its own, minus ``DENIED``.  Paths never pass through a private name.
"""

from __future__ import annotations

import builtins
import importlib
import numbers
import types
from typing import Any

from .libs import numpy, torch, words


class Denied(Exception):
    """The path or attribute is outside the allow-list."""


class Missing(Exception):
    """The installed library has no such name."""


MODULES = words(
    """
    torch torch.nn torch.nn.functional torch.nn.init torch.nn.parameter torch.nn.utils torch.nn.utils.rnn
    torch.nn.utils.parametrizations torch.linalg torch.fft torch.special torch.sparse torch.signal.windows
    torch.distributions torch.masked math operator numpy numpy.linalg numpy.fft numpy.random numpy.ma numpy.lib.stride_tricks
    numpy.polynomial numpy.polynomial.polynomial numpy.polynomial.chebyshev numpy.polynomial.legendre
    numpy.polynomial.hermite numpy.polynomial.hermite_e numpy.polynomial.laguerre einops einops.layers.torch einx
    """
)

#: Names that are refused wherever they stand: files, networks, processes, raw memory, code, callbacks, global state.
DENIED = words(
    """
    load save hub compile jit export onnx from_file frombuffer fromfile memmap tofile dump dumps loads loadtxt savetxt
    genfromtxt savez savez_compressed fromregex DataSource open_memmap from_dlpack to_dlpack fromiter fromstring
    multiprocessing distributed cpp_extension data_ptr const_data_ptr ctypes ctypeslib setflags share_memory_
    share_memory storage untyped_storage set_ pin_memory record_stream cuda xpu ipu hpu mtia register_hook
    register_post_accumulate_grad_hook register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_backward_hook register_state_dict_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_state_dict_post_hook register_module_backward_hook apply apply_ map_ map2_
    module_load to_mkldnn as_subclass set_printoptions set_string_function seterr seterrcall setbufsize set_state
    set_rng_state set_num_threads set_num_interop_threads set_flush_denormal set_default_device set_default_tensor_type
    set_deterministic_debug_mode use_deterministic_algorithms set_warn_always test info lookfor source who show_config
    show_runtime get_include vectorize frompyfunc fromfunction apply_along_axis apply_over_axes piecewise eval exec
    attrgetter methodcaller itemgetter call f2py testing core DataParallel DistributedDataParallel skip_init
    default_generator fork wait import_ir_module ops classes backends package overrides library autograd
    register_ufunc get_device_module boolean_dispatch has_torch_function_unary handle_torch_function has_torch_function
    has_torch_function_variadic assert_int_or_pair reproducibility_notes register_parametrization from_buffer buffer
    """
)

#: Special methods that may be called on an argument.
DUNDERS = frozenset(
    f"__{name}__"
    for name in words(
        """
        len getitem setitem delitem iter contains bool int float complex index abs neg pos invert add radd iadd sub rsub isub
        mul rmul imul truediv rtruediv itruediv div rdiv idiv floordiv rfloordiv ifloordiv mod rmod imod pow rpow ipow matmul
        rmatmul imatmul and rand iand or ror ior xor rxor ixor lshift rlshift ilshift rshift rrshift irshift eq ne lt le gt ge
        divmod rdivmod round array call
        """
    )
)

_BUILTINS = words(
    """
    len bool int float complex abs sum max min round divmod pow list tuple str repr sorted reversed any all range enumerate
    zip dict set
    """
)
_CALLABLES: dict[str, Any] = {f"builtins.{name}": getattr(builtins, name) for name in _BUILTINS}
_CALLABLES["builtins.iter"] = list  # what a loop over it would see

_TORCH_EXTRA = words(
    """
    Tensor Size Generator device dtype finfo iinfo tensor as_tensor is_tensor is_storage typename lobpcg unravel_index
    manual_seed seed initial_seed get_rng_state get_default_dtype set_default_dtype is_grad_enabled
    is_inference_mode_enabled FloatTensor DoubleTensor HalfTensor BFloat16Tensor ByteTensor CharTensor ShortTensor IntTensor
    LongTensor BoolTensor sym_int sym_float sym_max sym_min sym_not get_num_threads
    """
)
_NUMPY_VIEWS = words("as_strided sliding_window_view")  # numpy.lib.stride_tricks lists no public names
_EINX = words(
    """
    rearrange id sum mean var std prod count_nonzero any all max min logsumexp add subtract multiply true_divide floor_divide
    divide logaddexp logical_and logical_or where less greater less_equal greater_equal equal not_equal maximum minimum dot
    get_at set_at add_at subtract_at flip roll softmax log_softmax sort argsort argmax argmin
    """
)
_EINOPS = words("rearrange reduce repeat einsum pack unpack asnumpy parse_shape Rearrange Reduce EinMix")

_resolved: dict[str, Any] = {}


def resolve(path: str) -> Any:
    """The object at a dotted path; raises Denied or Missing."""
    found = _resolved.get(path)
    if found is None:
        found = _CALLABLES[path] if path in _CALLABLES else _walk(path)
        _resolved[path] = found
    return found


def _walk(path: str) -> Any:
    parts = path.split(".")
    cut = next((i for i in range(len(parts) - 1, 0, -1) if ".".join(parts[:i]) in MODULES), 0)
    if not cut:
        raise Denied(path)
    prefix, names = ".".join(parts[:cut]), parts[cut:]
    if any(name.startswith("_") or name in DENIED for name in names):
        raise Denied(path)
    module = import_allowed(prefix)
    found = _member(module, names[0])
    if isinstance(found, types.ModuleType) or not _own(prefix, names[0], found):
        raise Denied(path)
    for name in names[1:]:
        if not isinstance(found, type) and not (numpy is not None and isinstance(found, numpy.ufunc)):
            raise Denied(path)
        if not hasattr(found, name):
            raise Missing(path)
        found = getattr(found, name)
    return found


def import_allowed(name: str) -> types.ModuleType:
    """One of ``MODULES``; raises Missing when the library lacks it."""
    root = name.partition(".")[0]
    if (root == "torch" and torch is None) or (root == "numpy" and numpy is None):
        raise Missing(root)
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Missing(name) from error


def _member(module: types.ModuleType, name: str) -> Any:
    found = vars(module).get(name, module)
    if found is not module:
        return found
    if module.__name__ == "numpy" and name in getattr(module, "__all__", ()):
        return getattr(module, name)  # lazily made there
    raise Missing(f"{module.__name__}.{name}")


def _own(prefix: str, name: str, found: Any) -> bool:
    """Whether a module's attribute is part of its public numeric interface, not something it imported or a tool."""
    if prefix in ("math", "operator"):
        return True
    if prefix.startswith("einops"):
        return name in _EINOPS
    if prefix == "einx":
        return name in _EINX
    if prefix.startswith("numpy"):
        return (
            name in getattr(import_allowed(prefix), "__all__", ())
            or name in _NUMPY_VIEWS
            or (prefix.startswith("numpy.ma") and str(getattr(found, "__module__", "")).startswith("numpy.ma"))
        )
    if isinstance(found, (torch.dtype, torch.layout, torch.memory_format, numbers.Number)):
        return True
    if prefix == "torch":
        return name in _TORCH_EXTRA or name in torch.functional.__all__ or hasattr(torch._C._VariableFunctions, name)
    if isinstance(found, type):
        if prefix in ("torch.nn", "torch.nn.parameter"):
            return issubclass(found, (torch.nn.Module, torch.Tensor)) or name == "Buffer"
        return str(found.__module__).startswith(("torch.distributions", "torch.nn.utils.rnn"))
    return callable(found) and str(getattr(found, "__module__", None) or "torch").startswith(("torch", "builtins"))


def check_attribute(owner: Any, name: str) -> None:
    """Raise Denied unless a public method or attribute ``name`` of this argument may be used.

    A private name that a module lacks may be asked for as well: the answer is that it has none.
    """
    if name in DENIED or name.startswith("__") or torch is None or not isinstance(owner, torch.nn.Module) or hasattr(owner, name):
        check_name(name)
    if type(owner).__module__.partition(".")[0] not in ("torch", "numpy", "einops"):
        raise Denied(f"{type(owner).__name__}.{name}")
    if numpy is not None and name == "resize" and isinstance(owner, numpy.ndarray):
        raise Denied("ndarray.resize")  # it counts references, and the agent holds more than the user's program


def check_name(name: str) -> None:
    """Raise Denied unless the name is a public one."""
    if name in DENIED or (name.startswith("_") and name not in DUNDERS):
        raise Denied(name)
