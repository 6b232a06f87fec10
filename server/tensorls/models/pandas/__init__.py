"""pandas: tables of unknown contents; NumPy arrays come out of them."""

from __abstract__ import array, integer, unknown


class _Table:
    """A frame or a series: its own methods are not followed."""

    def __len__(self):
        return integer()

    def __getattr__(self, name):
        return unknown("part of a table")

    def __getitem__(self, key):
        return unknown("part of a table")

    def head(self, n=5):
        return type(self)()

    def copy(self, deep=True):
        return type(self)()

    def sample(self, *args, **kwargs):
        return type(self)()

    def dropna(self, *args, **kwargs):
        return type(self)()


class DataFrame(_Table):
    def __init__(self, *args, **kwargs):
        pass

    @property
    def values(self):
        return array(2)

    @property
    def shape(self):
        return (integer(), integer())

    def to_numpy(self, dtype=None, copy=False, na_value=None):
        return array(2)

    def __array__(self, dtype=None, copy=None):
        return array(2)


class Series(_Table):
    def __init__(self, *args, **kwargs):
        pass

    def to_numpy(self, dtype=None, copy=False, na_value=None):
        return array(1)

    def __array__(self, dtype=None, copy=None):
        return array(1)


def read_csv(*args, **kwargs):
    return unknown("iterator of tables") if "chunksize" in kwargs or "iterator" in kwargs else DataFrame()


def read_excel(*args, **kwargs):
    return unknown("one table or several")


def read_parquet(*args, **kwargs):
    return DataFrame()
