"""sklearn.datasets."""

from sklearn.datasets.fixed import (
    fetch_california_housing,
    fetch_covtype,
    fetch_olivetti_faces,
    fetch_openml,
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_linnerud,
    load_wine,
)
from sklearn.datasets.made import (
    make_biclusters,
    make_blobs,
    make_circles,
    make_classification,
    make_friedman1,
    make_gaussian_quantiles,
    make_moons,
    make_regression,
    make_s_curve,
    make_swiss_roll,
)
