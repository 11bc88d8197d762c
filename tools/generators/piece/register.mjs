/** Adds a piece to the source of a package's plugin: an import after the last one, and its name at the end of `provides`. */
export function addPiece(source, name, path) {
  const imports = [...source.matchAll(/^import .*;$/gm)];
  const last = imports.at(-1);
  if (last === undefined || !/provides: \[[^\]]*\]/.test(source)) throw new Error('this is not the source of a plugin');
  const at = last.index + last[0].length;
  const imported = `${source.slice(0, at)}\nimport { ${name} } from '${path}';${source.slice(at)}`;
  return imported.replace(/(provides: \[[^\]]*?),?\s*\]/, `$1, ${name}]`);
}

/** Adds an export to the source of a package's entry point. */
export function addExport(source, name, path) {
  return `${source.trimEnd()}\nexport { ${name} } from '${path}';\n`;
}
