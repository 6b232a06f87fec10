"""scikit-learn: its data sets, splits and scalers."""

from sklearn import datasets, model_selection, preprocessing
