import type { WeightName } from '@equimodal/core';
import { linearNames, normNames, stackNames, tableNames } from '../names/names.js';

/** The options that decide which variables there are. */
export interface BertShape {
  readonly depth: number;
  readonly output: 'pooled' | 'cls' | 'mean';
}

/** Where the variables of a BERT stand in a weight file of Hugging Face's `BertModel`. */
export function names({ depth, output }: BertShape): readonly WeightName[] {
  return [
    ...tableNames('embeddings/word', 'embeddings.word_embeddings'),
    ...tableNames('embeddings/position', 'embeddings.position_embeddings'),
    ...tableNames('embeddings/segment', 'embeddings.token_type_embeddings'),
    ...normNames('embeddings/norm', 'embeddings.LayerNorm'),
    ...stackNames(depth, 'encoder.layer', {
      query: 'attention.self.query',
      key: 'attention.self.key',
      value: 'attention.self.value',
      out: 'attention.output.dense',
      norm1: 'attention.output.LayerNorm',
      linear1: 'intermediate.dense',
      linear2: 'output.dense',
      norm2: 'output.LayerNorm',
    }),
    ...(output === 'pooled' ? linearNames('pooler', 'pooler.dense') : []),
  ];
}
