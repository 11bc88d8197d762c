import type { RandomStream } from '@equimodal/core';

/** What structured cloning and JSON both carry. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain | undefined };

/** What one modality of one row is made of: its files, and whatever else the loader wants to know of the row. */
export interface MediaSource {
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly [detail: string]: Plain | undefined;
}

/** An array that was decoded from a file, row-major. */
export interface Decoded {
  readonly shape: readonly number[];
  readonly data: Uint8Array | Int16Array | Int32Array | Float32Array;
}

/** What a loader may use while it reads one row. */
export interface ReadContext {
  /** The row's own stream in a training pass; absent where nothing may be random. */
  readonly random: RandomStream | undefined;
  /**
   * What `make` gives for a file, from the cache if it was made before. The key is the loader and its version, `about`, and
   * path, size and time of the file: `about` has to name every option that `make` depends on.
   */
  cached(file: string, about: Plain, make: () => Decoded | Promise<Decoded>): Promise<Decoded>;
  /**
   * Where the row goes, filled with anything, if it is of floats. A loader that writes all of it and returns it saves a copy; any other
   * array will do as well.
   */
  readonly out: Float32Array;
}

/** Reads rows of one modality. Several calls may be under way at once. */
export interface MediaLoader<S extends MediaSource = MediaSource> {
  /** The values of one row, row-major, as many as the shape of the modality says. */
  read(source: S, context: ReadContext): Float32Array | Int32Array | Promise<Float32Array | Int32Array>;
}

/**
 * A loader that threads can make for themselves: they import `module` and look for the export `name`, so the definition has to be
 * exported under that name, and options and sources are plain data.
 */
export interface LoaderDefinition<O extends Plain = Plain, S extends MediaSource = MediaSource> {
  readonly name: string;
  /** `import.meta.url` of the module that exports it. */
  readonly module: string;
  /** Raised whenever the same file and options give other values; it is part of the cache's keys. */
  readonly version: number;
  create(options: O): MediaLoader<S>;
  /** Whether training passes draw random numbers. */
  augments(options: O): boolean;
  /** Whether something is kept in the cache. */
  caches(options: O): boolean;
}

/** States the types of a loader's options and sources. */
export function defineLoader<O extends Plain, S extends MediaSource = MediaSource>(
  definition: LoaderDefinition<O, S>,
): LoaderDefinition<O, S> {
  return definition;
}
