import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findPeer } from '../sides.mjs';

const { python } = findPeer();

/** Runs a script beside the peer's modules; what it prints, as JSON. */
function peer(script) {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const { stdout, stderr, status } = spawnSync(python, ['-B', '-c', script], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

describe.skipIf(python === null)("the peer's objective", () => {
  it('is the log of the batch where all similarities are equal, and 0 where pairs are far apart from the rest', () => {
    const [equal, apart] = peer(`
import json, torch
from objective import info_nce
ones = torch.ones(8, 3)
print(json.dumps([info_nce(ones, 2 * ones, 0.07).item(), info_nce(torch.eye(8), torch.eye(8), 0.01).item()]))`);
    expect(equal).toBeCloseTo(Math.log(8), 5);
    expect(apart).toBeCloseTo(0, 5);
  });

  it('has the hypergradient of a quadratic in closed form', () => {
    // L_cls = sum c x^2 / 2, L_align = sum a (x - 1)^2 / 2, outer: sum o x^2 / 2, all diagonal, at x.
    const c = [1, 2, 3];
    const a = [4, 1, 2];
    const o = [2, 3, 1];
    const x = [0.5, -1, 2];
    const [alpha, damping] = [0.3, 0.7];
    const expected = -x.reduce((sum, value, i) => {
      const v = (o[i] * value) / ((1 - alpha) * c[i] + alpha * a[i] + damping);
      return sum + (a[i] * (value - 1) - c[i] * value) * v;
    }, 0);
    const got = peer(`
import json, torch
from objective import hypergradient
x = torch.tensor(${JSON.stringify(x)}, dtype=torch.float64, requires_grad=True)
c, a, o = (torch.tensor(v, dtype=torch.float64) for v in ${JSON.stringify([c, a, o])})
losses = lambda curvature: ((curvature * x**2).sum() / 2, (a * (x - 1) ** 2).sum() / 2)
print(json.dumps(hypergradient(losses, [x], c, o, ${alpha}, 3, ${damping})))`);
    expect(got).toBeCloseTo(expected, 10);
  });

  it('counts the parameters of ResNet-18 without its classifier', () => {
    // 11,689,512 in all, less 513,000 of the classifier.
    expect(
      peer(`
import json
from networks import ResNet18, count
print(json.dumps(count(ResNet18(3))))`),
    ).toBe(11_176_512);
  });
});
