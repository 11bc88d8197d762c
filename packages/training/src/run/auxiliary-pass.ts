import type { Bundle, CompiledProgram, Engine, EpochStartContext, ModalitySpec, Program, Tree } from '@equimodal/core';
import { disposeTree, openScope } from '@equimodal/nn';
import { batchRows, readBatch } from '../data/batches.js';
import type { RunSplits } from '../data/splits.js';
import type { Model } from '../model/model.js';
import { asPart, partOf } from '../step/flat.js';

type Pass = EpochStartContext['pass'];

/** Features and read-outs in evaluation mode: `params`, `state`, `batch` -> `features`, `fused` (`logits`, `unimodal/<modality>`). */
function forwardProgram(model: Model): Program {
  return {
    name: 'auxiliary-pass',
    run(inputs) {
      const { scope } = openScope({ params: inputs['params']!, state: inputs['state']!, training: false });
      const features = model.encode(scope, partOf(inputs['batch']!, 'inputs'));
      const { logits, unimodal } = model.fuse(scope, features);
      return { features, fused: { logits, ...asPart('unimodal', unimodal) } };
    },
  };
}

/** What the passes of a run share. */
export interface AuxiliaryPassParts {
  readonly engine: Engine;
  readonly model: Model;
  readonly modalities: readonly ModalitySpec[];
  readonly splits: RunSplits;
  readonly batchSize: number;
  readonly epochs: number;
  readonly onWarning: (message: string) => void;
}

/** Passes over a split that methods ask for at the start of an epoch. */
export class AuxiliaryPasses {
  readonly #programs = new Map<number, CompiledProgram>();

  constructor(private readonly parts: AuxiliaryPassParts) {}

  /** Visits a split in order with features and read-outs; tensors live until the visit ends. */
  async visit(
    trees: { readonly params: Tree; readonly state: Tree },
    which: Parameters<Pass>[0],
    visit: Parameters<Pass>[1],
  ): Promise<void> {
    const { splits, modalities, batchSize } = this.parts;
    const split = which === 'train' ? splits.train : splits.validation;
    if (split === null) return;
    for (const rows of batchRows(split.size, batchSize)) {
      const batch = await readBatch(split, rows, modalities);
      let outputs: Bundle = {};
      try {
        outputs = this.#program(rows.length, split.size)({ params: trees.params, state: trees.state, batch });
        const { features, fused } = outputs;
        visit({
          labels: rows.map((row) => split.labels[row]!),
          features: features!,
          fused: { logits: fused!['logits']!, unimodal: partOf(fused!, 'unimodal') },
        });
      } finally {
        for (const tree of [...Object.values(outputs), batch]) disposeTree(tree);
      }
    }
  }

  #program(rows: number, size: number): CompiledProgram {
    const { engine, model, batchSize, epochs, onWarning } = this.parts;
    let program = this.#programs.get(rows);
    if (program === undefined) {
      const calls = rows === batchSize ? epochs * Math.floor(size / batchSize) : epochs;
      this.#programs.set(rows, (program = engine.compile(forwardProgram(model), { calls, onWarning })));
    }
    return program;
  }

  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
  }
}
