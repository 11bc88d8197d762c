import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';
import type { Import, PackageImports } from './check.js';

export const WORKSPACE = join(import.meta.dirname, '..', '..');
const PACKAGES = join(WORKSPACE, 'packages');

/** The parts of a package.json that the tests of this folder read. */
export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
}

export function packageNames(): string[] {
  return readdirSync(PACKAGES).filter((name) => existsSync(join(PACKAGES, name, 'package.json')));
}

export function readManifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8')) as Manifest;
}

/** Names a package may count on being installed. */
export function declaredIn(manifest: Manifest): Set<string> {
  const { dependencies, peerDependencies, optionalDependencies } = manifest;
  return new Set([dependencies, peerDependencies, optionalDependencies].flatMap((names) => Object.keys(names ?? {})));
}

/** The packages of ours that tsconfig.lib.json references, by folder name. */
export function referencesOf(name: string): string[] {
  const path = join(PACKAGES, name, 'tsconfig.lib.json');
  const { config } = ts.readConfigFile(path, ts.sys.readFile) as {
    config?: { references?: readonly { readonly path: string }[] };
  };
  return (config?.references ?? []).map((one) => one.path.split('/')[1] ?? one.path).sort();
}

/** Every import, export from, import() and type import of a source text, as the compiler's own scanner sees them. */
export function importsIn(file: string, text: string): Import[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.map(({ fileName, pos }) => ({
    file,
    specifier: fileName,
    line: text.slice(0, pos).split('\n').length,
  }));
}

/** The imports of all sources of a package, specs and fixtures left out. */
export function readPackage(name: string): PackageImports {
  const folder = join(PACKAGES, name);
  const sources = readdirSync(join(folder, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
    .filter((entry) => !/\.(spec|fixture)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const imports = sources.flatMap((path) => importsIn(relative(folder, path).split(sep).join('/'), readFileSync(path, 'utf8')));
  return { name, declared: declaredIn(readManifest(name)), imports };
}
