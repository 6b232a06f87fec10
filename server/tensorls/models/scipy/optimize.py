"""scipy.optimize."""

import numpy


def linear_sum_assignment(cost_matrix, maximize=False):
    cost_matrix = numpy.asarray(cost_matrix)
    count = min(cost_matrix.shape[0], cost_matrix.shape[1])
    return numpy.zeros(count, dtype=numpy.intp), numpy.zeros(count, dtype=numpy.intp)
