import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { cacheFolder, type NativeInfo } from '@equimodal/core';

const require = createRequire(import.meta.url);

/** N-API version the add-on is compiled against. */
export const NAPI = 8;

/** The npm package whose add-on and kernels the native engine is made of. */
export interface TfjsNode {
  /** Folder of the package. */
  readonly folder: string;
  readonly version: string;
}

/** The installed `@tensorflow/tfjs-node-gpu`, or nothing. Never loads it: its entry throws without a binary of its own. */
export function findTfjsNode(): TfjsNode | null {
  try {
    const file = require.resolve('@tensorflow/tfjs-node-gpu/package.json');
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    return { folder: dirname(file), version };
  } catch {
    return null;
  }
}

/** Folder of a linked native engine inside the cache. */
export function nativeFolder(): string {
  return join(cacheFolder(), 'native');
}

/** What `native.json` in that folder says about the link. */
export interface Manifest {
  readonly format: 2;
  readonly origin: 'linked';
  /** Version of the TensorFlow library. */
  readonly tensorflow: string;
  /** File name of the add-on, beside the manifest. */
  readonly addon: string;
  /** The library it is linked to: absolute, or relative to the manifest. */
  readonly library: string;
  readonly libraryBytes: number;
  /** Version of `@tensorflow/tfjs-node-gpu` whose sources were compiled. */
  readonly tfjs: string;
  readonly napi: number;
  readonly node: { readonly platform: string; readonly arch: string };
  /** Variables that the smoke test needed to pass. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A usable add-on, or why there is none. */
export type Found = { readonly info: NativeInfo; readonly reason: string } | { readonly info: null; readonly reason: string };

const HOW = '`equimodal engine link` makes one';

/** Path at which the package's own install script leaves its binary. */
export function officialAddon(tfjs: TfjsNode): string {
  return join(tfjs.folder, 'lib', `napi-v${NAPI}`, 'tfjs_binding.node');
}

function readManifest(file: string): Manifest | null {
  try {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    return manifest.format === 2 && typeof manifest.addon === 'string' ? manifest : null;
  } catch {
    return null;
  }
}

/** What a manifest in a folder says of the engine that is linked there. */
export function linkedInfo(folder: string, { tensorflow, addon, environment }: Manifest): NativeInfo {
  return { origin: 'linked', tensorflow, addon: join(folder, addon), ...(environment === undefined ? {} : { environment }) };
}

/** Looks for a linked add-on in the cache and checks that it still fits. */
export function findLinked(tfjs: TfjsNode): Found {
  const folder = nativeFolder();
  const file = join(folder, 'native.json');
  const none = (reason: string): Found => ({ info: null, reason: `${reason}; ${HOW}` });
  if (!existsSync(file)) return none(`no native library is linked in ${folder}`);
  const manifest = readManifest(file);
  if (manifest === null) return none(`${file} is not readable`);
  if (manifest.tfjs !== tfjs.version || manifest.napi !== NAPI) {
    return none(`the native library was linked for tfjs ${manifest.tfjs}, installed is ${tfjs.version}`);
  }
  if (manifest.node.platform !== process.platform || manifest.node.arch !== process.arch) {
    return none(`the native library was linked for ${manifest.node.platform} ${manifest.node.arch}`);
  }
  const addon = join(folder, manifest.addon);
  const library = resolve(folder, manifest.library);
  if (!existsSync(addon) || !existsSync(library)) return none(`files of the native library are missing in ${folder}`);
  if (statSync(library).size !== manifest.libraryBytes) return none(`${library} has changed since it was linked`);
  return {
    info: linkedInfo(folder, manifest),
    reason: `linked to TensorFlow ${manifest.tensorflow}${withVariables(manifest.environment)}`,
  };
}

const withVariables = (environment: Readonly<Record<string, string>> = {}): string =>
  Object.entries(environment)
    .map(([name, value]) => `, with ${name}=${value}`)
    .join('');

/** The add-on to use: the package's own binary, else the one linked in the cache. Looks at files only. */
export function findNative(): Found {
  const tfjs = findTfjsNode();
  if (tfjs === null) {
    return {
      info: null,
      reason: 'the package @tensorflow/tfjs-node-gpu is not installed; `npm install @tensorflow/tfjs-node-gpu@4.22.0`',
    };
  }
  const official = officialAddon(tfjs);
  if (existsSync(official)) {
    return {
      info: { origin: 'official', tensorflow: 'unknown until it is loaded', addon: official },
      reason: 'official binary of @tensorflow/tfjs-node-gpu',
    };
  }
  return findLinked(tfjs);
}
