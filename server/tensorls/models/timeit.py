"""timeit: it runs what it measures."""

from __abstract__ import execute, integer, number as seconds


def default_timer():
    return seconds()


class Timer:
    def __init__(self, stmt="pass", setup="pass", timer=None, globals=None):
        self._stmt = stmt
        self._setup = setup
        self._globals = {} if globals is None else globals

    def _run(self):
        if callable(self._stmt) or callable(self._setup):
            if callable(self._setup):
                self._setup()
            if callable(self._stmt):
                self._stmt()
                self._stmt()
        else:
            execute(self._globals, self._setup, self._stmt, self._stmt)

    def timeit(self, number=1000000):
        self._run()
        return seconds()

    def repeat(self, repeat=5, number=1000000):
        self._run()
        return [seconds() for _ in range(repeat)]

    def autorange(self, callback=None):
        self._run()
        return integer(), seconds()

    def print_exc(self, file=None):
        return None


def timeit(stmt="pass", setup="pass", timer=None, number=1000000, globals=None):
    return Timer(stmt, setup, timer, globals).timeit(number)


def repeat(stmt="pass", setup="pass", timer=None, repeat=5, number=1000000, globals=None):
    return Timer(stmt, setup, timer, globals).repeat(repeat, number)
