import type { CompiledProgram, Engine } from '@equimodal/core';
import type { Optimizer } from '@equimodal/nn';
import type { Model } from '../model/model.js';
import { packedProgram, type TreePacking } from './packing.js';
import { stepProgram, type StepProgram } from './step.js';

/** What the steps of a run share. */
export interface StepsParts {
  readonly engine: Engine;
  readonly model: Model;
  readonly optimizer: Optimizer;
  readonly clipNorm: number | null;
  readonly separateLosses: boolean;
  /** Factor on the learning rate by path. */
  readonly rateOf?: ((path: string) => number) | undefined;
  readonly batchSize: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** How the live trees are handed in and out. */
  readonly packings: Readonly<Record<string, TreePacking>>;
  readonly onWarning: (message: string) => void;
}

export interface CompiledStep {
  readonly program: StepProgram;
  readonly run: CompiledProgram;
}

/** The compiled steps of a run: one for each combination of phases, loss weights, and full or short batch. */
export class Steps {
  readonly #steps = new Map<string, CompiledStep>();

  constructor(private readonly parts: StepsParts) {}

  /** @param rows samples in the batch; the last batch of an epoch may be short. */
  for(phases: Readonly<Record<string, string>>, lossWeights: readonly string[], rows: number): CompiledStep {
    const { batchSize, engine, model, optimizer, clipNorm, separateLosses, rateOf, epochs, stepsPerEpoch, packings, onWarning } =
      this.parts;
    const full = rows === batchSize;
    const signature = JSON.stringify([phases, lossWeights, full]);
    let step = this.#steps.get(signature);
    if (step === undefined) {
      const program = stepProgram({ model, optimizer, clipNorm, separateLosses, rateOf, phases, lossWeights });
      const calls = full ? epochs * stepsPerEpoch : epochs;
      step = { program, run: engine.compile(packedProgram(program, packings), { calls, onWarning }) };
      this.#steps.set(signature, step);
    }
    return step;
  }

  dispose(): void {
    for (const { run } of this.#steps.values()) run.dispose();
  }
}
