"""``array.unsqueeze(0)`` -> ``np.expand_dims(array, axis=0)``: arrays have no ``unsqueeze``.

Before::

    batch = array.unsqueeze(0)

After::

    batch = np.expand_dims(array, axis=0)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tensorls.domain.fact import Diagnostic, Fix
from tensorls.fixes.context import FixContext


def offer(diagnostic: Diagnostic, context: FixContext) -> Iterator[Fix]:
    """One fix for a call of ``unsqueeze`` on an array."""
    attribute = context.find(diagnostic.span, ast.Attribute)
    if not isinstance(attribute, ast.Attribute) or attribute.attr != "unsqueeze" or "'numpy.ndarray'" not in diagnostic.message:
        return
    call = next((n for nodes in context.nodes.values() for n in nodes if isinstance(n, ast.Call) and n.func is attribute), None)
    if call is None or len(call.args) + len(call.keywords) != 1:
        return
    argument = call.args[0] if call.args else call.keywords[0].value
    numpy = numpy_name(context)
    if numpy is not None:
        text = f"{numpy}.expand_dims({context.text(attribute.value)}, axis={context.text(argument)})"
        yield Fix(f"Replace by {numpy}.expand_dims(..., axis={context.text(argument)})", (context.replace(call, text),), True)


def numpy_name(context: FixContext) -> str | None:
    """The name under which the file imports NumPy."""
    for node in ast.walk(context.parsed.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "numpy":
                    return alias.asname or alias.name
    return None
