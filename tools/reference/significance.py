"""Tests over seeds, test samples and data sets, by SciPy: the signed-rank test, the bootstrap, Friedman's test, the critical difference."""

import itertools

import numpy as np
from scipy import stats

from common import write


def number(value):
    return float(f"{float(value):.15g}")


def signed_rank():
    rng = np.random.default_rng(1)
    cases = []
    for n in (3, 5, 6, 10, 25, 60):
        a = np.round(rng.uniform(0.6, 0.8, n), 6)
        b = np.round(a - rng.normal(0.01, 0.02, n), 6)
        method = "exact" if n <= 50 else "asymptotic"
        result = stats.wilcoxon(a, b, method=method, correction=False)
        cases.append({"a": a.tolist(), "b": b.tolist(), "statistic": number(result.statistic), "pValue": number(result.pvalue)})
    # With ties and a pair that does not differ: every sign pattern of the other pairs.
    a = np.array([0.5, 0.75, 0.25, 0.625, 0.375, 0.5, 0.875])
    b = np.array([0.25, 0.5, 0.375, 0.5, 0.375, 0.625, 0.5])
    d = a - b
    d = d[d != 0]
    ranks = stats.rankdata(np.abs(d))
    observed = min(ranks[d > 0].sum(), ranks[d < 0].sum())
    total = ranks.sum()
    count = 0
    for signs in itertools.product((0, 1), repeat=len(d)):
        above = float(np.dot(signs, ranks))
        count += min(above, total - above) <= observed + 1e-9
    cases.append({"a": a.tolist(), "b": b.tolist(), "statistic": number(observed), "pValue": number(count / 2 ** len(d))})
    return cases


def bootstrap():
    cases = []
    # All 6^6 resamples.
    row = [[1, 1, 0, 1, 1, 0], [1, 0, 1, 1, 1, 0]]
    reference = [[0, 1, 0, 1, 0, 0], [1, 0, 0, 1, 1, 1]]
    d = (np.array(row) - np.array(reference)).sum(0)
    sums = np.array([d[list(pick)].sum() for pick in itertools.product(range(6), repeat=6)])
    ordered = np.sort(sums)
    quantile = lambda p: ordered[int(np.ceil(p * len(ordered))) - 1]
    cases.append({
        "row": row, "reference": reference, "exact": True, "difference": number(d.mean() / 2),
        "ci95": [number(quantile(0.025) / 12), number(quantile(0.975) / 12)],
        "pValue": number(min(1, 2 * min((sums <= 0).mean(), (sums >= 0).mean()))),
    })
    # By chance, with scipy's percentile interval.
    rng = np.random.default_rng(2)
    for n, seeds, gain in ((200, 3, 0.05), (1500, 2, 0.02)):
        base = rng.uniform(size=n)
        draw = lambda p: (np.clip(base + rng.normal(0, 0.15, n), 0, 1) < p).astype(int)
        row = [draw(0.6 + gain).tolist() for _ in range(seeds)]
        reference = [draw(0.6).tolist() for _ in range(seeds)]
        d = (np.array(row) - np.array(reference)).mean(0)
        result = stats.bootstrap((d,), np.mean, n_resamples=100_000, method="percentile", rng=3, vectorized=True, batch=2000)
        sums = result.bootstrap_distribution
        cases.append({
            "row": ["".join(map(str, one)) for one in row], "reference": ["".join(map(str, one)) for one in reference],
            "exact": False, "difference": number(d.mean()),
            "ci95": [number(result.confidence_interval.low), number(result.confidence_interval.high)],
            "pValue": number(min(1, 2 * min((sums <= 1e-12).mean(), (sums >= -1e-12).mean()))),
        })
    return cases


def ranks():
    cases = []
    rng = np.random.default_rng(4)
    for k, n, ties in ((3, 4, False), (5, 8, False), (8, 6, True), (4, 2, False)):
        scores = np.round(rng.uniform(0.5, 0.9, (k, n)) + np.arange(k)[:, None] * 0.05, 4)
        if ties:
            scores[1] = scores[0]
            scores[2, :3] = scores[3, :3]
        chi, p = stats.friedmanchisquare(*scores)
        f = (n - 1) * chi / (n * (k - 1) - chi)
        q = stats.studentized_range.ppf(0.95, k, np.inf) / np.sqrt(2)
        cases.append({
            "scores": scores.tolist(),
            "average": [number(v) for v in stats.rankdata(-scores, axis=0).mean(1)],
            "chiSquared": number(chi), "pValue": number(p),
            "f": number(f), "fPValue": number(stats.f.sf(f, k - 1, (k - 1) * (n - 1))),
            "criticalDifference": number(q * np.sqrt(k * (k + 1) / (6 * n))),
        })
    return cases


def distributions():
    return {
        "normal": [[z, number(stats.norm.cdf(z))] for z in (-30.0, -8.0, -2.5, -0.1, 0.0, 0.7, 3.2, 6.0)],
        "chiSquared": [[x, k, number(stats.chi2.sf(x, k))] for x, k in ((0.1, 1), (3.84, 1), (7.0, 5), (40.0, 4), (2.0, 30), (300.0, 9))],
        "f": [[f, a, b, number(stats.f.sf(f, a, b))] for f, a, b in ((0.5, 2, 6), (4.2, 4, 28), (30.0, 7, 35), (1.0, 1, 1))],
        "range": [[k, number(stats.studentized_range.ppf(0.95, k, np.inf))] for k in (2, 3, 5, 10, 24)],
    }


def main():
    write("comparison/src/statistics/statistics.fixture.json", {
        "distributions": distributions(), "signedRank": signed_rank(), "bootstrap": bootstrap(), "ranks": ranks(),
    })


if __name__ == "__main__":
    main()
