import { describe, expect, it } from 'vitest';
import { nodeProblem, satisfies } from './node-version.mjs';

const RANGE = '^20.19.0 || >=22.12.0';

describe('satisfies', () => {
  it.each(['v20.19.0', 'v20.20.2', 'v22.12.0', 'v22.23.1', 'v24.0.0'])('takes %s', (version) => {
    expect(satisfies(version, RANGE)).toBe(true);
  });

  it.each(['v14.21.3', 'v18.20.4', 'v20.18.3', 'v21.7.3', 'v22.11.0'])('refuses %s', (version) => {
    expect(satisfies(version, RANGE)).toBe(false);
  });
});

it('says in one line what is needed and what was found', () => {
  const line = nodeProblem('v18.20.4', RANGE);
  expect(line).toContain('v18.20.4');
  expect(line).toContain('20.19.0');
  expect(line).not.toContain('\n');
  expect(nodeProblem('v20.19.0', RANGE)).toBeUndefined();
});
