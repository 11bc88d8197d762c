import type { ModalityKind } from '@equimodal/core';
import type { SplitName } from '../features/labels.js';
import { ARRAY_ENDINGS, arraysLoader, readStoredArray, squeezed, type ArraysOptions } from '../media/arrays/arrays.js';
import type { MediaSource } from '../media/loader.js';
import { soundLoader, soundShape, type SoundFrontEnd, type SoundOptions } from '../media/sound/sound.js';
import type { MediaModality } from '../media/split.js';
import { malformed, missing } from '../readers/bytes.js';
import { wavSeconds } from '../readers/wav-length.js';
import type { Absent, Finder } from './finder.js';
import { Folders } from './folders.js';
import type { ClipRow } from './list.js';
import { clipParts, type SoundChoice } from './options.js';

const WAV_ENDINGS = ['.wav', '.WAV'];

export interface SoundPlaces {
  readonly root: string;
  /** Usual folders, below `root`. */
  readonly folders: readonly string[];
  /** Shorter sounds are left out. Default 0: those without samples are. */
  readonly minSeconds?: number;
  /** Count a sound without samples as silence. */
  readonly emptyIsSilence?: boolean;
}

/** Kind of the modality, from the options alone. */
export const soundKind = ({ spectrum }: SoundChoice): ModalityKind => (spectrum === 'samples' ? 'sequence' : 'spectrogram');

/** Finds sounds, or spectrograms that were stored as arrays. */
export class SoundFinder implements Finder {
  readonly kind: ModalityKind;
  readonly notes: string[] = [];
  readonly #folders: Folders;
  readonly #stored: boolean;

  constructor(
    private readonly choice: SoundChoice,
    private readonly places: SoundPlaces,
  ) {
    this.kind = soundKind(choice);
    const { folder, spectrum } = choice;
    this.#folders = new Folders(places.root, folder === undefined ? places.folders : [folder]);
    const auto = spectrum === 'auto' && !this.#folders.hold(['.wav']) && this.#folders.hold(ARRAY_ENDINGS);
    if (auto) this.notes.push('there are no sounds, only stored arrays: these are read as they are');
    this.#stored = spectrum === 'stored' || auto;
  }

  check(): void {
    const endings = this.#stored ? ARRAY_ENDINGS : ['.wav'];
    if (!this.#folders.hold(endings)) throw missing(`there is no ${this.#what} (${endings.join(', ')})`, this.#folders.candidates());
  }

  /** Names of all sounds, without their endings, sorted. */
  stems(): string[] {
    const endings = this.#stored ? ARRAY_ENDINGS : WAV_ENDINGS;
    const names = this.#folders.of('train').flatMap((folder) => [...this.#folders.names(folder)]);
    const stems = names.flatMap((name) => endings.filter((ending) => name.endsWith(ending)).map((ending) => name.slice(0, -ending.length)));
    return [...new Set(stems)].sort();
  }

  find({ name, stems = [name] }: ClipRow, split: SplitName): MediaSource | Absent {
    const file = this.#folders.find(split, stems, this.#stored ? ARRAY_ENDINGS : WAV_ENDINGS);
    if (file === undefined) return { absent: `no ${this.#what}` };
    if (this.#stored) return { files: [file] };
    const seconds = wavSeconds(file);
    if (seconds === undefined) return { absent: 'a damaged sound file' };
    if (seconds === 0 && this.places.emptyIsSilence !== true) return { absent: 'a sound without samples' };
    const least = this.places.minSeconds ?? 0;
    if (seconds < least) return { absent: `less than ${least} s of sound` };
    return { files: [file] };
  }

  modality(first: MediaSource): MediaModality {
    if (this.#stored) return this.#arrays(first.files[0]!);
    const options = this.#options();
    return { loader: soundLoader, options, shape: soundShape(options) };
  }

  get #what(): string {
    return this.#stored ? 'stored array' : 'sound file';
  }

  #arrays(file: string): MediaModality {
    const stored = squeezed(readStoredArray(file).shape);
    const axes = this.kind === 'sequence' ? 2 : 3;
    const shape = [...stored, ...Array<number>(Math.max(0, axes - stored.length)).fill(1)];
    if (stored.length === 0 || shape.length > axes) throw malformed(file, '', `an array of ${stored.length} axes is no spectrogram`);
    const { mean, deviation } = this.choice;
    const options: ArraysOptions = { shape, mean, deviation };
    return { loader: arraysLoader, options, shape };
  }

  #options(): SoundOptions {
    const { rate, resample, clip, within, start, timeFirst } = this.choice;
    const parts = clipParts(clip);
    const samples = (amount: number): number => Math.round(amount * (rate ?? 0));
    const length = parts === undefined ? 0 : parts.seconds ? samples(parts.amount) : Math.round(parts.amount);
    return {
      ...{ rate, resample, timeFirst, frontEnd: this.#frontEnd() },
      clip:
        parts === undefined
          ? null
          : { length, fill: parts.fill, start, ...(within === null ? {} : { tiled: Math.max(length, samples(within)) }) },
      emptyIsSilence: this.places.emptyIsSilence ?? false,
    };
  }

  #frontEnd(): SoundFrontEnd {
    const { spectrum, nFft, hop, padMode, overlap, bands, frames, centred, mean, deviation } = this.choice;
    switch (spectrum) {
      case 'log-density':
        return { kind: 'log-density', segment: nFft, overlap };
      case 'fbank':
        return { kind: 'fbank', bands, frames, centred, mean, deviation };
      case 'samples':
        return { kind: 'samples' };
      default:
        return { kind: 'log-magnitude', nFft, hop, padMode };
    }
  }
}
