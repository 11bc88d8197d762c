import { EquimodalError, Host, KINDS, optionsJsonSchema, type AnyPiece, type Engine, type Kind, type Plugin } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from '../runner/runner.js';
import { checkAlignment } from '../checks/alignment.js';
import { checkAlphaScheduler } from '../checks/alpha-scheduler.js';
import { checkDataset } from '../checks/dataset.js';
import { checkEncoder } from '../checks/encoder.js';
import { checkEngine } from '../checks/engine.js';
import { checkFusion } from '../checks/fusion.js';
import { checkLoss } from '../checks/loss.js';
import { checkMethod } from '../checks/method.js';
import { checkMetric } from '../checks/metric.js';
import { checkObserver } from '../checks/observer.js';
import type { Cases, PieceCase } from './cases.js';

export interface ConformanceOptions {
  /** Inputs and options for pieces whose defaults do not suit the kit. */
  readonly cases?: Cases;
  /** Plugins the tried one builds on: fusions, encoders, losses its methods are trained with. */
  readonly beside?: readonly Plugin[];
}

/** What a check is given. */
export interface Trial {
  readonly host: Host;
  readonly engine: () => Engine;
  readonly piece: AnyPiece;
  readonly options: Readonly<Record<string, unknown>>;
  readonly tried: PieceCase;
}

const CHECKS: Record<Kind, (trial: Trial) => void> = {
  encoder: checkEncoder,
  fusion: checkFusion,
  loss: checkLoss,
  alignment: checkAlignment,
  'alpha-scheduler': checkAlphaScheduler,
  method: checkMethod,
  metric: checkMetric,
  dataset: checkDataset,
  observer: checkObserver,
  engine: checkEngine,
};

/**
 * Runs the conformance kit on every piece a plugin provides. Call it at the top of a vitest file.
 *
 * @example
 * import { conformance } from '@equimodal/testing';
 * import plugin from './index.js';
 * conformance(plugin);
 */
export function conformance(plugin: Plugin, options: ConformanceOptions = {}): void {
  describe(`conformance of ${plugin.name}`, () => {
    let engine: Engine | undefined;
    beforeAll(async () => {
      engine = await startTestEngine();
    });
    const host = new Host([...(options.beside ?? []), plugin]);
    for (const piece of plugin.provides as readonly AnyPiece[]) {
      const tried = options.cases?.[`${piece.kind}:${piece.id}`] ?? {};
      describe(`${piece.kind} ${piece.id}`, () => {
        checkManifest(piece, tried);
        if (tried.skip !== undefined) {
          it.skip(`behaves: ${tried.skip}`, () => undefined);
          return;
        }
        CHECKS[piece.kind]({ host, engine: () => engine!, piece, tried, options: piece.options.parse(tried.options ?? {}) });
      });
    }
  });
}

/** What holds for every piece: its manifest, its options schema, its errors. */
function checkManifest(piece: AnyPiece, tried: PieceCase): void {
  it('declares a kind, an id in kebab case and a description of one line', () => {
    expect(KINDS).toContain(piece.kind);
    expect(piece.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(piece.description).toMatch(/^\S.{9,160}$/);
  });

  it('has an options schema with defaults, closed to unknown names, printable as JSON Schema', () => {
    const given = tried.options ?? {};
    const parsed = piece.options.strict().parse(given);
    expect(piece.options.strict().parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
    expect(piece.options.strict().safeParse({ ...given, nosuchoption: 1 }).success).toBe(false);
    expect(JSON.stringify(optionsJsonSchema(piece.options))).toContain('"properties"');
  });
}

/** Asserts that the work throws a coded error. */
export function expectCoded(work: () => unknown, code: string): void {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(EquimodalError);
    expect((error as EquimodalError).code).toBe(code);
    return;
  }
  throw new Error(`expected ${code}, but nothing was thrown`);
}
