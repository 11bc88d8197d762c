import type { Dataset } from '@equimodal/core';
import { framesKind } from './frames.js';
import type { FrameChoice, SoundChoice } from './options.js';
import { soundKind } from './sound.js';

/** The two modalities of clips that are heard and seen. */
export function soundAndFrames(options: { readonly audio: SoundChoice; readonly visual: FrameChoice }): Dataset['modalities'] {
  return [
    { name: 'audio', kind: soundKind(options.audio) },
    { name: 'visual', kind: framesKind(options.visual) },
  ];
}
