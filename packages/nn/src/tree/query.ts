import type { Tree } from '@equimodal/core';

/** Chooses leaves of a tree. All given conditions must hold. */
export interface PathQuery {
  /** Glob over the path: `*` is one segment, `**` any number. */
  readonly path?: string;
  /** Parameters of this modality's encoder. */
  readonly modality?: string;
  /** Rank of the tensor, e.g. 4 for convolution kernels. */
  readonly rank?: number;
}

/** The modality whose encoder a path belongs to, or undefined. */
export function modalityOf(path: string): string | undefined {
  const [head, modality] = path.split('/');
  return head === 'encoders' ? modality : undefined;
}

/**
 * Turns a glob into a test of paths: `*` is any text inside one segment, `**` any number of segments (also none).
 *
 * @example
 * globMatcher('encoders/audio/**')('encoders/audio/conv1/kernel'); // true
 */
export function globMatcher(glob: string): (path: string) => boolean {
  const segments = glob
    .split('/')
    .map((part) => (part === '**' ? part : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*')));
  let pattern = '';
  for (const [i, segment] of segments.entries()) {
    const last = i === segments.length - 1;
    if (segment !== '**') pattern += last ? segment : `${segment}/`;
    else if (!last) pattern += '(?:[^/]+/)*';
    // A closing `**` takes the slash before it along: `a/**` is `a` and everything below.
    else pattern = pattern.endsWith('/') ? `${pattern.slice(0, -1)}(?:/.*)?` : `${pattern}.*`;
  }
  const expression = new RegExp(`^${pattern}$`);
  return (path) => expression.test(path);
}

/** The part of a tree that a query chooses. */
export function selectTree(tree: Tree, query: PathQuery): Tree {
  const matches = query.path === undefined ? () => true : globMatcher(query.path);
  return Object.fromEntries(
    Object.entries(tree).filter(
      ([path, leaf]) =>
        matches(path) &&
        (query.modality === undefined || modalityOf(path) === query.modality) &&
        (query.rank === undefined || leaf.rank === query.rank),
    ),
  );
}
