"""Reliability bins of scikit-learn, and the expected calibration error that follows from them."""
import numpy as np
from sklearn.calibration import calibration_curve

from common import write


def main():
    random = np.random.default_rng(4)
    size, classes = 60, 4
    labels = random.integers(0, classes, size)
    scores = 1.5 * random.normal(size=(size, classes)) + np.eye(classes)[labels]
    rows = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    rows = np.round(rows, 4)
    confidence = rows.max(1)
    right = (rows.argmax(1) == labels).astype(int)
    cases = []
    for bins in (1, 5, 10, 15):
        accuracy, mean = calibration_curve(right, confidence, n_bins=bins, strategy="uniform")
        place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
        counts = np.bincount(place, minlength=bins)
        filled = counts[counts > 0]
        cases.append(
            {
                "bins": bins,
                "ece": float((filled / size * np.abs(accuracy - mean)).sum()),
                "counts": counts.tolist(),
                "accuracy": accuracy.tolist(),
                "confidence": mean.tolist(),
            }
        )
    write("metrics/src/ece/ece.fixture.json", {"labels": labels.tolist(), "probabilities": rows.tolist(), "cases": cases})


if __name__ == "__main__":
    main()
