import { isBuiltin } from 'node:module';
import { posix } from 'node:path';

/** One import as it stands in a source file. `file` is relative to the package, with `/`. */
export interface Import {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
}

/** What the rules need to know of a package. */
export interface PackageImports {
  /** Folder name below packages/. */
  readonly name: string;
  /** Names under dependencies, peerDependencies and optionalDependencies. */
  readonly declared: ReadonlySet<string>;
  readonly imports: readonly Import[];
}

export interface Rules {
  readonly scope: string;
  /** Package -> the packages of ours that it may import. */
  readonly allowed: Readonly<Record<string, readonly string[]>>;
}

export interface Violation {
  readonly rule: 'forbidden' | 'undeclared' | 'deep' | 'leaves-package' | 'unknown-package';
  readonly where: string;
  readonly message: string;
}

/** `@scope/name/sub/path` -> `@scope/name`, `name/sub` -> `name`. */
export function packageNameOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Checks the imports of one package against the rules; an empty list is a pass. */
export function checkPackage(source: PackageImports, rules: Rules): Violation[] {
  const allowed = rules.allowed[source.name];
  if (allowed === undefined) {
    const message = `packages/${source.name} is not in the table of allowed imports`;
    return [{ rule: 'unknown-package', where: `packages/${source.name}`, message }];
  }
  return source.imports.flatMap((one) => {
    const found = violationOf(one, source, allowed, rules.scope);
    if (found === undefined) return [];
    const [rule, message] = found;
    return [{ rule, where: `packages/${source.name}/${one.file}:${one.line}`, message }];
  });
}

function violationOf(
  { file, specifier }: Import,
  source: PackageImports,
  allowed: readonly string[],
  scope: string,
): readonly [Violation['rule'], string] | undefined {
  if (isBuiltin(specifier)) return undefined;
  if (specifier.startsWith('.') || specifier.startsWith('/')) {
    const target = posix.join(posix.dirname(file), specifier);
    const outside = specifier.startsWith('/') || target === '..' || target.startsWith('../');
    return outside ? ['leaves-package', `${specifier} leaves the package`] : undefined;
  }
  const name = packageNameOf(specifier);
  if (name.startsWith(scope)) {
    const target = name.slice(scope.length);
    if (!allowed.includes(target)) {
      return ['forbidden', `${source.name} may import [${allowed.join(', ')}] of ours, not ${target}`];
    }
    if (specifier !== name && specifier !== `${name}/package.json`) {
      return ['deep', `${specifier} reaches into ${target}; import ${name}`];
    }
  }
  return source.declared.has(name) ? undefined : ['undeclared', `${name} is not declared in packages/${source.name}/package.json`];
}

/** A cycle in the table of allowed imports, as the path that closes it, or undefined. */
export function cycleIn(allowed: Rules['allowed']): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path, name];
    if (done.has(name)) return undefined;
    for (const next of allowed[name] ?? []) {
      const cycle = visit(next, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of Object.keys(allowed)) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
