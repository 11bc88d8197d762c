"""Multinomial logistic regression of scikit-learn on a small set of rows."""
import numpy as np
from sklearn.linear_model import LogisticRegression

from common import write


def main():
    random = np.random.default_rng(0)
    classes, size, width, decay = 3, 30, 4, 0.05
    centres = random.normal(size=(classes, width))
    labels = np.arange(size) % classes
    rows = np.round(centres[labels] + random.normal(size=(size, width)), 4)
    # scikit-learn minimises C sum_i loss_i + |W|^2 / 2: the mean with decay is C = 1 / (n decay).
    model = LogisticRegression(C=1 / (size * decay), tol=1e-10, max_iter=10_000).fit(rows, labels)
    write(
        "metrics/src/linear-probe/logistic.fixture.json",
        {
            "classes": classes,
            "decay": decay,
            "rows": rows.tolist(),
            "labels": labels.tolist(),
            "coefficients": np.round(model.coef_, 8).tolist(),
            "intercepts": np.round(model.intercept_, 8).tolist(),
        },
    )


if __name__ == "__main__":
    main()
