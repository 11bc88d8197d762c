import { describe, expect, it } from 'vitest';
import { replaceSection, soakSection, tableSection, time } from './report.mjs';

const RESULT = {
  engine: { id: 'native', gpu: false },
  machine: { cpu: 'Some CPU', cores: 2 },
  versions: { ours: { tensorflow: '2.21.0', tfjs: '4.22.0', node: '20.20.2' }, peer: { torch: '2.13.0', python: '3.11.7' } },
  capture: true,
  command: 'npm run bench',
  workloads: [
    {
      id: 'W4',
      unit: 'step',
      threads: 2,
      otherCores: 0.04,
      ours: { medianMs: 40.04, peakMb: 600 },
      peer: { name: 'PyTorch', medianMs: 50.06, peakMb: 400 },
      ratio: 0.8,
      hypergradient: { ours: { medianMs: 440, steps: 11 }, peer: { medianMs: 800.6, steps: 16 }, ratio: 0.55 },
    },
    { id: 'W5', unit: 'grid', threads: 2, ours: { medianMs: 35_518, peakMb: null }, peer: null, ratio: null },
  ],
  soak: {
    id: 'W3',
    threads: 2,
    marks: [
      { step: 500, rssMb: 200.2, tensors: 44 },
      { step: 5000, rssMb: 201.1, tensors: 44 },
    ],
    growthMbPer1000Steps: 0.2,
    tensorsGrown: 0,
  },
};

it.each([
  [1.2345, '1.23 ms'],
  [9.996, '10.0 ms'],
  [43.94, '43.9 ms'],
  [99.96, '100 ms'],
  [1302, '1302 ms'],
  [35_518, '35.5 s'],
  [undefined, '-'],
])('writes %s ms as %s', (ms, text) => {
  expect(time(ms)).toBe(text);
});

describe('tableSection', () => {
  it('has a row for each workload, and one for the hypergradient', () => {
    const lines = tableSection(RESULT).split('\n');
    expect(lines).toContain('| W4 W1 with InfoNCE | step | 2 | 40.0 ms | 50.1 ms | 0.8 | 600 | 400 |');
    expect(lines).toContain('| W4 W1 with InfoNCE | hypergradient | 2 | 440 ms = 11 steps | 801 ms = 16 steps | 0.55 |  |  |');
    expect(lines).toContain('| W5 a grid of 24 runs | grid | 2 | 35.5 s | - | - | - | - |');
  });

  it('says what made it, with versions and machine, and describes the workloads that were run', () => {
    const text = tableSection(RESULT);
    expect(text).toContain('engine native (TensorFlow 2.21.0, TensorFlow.js 4.22.0, node 20.20.2)');
    expect(text).toContain('beside PyTorch 2.13.0 (Python 3.11.7), on 2 x Some CPU.\n');
    expect(text).toContain('Made by `npm run bench`.');
    expect(text).toContain('- W5: experiments/quickstart.yaml');
    expect(text).not.toContain('- W1:');
  });

  it('says so when there is no peer, no capture, no TensorFlow', () => {
    const versions = { ours: { tfjs: '4.22.0', node: '20.20.2' }, peer: null };
    const text = tableSection({ ...RESULT, versions, capture: false });
    expect(text).toContain('engine native without capture (TensorFlow.js 4.22.0, node 20.20.2), without a peer');
  });

  it('marks the rows that were measured on a busy machine', () => {
    const [first, second] = RESULT.workloads;
    const text = tableSection({ ...RESULT, workloads: [first, { ...second, otherCores: 1.25 }] });
    expect(text).toContain('| W4 W1 with InfoNCE | step |');
    expect(text).toContain('| W5 a grid of 24 runs \\* | grid |');
    expect(text).toContain('\n\n\\* Not on a quiet machine: other processes used up to 1.25 cores meanwhile.');
    expect(tableSection(RESULT)).not.toContain('quiet');
  });
});

describe('soakSection', () => {
  it('is one line with both ends and the tensors', () => {
    expect(soakSection(RESULT)).toBe(
      'W3, engine native, 2 threads: 200 MB after 500 steps, 201 MB after 5,000 steps (0.2 MB per 1,000 steps); 44 tensors throughout. Made by `npm run bench`.',
    );
  });

  it('tells a leak of tensors', () => {
    const marks = [RESULT.soak.marks[0], { step: 5000, rssMb: 201, tensors: 94 }];
    expect(soakSection({ ...RESULT, soak: { ...RESULT.soak, marks, tensorsGrown: 50 } })).toContain('44, then 94 tensors');
  });
});

describe('replaceSection', () => {
  const page = 'before\n\n<!-- bench:begin -->\n\nold\n\n<!-- bench:end -->\n\nafter $1\n';

  it('replaces what is between the markers and nothing else', () => {
    const replaced = replaceSection(page, 'bench', 'new $& | text');
    expect(replaced).toBe(page.replace('old', () => 'new $& | text'));
    expect(replaceSection(replaced, 'bench', 'old')).toBe(page);
  });

  it('refuses a page without the markers', () => {
    expect(() => replaceSection(page, 'soak', 'x')).toThrow('soak:begin');
    expect(() => replaceSection('<!-- bench:end --> <!-- bench:begin -->', 'bench', 'x')).toThrow('bench:begin');
  });
});
