import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { EquimodalError, type Problem } from '../errors/errors.js';

/** A path in a config: `['training', 'epochs']`. */
export type ConfigPath = readonly (string | number)[];

/** `training.optimizer.use`, `recipes[2].fusion`. */
export function formatPath(path: ConfigPath): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`), '');
}

interface Layer {
  readonly name: string;
  readonly document: Document | undefined;
  readonly lines: LineCounter | undefined;
  readonly value: unknown;
}

/** A config value and where each part of it was written: files (nearest first) and command-line overrides. */
export class ConfigSource {
  private constructor(
    readonly file: string | undefined,
    readonly baseDir: string,
    readonly value: unknown,
    private readonly layers: readonly Layer[],
  ) {}

  /**
   * Reads a YAML (or JSON) file and the files it `extends`, then applies `path=value` overrides.
   *
   * @param on another experiment file, whose dataset, encoders, training and plugins take the place of the file's own: the same rows on other
   *   data. The experiment is then called `<file>-<on>`
   */
  static read(file: string, overrides: readonly string[] = [], on?: string): ConfigSource {
    const path = resolve(file);
    const layers = readLayers(path, []);
    return ConfigSource.#join(path, dirname(path), on === undefined ? layers : [...dataLayers(path, resolve(on)), ...layers], overrides);
  }

  /** A config given as a value, for library use. */
  static of(
    value: unknown,
    options: { readonly name?: string; readonly baseDir?: string; readonly overrides?: readonly string[] } = {},
  ): ConfigSource {
    const layer: Layer = { name: options.name ?? 'config', document: undefined, lines: undefined, value };
    return ConfigSource.#join(undefined, options.baseDir ?? process.cwd(), [layer], options.overrides ?? []);
  }

  static #join(file: string | undefined, baseDir: string, layers: readonly Layer[], overrides: readonly string[]): ConfigSource {
    const set = overrides.map(parseOverride);
    const all = [...set.toReversed(), ...layers];
    const value = all.toReversed().reduce<unknown>((below, layer) => merge(below, layer.value), {});
    if (isRecord(value)) delete value['extends'];
    return new ConfigSource(file, baseDir, value, all);
  }

  /** `file:line:column` of the value at a path, or of the nearest parent that was written. */
  locate(path: ConfigPath): string {
    for (let length = path.length; length >= 0; length--) {
      const part = path.slice(0, length);
      for (const layer of this.layers) {
        if (length > 0 && valueAt(layer.value, part) === undefined) continue;
        if (layer.document === undefined) return layer.name;
        const node = nodeAt(layer.document, part);
        const offset = node?.range?.[0];
        if (offset === undefined || layer.lines === undefined) continue;
        const { line, col } = layer.lines.linePos(offset);
        return `${layer.name}:${line}:${col}`;
      }
    }
    return this.layers.at(-1)?.name ?? 'config';
  }
}

/** What an experiment file says of its data and of training on it. */
const DATA_KEYS = ['dataset', 'encoders', 'training', 'plugins'];

function dataLayers(file: string, on: string): Layer[] {
  const [own, other] = [file, on].map((path) => basename(path).replace(/\.(ya?ml|json)$/, ''));
  const named: Layer = { name: 'command line (--on)', document: undefined, lines: undefined, value: { name: `${own}-${other}` } };
  const layers = readLayers(on, []).map((layer): Layer => {
    const kept = Object.entries(layer.value as Record<string, unknown>).filter(([key]) => DATA_KEYS.includes(key));
    return { ...layer, value: Object.fromEntries(kept) };
  });
  if (layers.every(({ value }) => (value as Record<string, unknown>)['dataset'] === undefined)) {
    throw new EquimodalError('EQM_CONFIG_INVALID', `${display(on)} names no dataset`, { where: '--on', fix: 'Name an experiment file.' });
  }
  return [named, ...layers];
}

function display(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') || isAbsolute(near) ? path : near;
}

function readLayers(path: string, above: readonly string[]): Layer[] {
  const name = display(path);
  if (above.includes(path)) {
    throw new EquimodalError('EQM_CONFIG_UNREADABLE', `"extends" runs in a circle: ${[...above, path].map(display).join(' -> ')}`, {
      where: name,
    });
  }
  if (!existsSync(path)) {
    throw new EquimodalError('EQM_CONFIG_UNREADABLE', `there is no file ${name}`, {
      where: above.at(-1) === undefined ? name : display(above.at(-1)!),
    });
  }
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new EquimodalError('EQM_CONFIG_UNREADABLE', `${name} cannot be read`, { where: name, cause: error });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    const problems: Problem[] = document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { where: `${name}:${line}:${col}`, message: error.message.split('\n')[0]! };
    });
    throw new EquimodalError('EQM_CONFIG_UNREADABLE', `${name} is not valid YAML`, { where: problems[0]!.where!, problems });
  }
  const value: unknown = document.toJS();
  if (!isRecord(value)) {
    throw new EquimodalError('EQM_CONFIG_INVALID', `${name} must hold a map of settings`, { where: `${name}:1:1` });
  }
  const parent = value['extends'];
  const layer: Layer = { name, document, lines, value };
  if (parent === undefined) return [layer];
  if (typeof parent !== 'string') {
    throw new EquimodalError('EQM_CONFIG_INVALID', '"extends" must be the path of another file', { where: name });
  }
  return [layer, ...readLayers(resolve(dirname(path), parent), [...above, path])];
}

/** Reads `training.epochs=5`; the value is YAML. */
function parseOverride(text: string): Layer {
  const at = text.indexOf('=');
  const path = text.slice(0, at).trim();
  if (at <= 0 || !/^[\w-]+(\.[\w/-]+|\[\d+\])*$/.test(path)) {
    throw new EquimodalError('EQM_CONFIG_OVERRIDE', `"--set ${text}" is not of the form path=value`, { where: 'command line' });
  }
  const parts = path.split(/[.[\]]+/).filter((part) => part !== '');
  const document = parseDocument(text.slice(at + 1));
  if (document.errors.length > 0) {
    throw new EquimodalError('EQM_CONFIG_OVERRIDE', `the value of "--set ${path}" is not valid YAML`, { where: 'command line' });
  }
  const value = parts.reduceRight<unknown>((inner, part) => ({ [part]: inner }), document.toJS());
  return { name: `command line (--set ${path})`, document: undefined, lines: undefined, value };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Lays one value over another: maps are joined key by key, anything else replaces. A map that chooses
 * another piece (`use`) replaces the old one whole, since the old options belong to the old piece. A map
 * with numeric keys laid over a list replaces those entries.
 */
export function merge(below: unknown, above: unknown): unknown {
  if (Array.isArray(below) && isRecord(above) && Object.keys(above).every((key) => /^\d+$/.test(key))) {
    const list: unknown[] = [...(below as unknown[])];
    for (const [key, value] of Object.entries(above)) list[Number(key)] = merge(list[Number(key)], value);
    return list;
  }
  if (isRecord(above) && typeof below === 'string' && above['use'] === undefined) return { use: below, ...above };
  if (!isRecord(below) || !isRecord(above)) return above;
  if (typeof above['use'] === 'string' && typeof below['use'] === 'string' && above['use'] !== below['use']) return above;
  const out: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) out[key] = key in out ? merge(out[key], value) : value;
  return out;
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (inner, part) => (inner === null || typeof inner !== 'object' ? undefined : (inner as Record<string | number, unknown>)[part]),
    value,
  );
}

function nodeAt(document: Document, path: ConfigPath): Node | undefined {
  let node: unknown = document.contents;
  for (const [i, part] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      // The last step points at the key, which is what a reader looks for.
      if (i === path.length - 1) return pair?.key as Node | undefined;
      node = pair?.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
    } else return undefined;
  }
  return node as Node | undefined;
}
