/**
 * Writes what each package exports into `docs/reference/api/<package>.d.ts.md`: names and types without comments, in the order of the
 * alphabet, so that a change of the public surface is seen where it is reviewed. `--check` fails when a report is stale or a public type is `any`.
 * Reads the built declarations.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'docs', 'reference', 'api');
const OPTIONS = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  skipLibCheck: true,
  types: [],
};
const printer = ts.createPrinter({ removeComments: true });

/** Packages and the declarations of each of their entry points: `{ name, entries: [{ path: '.', file }] }`. */
function packages() {
  return readdirSync(join(ROOT, 'packages'))
    .map((folder) => ({
      folder: join(ROOT, 'packages', folder),
      manifest: JSON.parse(readFileSync(join(ROOT, 'packages', folder, 'package.json'), 'utf8')),
    }))
    .map(({ folder, manifest }) => ({
      name: manifest.name,
      folder,
      entries: Object.entries(manifest.exports ?? {}).flatMap(([path, target]) =>
        typeof target?.types === 'string' ? [{ path, file: join(folder, target.types) }] : [],
      ),
    }))
    .filter(({ entries }) => entries.length > 0);
}

/** The text of one declaration: no comments, no bodies, nothing private. */
export function declarationText(declaration) {
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const shown = ts.isClassDeclaration(node) ? withoutPrivate(node) : node;
  const text = printer
    .printNode(ts.EmitHint.Unspecified, shown, declaration.getSourceFile())
    .replace(/^export (default )?/, '')
    .replace(/^declare /, '');
  return inOneOrder(text);
}

/** The compiler writes the members of inferred enumerations in the order that it met them; here they stand in that of the alphabet. */
function inOneOrder(text) {
  return text
    .replace(/ZodEnum<\{\n([^}]*?)(\n\s*)\}>/g, (_, members, end) => `ZodEnum<{\n${members.split('\n').sort().join('\n')}${end}}>`)
    .replace(/"[^"\n]*"(?: \| "[^"\n]*")+/g, (union) => union.split(' | ').sort().join(' | '));
}

function withoutPrivate(node) {
  const shown = node.members.filter(
    (member) =>
      (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) === 0 &&
      !(member.name !== undefined && ts.isPrivateIdentifier(member.name)),
  );
  return ts.factory.updateClassDeclaration(node, node.modifiers, node.name, node.typeParameters, node.heritageClauses, shown);
}

/** Where `any` stands in a declaration. */
function usesAny(declaration) {
  let found = false;
  const visit = (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) found = true;
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return found;
}

/**
 * The report of one entry point.
 *
 * @returns {{ lines: string[], any: string[] }} a block of lines a name; names of types that hold `any`
 */
export function reportOf(program, file, folder) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${relative(ROOT, file)} exports nothing; run npm run build`);
  const lines = [];
  const any = [];
  const exported = checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const symbol of exported) {
    const target = (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
    const declarations = target.declarations ?? [];
    const foreign = declarations.find(
      (declaration) => !declaration.getSourceFile().fileName.startsWith(`${realpathSync(folder).split(sep).join('/')}/`),
    );
    if (foreign !== undefined) {
      lines.push(`export { ${symbol.name} } from '${packageOf(foreign.getSourceFile().fileName)}';`);
      continue;
    }
    for (const declaration of declarations) {
      lines.push(`${symbol.name === target.name ? '' : `// as ${symbol.name}\n`}${declarationText(declaration)}`);
      if (usesAny(declaration)) any.push(symbol.name);
    }
  }
  return { lines, any };
}

/** The name of the package that a file of declarations belongs to. */
function packageOf(file) {
  const ours = /\/packages\/([^/]+)\//.exec(file);
  if (ours !== null) return JSON.parse(readFileSync(join(ROOT, 'packages', ours[1], 'package.json'), 'utf8')).name;
  return /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(file)?.[1] ?? basename(file);
}

function main() {
  const check = process.argv.includes('--check');
  const all = packages();
  const program = ts.createProgram(
    all.flatMap(({ entries }) => entries.map(({ file }) => file)),
    OPTIONS,
  );
  const pages = new Map();
  for (const { name, folder, entries } of all) {
    const parts = entries.map(({ path, file }) => {
      const { lines, any } = reportOf(program, file, folder);
      for (const type of any) problem(`${name}: the public type of ${type} holds \`any\``);
      const title = path === '.' ? name : `${name}${path.slice(1)}`;
      return `## ${title}\n\n\`\`\`ts\n${lines.join('\n\n')}\n\`\`\`\n`;
    });
    pages.set(`${name.replace('@equimodal/', '')}.md`, `# What ${name} exports\n\nWritten by \`npm run docs\`.\n\n${parts.join('\n')}`);
  }
  if (!check) {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const [page, text] of pages) writeFileSync(join(FOLDER, page), text);
    return;
  }
  const there = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  for (const page of there) if (!pages.has(page)) problem(`docs/reference/api/${page} is of no package; run npm run docs`);
  for (const [page, text] of pages) {
    if (there.includes(page) && readFileSync(join(FOLDER, page), 'utf8') === text) continue;
    problem(`docs/reference/api/${page} is not what the package exports; if the change is meant, run npm run build && npm run docs`);
  }
}

function problem(message) {
  console.error(message);
  process.exitCode = 1;
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
