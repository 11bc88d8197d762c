import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { NativeBackend } from '../backend/native.js';
import type { GraphNode, Source } from './graph.js';
import { withFolder } from './folder.js';
import { encodeSavedModel, TAG, tensorName } from './saved-model.js';

/** A loaded graph: feeds in, fetches out. */
export interface Session {
  /** @param feeds anything with data, in the order of the placeholders; the caller keeps them. */
  run(feeds: readonly { readonly dataId: object }[]): Tensor[];
  dispose(): void;
}

/**
 * Loads a graph into TensorFlow. The file lives only while it is loaded.
 *
 * @param fetches distinct outputs of the graph.
 * @throws Error of the add-on when TensorFlow refuses the graph.
 */
export function openSession(backend: NativeBackend, placeholders: readonly GraphNode[], fetches: readonly Source[]): Session {
  const { binding } = backend;
  const model = encodeSavedModel(binding, fetches, placeholders);
  const id = withFolder((folder) => {
    writeFileSync(join(folder, 'saved_model.pb'), model);
    return binding.loadSavedModel(folder, TAG);
  });
  const inputNames = placeholders.map((node) => tensorName({ node, output: 0 })).join(',');
  const outputNames = fetches.map(tensorName).join(',');
  let open = true;
  return {
    run(feeds) {
      if (fetches.length === 0) return [];
      const made = binding.runSavedModel(id, backend.getInputTensorIds(feeds), inputNames, outputNames);
      return made.map((tensor) => backend.createOutputTensor(tensor));
    },
    dispose() {
      if (open) binding.deleteSavedModel(id);
      open = false;
    },
  };
}
