"""matplotlib.animation: it calls the program's function for each frame."""

from __abstract__ import integer, unknown
from matplotlib.drawing import Drawing, quiet

writers = unknown("writers of animations")


class Animation(Drawing):
    def __init__(self, fig, *args, **kwargs):
        self._fig = fig


class ArtistAnimation(Animation):
    pass


class FuncAnimation(Animation):
    def __init__(self, fig, func, frames=None, init_func=None, fargs=None, save_count=None, *, cache_frame_data=True, **kwargs):
        super().__init__(fig)
        if init_func is not None:
            init_func()
        for frame in self._frames(frames):
            func(frame, *(fargs or ()))

    def _frames(self, frames):
        if frames is None or isinstance(frames, int):
            return range(integer())
        return frames() if callable(frames) else frames


class FFMpegWriter(Drawing):
    def __init__(self, *args, **kwargs):
        self.fps = unknown("frames per second")


PillowWriter = ImageMagickWriter = HTMLWriter = FFMpegWriter
