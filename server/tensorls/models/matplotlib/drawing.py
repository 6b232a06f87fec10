"""Figures, axes and everything on them."""

from __abstract__ import unknown


def quiet(*args, **kwargs):
    return unknown("result of a drawing")


class Drawing:
    """A figure, axes, or several axes: whatever is called on it leaves its arguments as they are."""

    def __getattr__(self, name):
        return quiet

    def __getitem__(self, index):
        return Drawing()

    def __call__(self, *args, **kwargs):
        return unknown("result of a drawing")

    def __iter__(self):
        for _ in unknown("number of axes"):
            yield Drawing()

    def subplots(self, *args, **kwargs):
        return Drawing()

    def ravel(self, order="C"):
        return Drawing()

    def flatten(self, order="C"):
        return Drawing()

    def add_subplot(self, *args, **kwargs):
        return Drawing()

    def add_axes(self, *args, **kwargs):
        return Drawing()

    def gca(self, **kwargs):
        return Drawing()

    def twinx(self):
        return Drawing()
