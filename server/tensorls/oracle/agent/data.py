"""What depends on the content of tensors, and what does not: the tables that NumPy and torch cannot be asked for."""

from __future__ import annotations

from .libs import torch, words

#: Attributes, methods and functions whose numbers are metadata: exact although a tensor went in.
METADATA = words(
    """
    size dim ndim ndimension numel nelement stride strides shape element_size itemsize nbytes is_contiguous
    is_floating_point is_complex is_signed is_leaf requires_grad layout len __len__ is_tensor is_conj is_neg is_sparse
    is_sparse_csr is_quantized is_nested is_meta is_mkldnn is_shared is_same_size is_inference is_coalesced sparse_dim
    dense_dim retains_grad names batch_shape event_shape has_rsample is_storage iscomplexobj isrealobj isscalar iterable
    isfortran result_type can_cast promote_types min_scalar_type common_type broadcast_shapes parse_shape dim_order
    typename char kind in_features out_features training isdtype issubdtype fliplr is_set_to shares_memory may_share_memory
    """
)

#: Attributes that tell of the tensor's past, which a stand-in does not have.
HISTORY = words("grad grad_fn base flags output_nr name data_ptr flat is_pinned is_inference retains_grad")

#: Last names of functions and methods (beside torch's own tag) whose result's sizes the content decides.
_BY_HAND = words(
    """
    nonzero argwhere unique unique_consecutive unique_all unique_counts unique_inverse unique_values masked_select bincount
    where repeat_interleave one_hot extract compress compressed flatnonzero trim_zeros intersect1d union1d setdiff1d
    setxor1d histogram histogram_bin_edges histogramdd histogram2d repeat arange range linspace logspace geomspace delete
    insert tensor_split array_split split pad_packed_sequence pack_padded_sequence pack_sequence to_sparse to_sparse_coo
    to_sparse_csr coalesce indices values OneHotCategorical Categorical packbits unpackbits roots poly1d mask_indices
    notmasked_contiguous flatnotmasked_contiguous clump_masked clump_unmasked compress_rows compress_cols compress_nd
    compress_rowcols polydiv polytrim trim enumerate_support lexsort sequence_mask tensordot nanquantile
    """
)

#: NumPy's writers into their first argument.
NUMPY_WRITERS = words(
    """sort fill put partition itemset byteswap copyto place putmask fill_diagonal put_along_axis shuffle setfield setitem
    __setitem__ at"""
)

#: Of those, the ones where only a second tensor (of sizes, of positions) can matter.
_BY_SECOND = words("repeat split array_split tensor_split delete insert repeat_interleave values indices")

#: Prefixes of functions whose numbers are random although no tensor goes in.
RANDOM = ("numpy.random.", "torch.seed", "torch.initial_seed")

_names: set[str] = set()


def decides_sizes(name: str, tensors: int, arguments: int) -> bool:
    """Whether the content of ``tensors`` tensor arguments may decide the sizes of what ``name`` returns."""
    if not _names:
        _names.update(_BY_HAND, _tagged())
    if name not in _names or not tensors:
        return False
    if name == "where":
        return arguments == 1
    return tensors > 1 or name not in _BY_SECOND


def _tagged() -> set[str]:
    """The operators that torch itself marks as having a data-dependent output shape."""
    lookup = getattr(getattr(torch, "_C", None), "_get_operation_overload", None)
    if lookup is None:
        return set()
    found = set()
    for full in torch._C._dispatch_get_all_op_names():
        base, _, overload = full.partition(".")
        if base.startswith("aten::") and base != "aten::index":  # getitem is judged by its index
            answer = lookup(base, overload)
            if answer is not None and torch.Tag.dynamic_output_shape in answer[2]:
                found.add(base[6:].removeprefix("linalg_"))
    return found
