"""torch.utils.benchmark: it runs what it measures."""

import torch
from __abstract__ import execute, integer, number, unknown


class Measurement:
    def __init__(self):
        self.mean = number()
        self.median = number()
        self.iqr = number()
        self.times = unknown("times that were measured")
        self.raw_times = self.times
        self.number_per_run = integer()

    def __repr__(self):
        return ""


class Timer:
    def __init__(
        self,
        stmt="pass",
        setup="pass",
        global_setup="",
        timer=None,
        globals=None,
        label=None,
        sub_label=None,
        description=None,
        env=None,
        num_threads=1,
        language="py",
    ):
        self._stmt = stmt
        self._setup = setup
        self._globals = {"torch": torch, **(globals or {})}
        self._language = language

    def _run(self):
        if self._language in ("py", "python"):
            execute(self._globals, self._setup, self._stmt, self._stmt)
        else:
            unknown("a program in another language")
        return Measurement()

    def timeit(self, number=1000000):
        return self._run()

    def blocked_autorange(self, callback=None, min_run_time=0.2):
        return self._run()

    def adaptive_autorange(self, threshold=0.1, *, min_run_time=0.01, max_run_time=10.0, callback=None):
        return self._run()

    def collect_callgrind(self, *args, **kwargs):
        return unknown("instruction counts")


class Compare:
    def __init__(self, results):
        self._results = results

    def extend_results(self, results):
        return None

    def trim_significant_figures(self):
        return None

    def colorize(self, rowwise=False):
        return None

    def highlight_warnings(self):
        return None

    def print(self):
        return None
