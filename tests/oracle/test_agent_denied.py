"""Nothing outside the allow-list is resolved or called."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import ask, reason, t
from tensorls.oracle.question import Global, Raised, Recipe, Sequence
from tensorls.oracle.session import Description, Session


def words(text: str) -> list[str]:
    return text.split()


PATHS = words("""
torch.load torch.save torch.hub.load torch.compile torch.jit.load torch.from_file torch.os.system torch.ops.load_library
torch.classes.load_library torch.PyTorchFileReader torch.import_ir_module torch.UntypedStorage.from_file torch._C._jit_init
torch.Tensor.__reduce__ torch.Tensor.share_memory_ torch.nn.Module.apply torch.nn.functional.torch.load
torch.utils.data.DataLoader torch.utils.cpp_extension.load torch.multiprocessing.Process torch.distributed.init_process_group
torch.autograd.grad
torch.nn.functional.importlib.import_module torch.nn.functional.warnings.warn torch.nn.DataParallel torch.vmap
numpy.load numpy.save numpy.savez numpy.fromfile numpy.memmap numpy.loadtxt numpy.genfromtxt numpy.savetxt numpy.fromregex
numpy.lib.npyio.DataSource numpy.lib.format.open_memmap numpy.ctypeslib.load_library numpy.f2py.compile numpy.test
numpy.frompyfunc numpy.vectorize numpy.apply_along_axis numpy.ndarray.tofile numpy.ndarray.dump numpy.sys.exit numpy.testing.run
operator.attrgetter operator.methodcaller operator.itemgetter operator.call builtins.eval builtins.exec builtins.open
builtins.__import__ builtins.getattr os.system subprocess.run importlib.import_module sys.exit pickle.loads einops.os tensorls
""")


@pytest.mark.parametrize("path", PATHS)
def test_the_path_is_refused_everywhere(session: Session, path: str) -> None:
    assert reason(ask(session, path, "x")).startswith(("denied", "not in the installed library"))
    assert reason(ask(session, "torch.is_tensor", Global(path))).startswith(("denied", "not in the installed library"))
    assert reason(ask(session, "call", Recipe(path))).startswith(("denied", "not in the installed library"))


NAMES = words("__class__ __globals__ __reduce__ __reduce_ex__ __dict__ __init_subclass__ __getattribute__ _make_subclass")


@pytest.mark.parametrize("name", [*NAMES, "data_ptr", "untyped_storage", "register_hook", "apply_", "share_memory_", "numpy_"])
def test_attributes_of_arguments_are_public_ones(session: Session, name: str) -> None:
    if name == "numpy_":  # merely missing
        return
    for op in (f".{name}", f"getattr:{name}"):
        assert "denied" in reason(ask(session, op, t(3))) or "history" in reason(ask(session, op, t(3)))
    for op in (f".{name}", f"getattr:{name}"):
        found = ask(session, op, Recipe("torch.nn.Linear", (2, 2)), 1)
        if name == "_make_subclass":  # that a module has no such name may be told
            assert isinstance(found, Raised)
            assert found.exception == "AttributeError"
        else:
            assert "denied" in reason(found)


def test_text_and_plain_objects_offer_no_attributes(session: Session) -> None:
    for owner in ("{0.__class__}", 1, Sequence("list", (1,)), Global("math.floor")):
        assert reason(ask(session, ".format", owner, 1)).startswith("denied")


def test_the_steps_of_a_recipe_are_checked(session: Session) -> None:
    for step in ("apply", "_apply", "__class__", "register_forward_hook", "share_memory"):
        found = ask(session, "call", Recipe("torch.nn.Linear", (2, 2), steps=((step, ()),)), t(2, 2))
        assert reason(found).startswith("denied")


def test_tuple_classes_are_tuples_of_the_libraries(session: Session) -> None:
    for kind in ("subprocess.Popen", "os.stat_result", "torch.nn.Linear", "builtins.tuple"):
        assert reason(ask(session, "torch.is_tensor", Sequence(kind, ("true",), ("a",)))).startswith("denied")


def test_no_file_appears(session: Session, tmp_path: Path) -> None:
    target = tmp_path / "written"
    for op in ("numpy.save", "torch.save", ".tofile", ".dump"):
        ask(session, op, t(3), str(target))
        ask(session, op, str(target), t(3))
    assert not target.exists()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("torch.nn", "module"),
        ("torch.os", "denied"),
        ("torch.load", "denied"),
        ("torch.no_such_name", "missing"),
        ("torch.matmul", "function"),
        ("torch.float32", "dtype"),
        ("numpy.pi", "constant"),
        ("numpy.newaxis", "constant"),
        ("torch.channels_last", "object"),
        ("torch.utils.data.DataLoader", "class"),
        ("os.system", "denied"),
    ],
)
def test_descriptions(session: Session, path: str, kind: str) -> None:
    assert session.describe(path).kind == kind


def test_classes_are_described_with_their_bases(session: Session) -> None:
    linear = session.describe("torch.nn.Linear")
    assert linear.mro == ("torch.nn.Linear", "torch.nn.Module", "builtins.object")
    assert linear.is_nn_module
    assert linear.parameters == ("in_features", "out_features", "bias", "device", "dtype")
    assert session.describe("numpy.float32").dtype == "float32"
    assert session.describe("math.e").value == pytest.approx(2.718281828)
    assert session.describe("torch.nn.Linear") is linear
    assert isinstance(linear, Description)
