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


class _Positions:
    """``frame.iloc``: what a pair of positions picks."""

    def __getitem__(self, key):
        if isinstance(key, tuple):
            rows, columns = key
            if isinstance(rows, (slice, list)) and isinstance(columns, (slice, list)):
                return DataFrame()
            if isinstance(rows, int) and isinstance(columns, int):
                return unknown("entry of a table")
            return (
                Series() if isinstance(rows, (slice, list, int)) and isinstance(columns, (slice, list, int)) else unknown("part of a table")
            )
        if isinstance(key, (slice, list)):
            return DataFrame()
        return Series() if isinstance(key, int) else unknown("part of a table")


class DataFrame(_Table):
    def __init__(self, *args, **kwargs):
        pass

    def __getitem__(self, key):
        return DataFrame() if isinstance(key, (list, slice)) else unknown("column of a table")

    @property
    def iloc(self):
        return _Positions()

    def _changed(self, *args, inplace=False, **kwargs):
        return None if inplace else DataFrame()

    drop = dropna = fillna = reset_index = sort_values = sort_index = rename = drop_duplicates = _changed

    def _part(self, *args, **kwargs):
        return DataFrame()

    head = tail = copy = sample = astype = select_dtypes = round = abs = _part

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


def get_dummies(data, *args, **kwargs):
    return DataFrame()


def read_csv(*args, **kwargs):
    if "chunksize" in kwargs or "iterator" in kwargs or "squeeze" in kwargs:
        return unknown("something made of tables")
    return DataFrame()


def read_excel(*args, **kwargs):
    return unknown("one table or several")


def read_parquet(*args, **kwargs):
    return DataFrame()
