import { readFileSync } from 'node:fs';

function numbers(version) {
  return version
    .replace(/^v/, '')
    .split(/[.+-]/)
    .slice(0, 3)
    .map((part) => Number(part) || 0);
}

function compare(left, right) {
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] || 0) - (right[i] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether a version lies in a range of `^a.b.c` and `>=a.b.c`, joined by `||`: what `engines.node` uses. */
export function satisfies(version, range) {
  const found = numbers(version);
  return range.split('||').some((part) => {
    const text = part.trim();
    const wanted = numbers(text.replace(/^(\^|>=)/, ''));
    const sameMajor = text.startsWith('>=') || found[0] === wanted[0];
    return sameMajor && compare(found, wanted) >= 0;
  });
}

/** The line for a Node that is too old, or undefined when it will do. */
export function nodeProblem(version, range) {
  if (satisfies(version, range)) return undefined;
  return `Equimodal needs Node ${range.replace('||', 'or')}; this is ${version}. See https://nodejs.org/en/download`;
}

/** Says so and returns false when the running Node is too old for the workspace. */
export function checkNode() {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const problem = nodeProblem(process.version, manifest.engines.node);
  if (problem === undefined) return true;
  console.error(problem);
  process.exitCode = 1;
  return false;
}
