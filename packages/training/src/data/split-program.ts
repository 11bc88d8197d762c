import type { CompiledProgram, Engine, Program } from '@equimodal/core';

/** How a program goes over splits. */
export interface SplitProgramParts {
  readonly engine: Engine;
  readonly program: () => Program;
  readonly batchSize: number;
  /** How often it will go over a whole split in the run, about. */
  readonly passes: number;
  readonly onWarning?: (message: string) => void;
}

/** A program that goes over splits batch by batch, compiled for full batches and for the short one at the end of a split. */
export class SplitProgram {
  readonly #compiled = new Map<'full' | 'rest', CompiledProgram>();

  constructor(private readonly parts: SplitProgramParts) {}

  /**
   * @param rows samples in the batch
   * @param size samples in the split
   */
  for(rows: number, size: number): CompiledProgram {
    const { engine, program, batchSize, passes, onWarning } = this.parts;
    const which = rows === batchSize ? 'full' : 'rest';
    let compiled = this.#compiled.get(which);
    if (compiled === undefined) {
      const calls = which === 'full' ? passes * Math.floor(size / batchSize) : passes;
      compiled = engine.compile(program(), { calls, ...(onWarning === undefined ? {} : { onWarning }) });
      this.#compiled.set(which, compiled);
    }
    return compiled;
  }

  dispose(): void {
    for (const compiled of this.#compiled.values()) compiled.dispose();
  }
}
