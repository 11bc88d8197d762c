import { z } from 'zod';
import { EquimodalError, type Problem } from '../errors/errors.js';
import { closest } from '../text/suggest.js';
import { formatPath, type ConfigPath, type ConfigSource } from './source.js';

/** Collects what is wrong with a config, so that a user sees all of it at once. */
export class Problems {
  readonly #problems: Problem[] = [];
  #code: 'EQM_CONFIG_INVALID' | 'EQM_CONFIG_UNKNOWN_ID' | 'EQM_CONFIG_INCOMPATIBLE' = 'EQM_CONFIG_INVALID';

  constructor(readonly source: ConfigSource) {}

  /** How many have been found so far. */
  get count(): number {
    return this.#problems.length;
  }

  add(
    path: ConfigPath,
    message: string,
    code: 'EQM_CONFIG_INVALID' | 'EQM_CONFIG_UNKNOWN_ID' | 'EQM_CONFIG_INCOMPATIBLE' = 'EQM_CONFIG_INVALID',
  ): void {
    if (this.#problems.length === 0) this.#code = code;
    const at = formatPath(path);
    this.#problems.push({ where: this.source.locate(path), message: at === '' ? message : `${at}: ${message}` });
  }

  /** Parses a value; on failure adds one problem per issue and returns undefined. */
  parse<S extends z.ZodType>(schema: S, value: unknown, path: ConfigPath): z.output<S> | undefined {
    const result = schema.safeParse(value, { reportInput: true });
    if (result.success) return result.data;
    for (const issue of result.error.issues) this.#addIssue(schema, issue, path);
    return undefined;
  }

  #addIssue(schema: z.ZodType, issue: z.core.$ZodIssue, base: ConfigPath): void {
    const inner = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    const path = [...base, ...inner];
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, inner);
      for (const key of issue.keys) {
        const near = closest(key, known);
        const hint = near === undefined ? (known.length === 0 ? 'it takes none' : `known: ${known.join(', ')}`) : `did you mean "${near}"?`;
        this.add([...path, key], `unknown option; ${hint}`);
      }
      return;
    }
    if (issue.code === 'invalid_value') {
      const options = issue.values.map(String);
      const near = typeof issue.input === 'string' ? closest(issue.input, options) : undefined;
      this.add(
        path,
        `expected one of ${options.join(', ')}, got ${show(issue.input)}${near === undefined ? '' : `; did you mean "${near}"?`}`,
      );
      return;
    }
    if (issue.code === 'invalid_type') {
      this.add(
        path,
        issue.input === undefined ? `missing; expected ${issue.expected}` : `expected ${issue.expected}, got ${show(issue.input)}`,
      );
      return;
    }
    if (issue.code === 'invalid_union') {
      const branches = [...new Set(issue.errors.flat().map((inner) => inner.message))];
      this.add(path, `${branches.length === 0 ? issue.message : branches.slice(0, 3).join(', or ')}; got ${show(issue.input)}`);
      return;
    }
    this.add(path, `${issue.message}; got ${show(issue.input)}`);
  }

  /** Throws one error that lists every problem, if there are any. */
  throwIfAny(what: string): void {
    if (this.#problems.length === 0) return;
    const count = this.#problems.length === 1 ? 'a problem' : `${this.#problems.length} problems`;
    throw new EquimodalError(this.#code, `${what} has ${count}`, { problems: this.#problems });
  }
}

/** A value as a user would recognise it, shortened. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  const kind = Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'a map' : typeof value;
  return `${text.length > 60 ? `${text.slice(0, 57)}...` : text} (${kind})`;
}

/** The option names a schema knows at a path. */
function keysAt(schema: z.ZodType, path: ConfigPath): string[] {
  let at: unknown = schema;
  for (const part of [...path, undefined]) {
    while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodNullable || at instanceof z.ZodPrefault)
      at = at.unwrap();
    if (part === undefined) break;
    if (at instanceof z.ZodObject) at = (at.shape as Record<string, unknown>)[part];
    else if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodRecord) at = at.valueType;
    else return [];
  }
  if (at instanceof z.ZodObject) return Object.keys(at.shape as object);
  if (at instanceof z.ZodDiscriminatedUnion || at instanceof z.ZodUnion) {
    return [...new Set(at.options.flatMap((option) => (option instanceof z.ZodObject ? Object.keys(option.shape as object) : [])))];
  }
  return [];
}
