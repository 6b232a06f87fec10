"""matplotlib.pyplot: drawing; images that are read are arrays of which nothing more is known."""

from __abstract__ import array, unknown
from matplotlib.drawing import Drawing, quiet

plot = imshow = show = pause = title = xlabel = ylabel = axis = legend = savefig = close = ion = ioff = clf = cla = draw = quiet
scatter = bar = barh = errorbar = fill_between = grid = xlim = ylim = xticks = yticks = suptitle = tight_layout = text = quiet
colorbar = contour = contourf = hist = hist2d = pcolormesh = semilogx = semilogy = loglog = step = stem = axhline = axvline = quiet
matshow = annotate = subplots_adjust = vlines = hlines = quiver = boxplot = violinplot = clim = tick_params = set_cmap = quiet
stackplot = pie = streamplot = xscale = yscale = margins = figtext = waitforbuttonpress = get_cmap = switch_backend = specgram = quiet


def figure(*args, **kwargs):
    return Drawing()


def subplots(nrows=1, ncols=1, **kwargs):
    return Drawing(), Drawing()


def subplot(*args, **kwargs):
    return Drawing()


def axes(*args, **kwargs):
    return Drawing()


def gca(*args, **kwargs):
    return Drawing()


def gcf():
    return Drawing()


def subplot2grid(*args, **kwargs):
    return Drawing()


def imread(fname, format=None):
    return array()
