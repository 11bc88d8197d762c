import type { Bundle, Engine, EpochContext, ModalitySpec, Program, RandomStream, Tree } from '@equimodal/core';
import { disposeTree, openScope, prefixTree, subTree } from '@equimodal/nn';
import { batchRows, readPass } from '../data/batches.js';
import { SplitProgram } from '../data/split-program.js';
import type { RunSplits } from '../data/splits.js';
import type { Model } from '../model/model.js';

type Pass = EpochContext['pass'];

/** Features and read-outs in evaluation mode: `params`, `state`, `batch` -> `features`, `fused` (`logits`, `unimodal/<modality>`). */
function forwardProgram(model: Model): Program {
  return {
    name: 'auxiliary-pass',
    run(inputs) {
      const { scope } = openScope({ params: inputs['params']!, state: inputs['state']!, training: false });
      const features = model.encode(scope, subTree('inputs', inputs['batch']!));
      const { logits, unimodal } = model.fuse(scope, features);
      return { features, fused: { logits, ...prefixTree('unimodal', unimodal) } };
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

/** Who visits, and how much. */
export interface VisitOptions {
  readonly method: string;
  /** Draws the rows, where only some are visited. */
  readonly random: RandomStream;
  readonly fraction?: number | undefined;
  /** Told the share of the training data that a batch is. */
  readonly onRead: (share: number) => void;
}

/** Passes over a split that methods ask for between epochs. */
export class AuxiliaryPasses {
  readonly #program: SplitProgram;

  constructor(private readonly parts: AuxiliaryPassParts) {
    this.#program = new SplitProgram({ ...parts, passes: parts.epochs, program: () => forwardProgram(parts.model) });
  }

  /** Visits a split in order with features and read-outs, until a visit returns false; tensors live until the visit ends. */
  async visit(
    trees: { readonly params: Tree; readonly state: Tree },
    which: Parameters<Pass>[0],
    visit: Parameters<Pass>[1],
    { method, random, fraction = 1, onRead }: VisitOptions,
  ): Promise<void> {
    const { splits, modalities, batchSize } = this.parts;
    const split = which === 'train' ? splits.train : splits.validation;
    if (split === null) return;
    const order =
      fraction === 1
        ? undefined
        : random
            .permutation(split.size)
            .slice(0, Math.max(1, Math.round(split.size * fraction)))
            .sort();
    for await (const { rows, batch } of readPass(split, batchRows(order?.length ?? split.size, batchSize, order), modalities)) {
      if (which === 'train') onRead(rows.length / split.size);
      let outputs: Bundle = {};
      try {
        outputs = this.#program.for(rows.length, order?.length ?? split.size)({ params: trees.params, state: trees.state, batch });
        const { features, fused } = outputs;
        const { scope } = openScope({ params: trees.params, state: trees.state, training: false });
        const more = visit({
          labels: rows.map((row) => split.labels[row]!),
          features: features!,
          fused: { logits: fused!['logits']!, unimodal: subTree('unimodal', fused!) },
          scope: scope.at('methods').at(method),
        });
        if (more === false) return;
      } finally {
        for (const tree of [...Object.values(outputs), batch]) disposeTree(tree);
      }
    }
  }

  dispose(): void {
    this.#program.dispose();
  }
}
