/**
 * `nx g ./tools/generators:piece <kind> <name>`: a built-in piece in the package of its kind, from the templates that `equimodal new`
 * writes packages from. Needs a build.
 */
import { addExport, addPiece } from './register.mjs';

const PACKAGES = {
  encoder: 'encoders',
  fusion: 'fusion',
  loss: 'losses',
  alignment: 'losses',
  'alpha-scheduler': 'alpha-schedulers',
  method: 'methods',
  metric: 'metrics',
  dataset: 'datasets',
  observer: 'observers',
};

function spec(id, name) {
  return [
    "import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';",
    "import { conformance } from '@equimodal/testing';",
    `import { ${name} } from './${id}.js';`,
    '',
    `conformance(definePlugin({ name: '${id}', contractVersion: CONTRACT_VERSION, provides: [${name}] }));`,
    '',
  ].join('\n');
}

/**
 * @param {import('@nx/devkit').Tree} tree
 * @param {{ kind: string, name: string }} options
 */
export default async function piece(tree, options) {
  const { pieceNames, scaffoldPiece } = await import('@equimodal/cli');
  const names = pieceNames(options.kind, options.name);
  const { kind, id, name } = names;
  const folder = PACKAGES[kind];
  if (folder === undefined) throw new Error(`a built-in ${kind} is written by hand; \`equimodal new ${kind} ${id}\` writes a plugin`);
  const source = `packages/${folder}/src`;
  if (tree.exists(`${source}/${id}`)) throw new Error(`${source}/${id} is there already`);

  const written = scaffoldPiece(names);
  tree.write(`${source}/${id}/${id}.ts`, written.source);
  tree.write(`${source}/${id}/${id}.spec.ts`, spec(id, name));
  tree.write(`${source}/${id}/README.md`, written.readme);

  const plugin = [`${source}/plugin.ts`, `${source}/plugin/plugin.ts`].find((path) => tree.exists(path));
  const up = plugin.endsWith('plugin/plugin.ts') ? '../' : './';
  tree.write(plugin, addPiece(tree.read(plugin, 'utf8'), name, `${up}${id}/${id}.js`));
  tree.write(`${source}/index.ts`, addExport(tree.read(`${source}/index.ts`, 'utf8'), name, `./${id}/${id}.js`));
  const { formatFiles } = await import('@nx/devkit');
  await formatFiles(tree);
}
