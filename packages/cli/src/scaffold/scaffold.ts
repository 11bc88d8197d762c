import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EquimodalError, KINDS, suggestion, type Kind } from '@equimodal/core';
import { VERSION } from '../version.js';
import { KIND_PLANS } from './kinds.js';

/** Files of a package or of a piece: path -> text. */
export type Files = Readonly<Record<string, string>>;

/** What a new piece is called. */
export interface PieceNames {
  readonly kind: Kind;
  /** In kebab case: the id, and the name of its files. */
  readonly id: string;
  /** The same in camel case: what its module exports. */
  readonly name: string;
}

/**
 * Checks a kind and a name.
 *
 * @throws EQM_CLI_USAGE for a kind that there is not, or a name that is not in kebab case.
 */
export function pieceNames(kind: string, id: string): PieceNames {
  const known = KINDS.find((one) => one === kind);
  if (known === undefined) throw new EquimodalError('EQM_CLI_USAGE', `there is no kind "${kind}"; ${suggestion(kind, KINDS)}`);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    throw new EquimodalError('EQM_CLI_USAGE', `"${id}" is not a name in kebab case`, {
      fix: 'Write it in small letters and digits, joined by "-": my-fusion.',
    });
  }
  return { kind: known, id, name: id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) };
}

/** A piece on its own: its source, which passes the conformance kit as it is, and the start of its README. */
export function scaffoldPiece({ kind, id, name }: PieceNames): { readonly source: string; readonly readme: string } {
  const fill = filler({ ID: id, NAME: name, KIND: kind });
  return { source: fill(`pieces/${kind}.ts`), readme: fill('package/piece-readme.md') };
}

/** A whole package with one piece: manifest, piece, tests on the conformance kit, an experiment that uses it, README. */
export function scaffoldPackage(names: PieceNames, packageName: string = names.id): Files {
  const { kind, id, name } = names;
  const plan = KIND_PLANS[kind];
  const fill = filler({
    ID: id,
    NAME: name,
    KIND: kind,
    PACKAGE: packageName,
    FLAGS: plan.flags?.(id) ?? '',
    PEERS: json({
      '@equimodal/core': `^${VERSION}`,
      ...Object.fromEntries(plan.imports.map((one) => [`@equimodal/${one}`, `^${VERSION}`])),
      ...(plan.tensors ? { '@tensorflow/tfjs-core': OWN['@tensorflow/tfjs-core'] } : {}),
      zod: OWN['zod'],
    }),
    DEV: json({ '@equimodal/testing': `^${VERSION}`, '@types/node': '^20.19.0', equimodal: `^${VERSION}`, typescript: '^6.0.3' }),
  });
  return {
    'package.json': fill('package/package.json'),
    'tsconfig.json': fill('package/tsconfig.json'),
    '.gitignore': fill('package/gitignore'),
    'README.md': fill('package/README.md'),
    'experiment.yaml': ['plugins: [./dist/index.js]', ...plan.experiment(id), ''].join('\n'),
    'src/index.ts': fill('package/index.ts'),
    [`src/${id}.ts`]: scaffoldPiece(names).source,
    [`src/${id}.test.ts`]: fill('package/piece.test.ts'),
  };
}

/** Versions that a plugin shares with the host. */
const OWN: Readonly<Record<string, string>> = { '@tensorflow/tfjs-core': '4.22.0', zod: '^4.6.7' };

/** JSON that stands two spaces deep in a file. */
function json(value: object): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');
}

/** Reads templates and fills their `__NAMES__` in. */
function filler(values: Readonly<Record<string, string>>): (template: string) => string {
  return (template) => {
    const file = fileURLToPath(new URL(`../../templates/${template}.template`, import.meta.url));
    return readFileSync(file, 'utf8').replace(/__([A-Z]+)__/g, (whole, key: string) => values[key] ?? whole);
  };
}
