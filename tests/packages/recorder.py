"""Run a program and write down every tensor that the code of some files binds.

    python recorder.py PROGRAM FILE...

The files are loaded with a call behind every binding; the program itself runs as it is.  Packages that a file imports but
that this test does not need are empty here.  The answer is JSON: for each place what was seen there.
"""

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import runpy
import sys
from types import ModuleType

NOTE = "__note__"
ABSENT = ("torchvision", "PIL", "scipy", "accelerate", "ema_pytorch", "tqdm", "pytorch_fid", "loguru")

seen = {}  # (file, line, column, name) -> observations, None for what is no tensor


def note(file, line, column, name, value):
    """Write down one value, and hand it on."""
    observed = describe(value)
    places = seen.setdefault((file, line, column, name), [])
    if observed not in places:
        places.append(observed)
    return value


def describe(value):
    """What is recorded of a tensor."""
    import numpy
    import torch

    if isinstance(value, torch.Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        return ["torch", list(value.shape), dtype, str(value.device), value.requires_grad]
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        return ["numpy", list(value.shape), value.dtype.name, None, None]
    return None


class Instrument(ast.NodeTransformer):
    """Puts calls of the recorder behind bindings."""

    def __init__(self, file, source):
        self.file = file
        self.lines = source.split("\n")

    def noted(self, place, name, value):
        column = len(self.lines[place.lineno - 1].encode()[: place.col_offset].decode())
        args = [ast.Constant(self.file), ast.Constant(place.lineno), ast.Constant(column), ast.Constant(name), value]
        return ast.copy_location(ast.Call(ast.Name(NOTE, ast.Load()), args, []), place)

    def targets(self, target):
        """The expressions that note what a target was bound to."""
        if isinstance(target, (ast.Tuple, ast.List)):
            return [e for t in target.elts for e in self.targets(t)]
        if isinstance(target, ast.Starred) or any(isinstance(n, (ast.Call, ast.NamedExpr)) for n in ast.walk(target)):
            return []
        read = ast.parse(ast.unparse(target), mode="eval").body
        return [ast.Expr(self.noted(target, ast.unparse(target), read))]

    def visit_Assign(self, node):
        self.generic_visit(node)
        return [node, *(e for t in node.targets for e in self.targets(t))]

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        return [node, *self.targets(node.target)] if node.value is not None else node

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        return [node, *self.targets(node.target)]

    def visit_NamedExpr(self, node):
        self.generic_visit(node)
        node.value = self.noted(node.target, node.target.id, node.value)
        return node

    def visit_For(self, node):
        self.generic_visit(node)
        node.body = [*self.targets(node.target), *node.body]
        return node

    def visit_With(self, node):
        self.generic_visit(node)
        bound = [item.optional_vars for item in node.items if item.optional_vars is not None]
        node.body = [*(e for t in bound for e in self.targets(t)), *node.body]
        return node

    def visit_Return(self, node):
        self.generic_visit(node)
        if node.value is not None:
            node.value = self.noted(node, "<return>", node.value)
        return node

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        given = node.args
        names = [*given.posonlyargs, *given.args, *filter(None, [given.vararg]), *given.kwonlyargs, *filter(None, [given.kwarg])]
        notes = [ast.Expr(self.noted(a, a.arg, ast.Name(a.arg, ast.Load()))) for a in names]
        start = 1 if ast.get_docstring(node, clean=False) is not None else 0
        node.body[start:start] = notes
        return node


class Loader(importlib.machinery.SourceFileLoader):
    """Loads a file with its bindings noted."""

    def get_code(self, fullname):
        source = self.get_data(self.path).decode()
        tree = ast.fix_missing_locations(Instrument(self.path, source).visit(ast.parse(source)))
        return compile(tree, self.path, "exec")

    def exec_module(self, module):
        setattr(module, NOTE, note)
        super().exec_module(module)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the files to record, and stands in for what is absent."""

    def __init__(self, files):
        self.files = files

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] in ABSENT:
            return importlib.util.spec_from_loader(fullname, Nothing(), is_package=True)
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None and os.path.realpath(spec.origin) in self.files:
            spec.loader = Loader(fullname, spec.origin)
        return spec


class Anything:
    """Takes every call; a class derived from it can be defined; ``tqdm(items)`` gives the items."""

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, first=None, *args, **kwargs):
        return first

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()


class Empty(ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()


class Nothing(importlib.abc.Loader):
    def create_module(self, spec):
        return Empty(spec.name)

    def exec_module(self, module):
        pass


def main(program, *files):
    """Run the program, then print."""
    sys.meta_path.insert(0, Finder({os.path.realpath(f) for f in files}))
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    runpy.run_path(program, run_name="__main__")
    print(json.dumps([[*place, observed] for place, observed in seen.items()]))


if __name__ == "__main__":
    main(*sys.argv[1:])
