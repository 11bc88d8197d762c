import { builtInHost } from '@equimodal/cli';
import type { Engine, ModalityKind } from '@equimodal/core';
import { encoders } from '@equimodal/encoders';
import { startTestEngine } from '@equimodal/engine';
import { fusion } from '@equimodal/fusion';
import { toyPlugin } from '@equimodal/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COUNTS, tryCombination, type Combination, type Outcome } from './capabilities.js';
import { SMALL } from './small.js';
import { capabilitiesPage, type Row } from './capabilities-page.js';

/**
 * The test suite trains every pair with two modalities, and every number of modalities with two encoders, one of them with
 * stages; `all` trains everything. What is refused is asked for in every combination.
 */
const ALL = process.env['EQUIMODAL_CAPABILITIES'] === 'all';
const trained = (encoder: string, count: number): boolean => ALL || count === 2 || encoder === 'mlp' || encoder === 'lenet';

const host = builtInHost();
host.add(toyPlugin());
let engine: Engine;
beforeAll(async () => void (engine = await startTestEngine()));

const outcomes = new Map<string, Outcome>();

const kinds: readonly ModalityKind[] = ['vector', 'image', 'spectrogram', 'sequence', 'video', 'tokens'];

describe.each(encoders.provides)('encoder $id', (encoder) => {
  describe.each(fusion.provides)('with fusion $id', (fused) => {
    it.each(COUNTS)('and %i modalities learns a toy problem, or is refused with a code', async (count) => {
      const small = SMALL[encoder.id];
      const combination: Combination = {
        encoder: { use: encoder.id, ...small?.options },
        fusion: { use: fused.id, ...SMALL[fused.id]?.options },
        kind: encoder.facts.accepts?.[0] ?? 'vector',
        ...(small?.shape === undefined ? {} : { shape: small.shape }),
        count,
        train: trained(encoder.id, count),
      };
      const outcome = await tryCombination(host, engine, combination);
      if (!outcome.trains) expect(outcome.code).toMatch(/^EQM_CONFIG_/);
      outcomes.set(`${encoder.id} ${fused.id} ${count}`, outcome);
    });
  });
});

describe('an encoder on a kind of modality that it does not take', () => {
  it.each(encoders.provides)('$id is refused with a code', async ({ id, facts }) => {
    for (const kind of kinds.filter((other) => facts.accepts?.includes(other) === false)) {
      const outcome = await tryCombination(host, engine, {
        encoder: { use: id, ...SMALL[id]?.options },
        fusion: { use: 'concat' },
        kind,
        count: 1,
        train: false,
      });
      expect(outcome).toMatchObject({ trains: false, code: 'EQM_CONFIG_INCOMPATIBLE' });
    }
  });
});

describe('docs/reference/capabilities.md', () => {
  it('says what was found', async () => {
    const rows = encoders.provides.map((encoder): Row => ({
      encoder: encoder.id,
      accepts: encoder.facts.accepts ?? kinds,
      cells: fusion.provides.map(({ id }) => COUNTS.map((count) => outcomes.get(`${encoder.id} ${id} ${count}`)!)),
    }));
    const page = capabilitiesPage(
      fusion.provides.map(({ id, facts }) => ({ id, missing: facts.missing })),
      rows,
      kinds,
    );
    await expect(page).toMatchFileSnapshot('../../docs/reference/capabilities.md');
  });
});

afterAll(() => void outcomes.clear());
