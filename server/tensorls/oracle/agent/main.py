"""Entry point, run as a script under the user's interpreter.

Syntax that any Python reads, so that an old one can still say which version it is.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "_tensorls_agent"


def bootstrap():  # type: () -> None
    """Load the folder as a package under a private name, and serve.

    The script's folder and the working folder leave ``sys.path``: no file there may shadow a library of the user's.
    """
    unwanted = ("", os.getcwd(), HERE)
    sys.path[:] = [p for p in sys.path if p and os.path.abspath(p) not in unwanted]
    if sys.version_info < (3, 10):  # noqa: UP036  (users select any interpreter)
        sys.stdout.write('{"hello": {"python": "%d.%d.%d"}}\n' % sys.version_info[:3])  # noqa: UP031
        sys.stdout.flush()
        return
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"  # stand-ins are tiny, and a pool of threads does not survive a fork
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"  # asking for GPUs must not initialise CUDA before the fork
    import importlib.util

    spec = importlib.util.spec_from_file_location(PACKAGE, os.path.join(HERE, "__init__.py"), submodule_search_locations=[HERE])
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)
    importlib.import_module(PACKAGE + ".serve").main()


if __name__ == "__main__":
    bootstrap()
