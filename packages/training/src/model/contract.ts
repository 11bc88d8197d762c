import { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError, type AlphaUpdate, type Fused, type LossTerm, type Tree } from '@equimodal/core';

/** Tensors by modality, path or name. */
type Named = Readonly<Record<string, Tensor>>;

function fault(what: string): EquimodalError {
  return new EquimodalError('EQM_PLUGIN_FAULT', what);
}

/** What a value is, for a message. */
function described(value: unknown): string {
  if (value instanceof Tensor) return `a ${value.dtype} tensor [${value.shape.join(', ')}]`;
  if (value instanceof Promise) return 'a promise (what runs inside a step is synchronous)';
  if (typeof value === 'function') return 'a function';
  return value === null || typeof value !== 'object' ? String(value) : `an object with ${Object.keys(value).join(', ') || 'nothing'}`;
}

/** @throws EQM_PLUGIN_FAULT for a value that is not a tensor of this shape that is still there. */
export function checkTensor(what: string, value: unknown, shape: readonly number[]): void {
  const fits =
    value instanceof Tensor && value.shape.length === shape.length && (value as Tensor).shape.every((size, i) => size === shape[i]);
  if (!fits) throw fault(`${what} is ${described(value)}; expected a tensor [${shape.join(', ')}]`);
  if (value.isDisposed) throw fault(`${what} was disposed; leave that to the step`);
}

/** Asserts that an in-step hook has returned at once. */
export function checkSynchronous(value: unknown): void {
  if (!(value instanceof Promise)) return;
  value.catch(() => undefined); // nobody waits for it any more
  throw fault(`the result is ${described(value)}`);
}

/** @throws EQM_PLUGIN_FAULT for a value that is not a plain record. */
function checkRecord(what: string, value: unknown): asserts value is Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !(value instanceof Tensor) && !(value instanceof Promise)) return;
  throw fault(`${what} is ${described(value)}; expected a record`);
}

/** Asserts that one record of tensors has the names and shapes of another. */
export function checkLike(what: string, value: unknown, like: Named): void {
  checkRecord(what, value);
  const extra = Object.keys(value).find((name) => like[name] === undefined);
  if (extra !== undefined) throw fault(`${what} has "${extra}", which was not given`);
  for (const [name, leaf] of Object.entries(like)) checkTensor(`"${name}" of ${what}`, value[name], leaf.shape);
}

/** Asserts what a fusion, or a `logits` hook, hands back: logits and read-outs [batch, classes]. */
export function checkFused(value: unknown, modalities: readonly string[], shape: readonly [number, number]): asserts value is Fused {
  checkRecord('the result', value);
  checkTensor('"logits"', value['logits'], shape);
  checkRecord('"unimodal"', value['unimodal']);
  for (const name of modalities) checkTensor(`the read-out of "${name}"`, value['unimodal'][name], shape);
}

/** Asserts what an inference rule hands back: logits [batch, classes], or those with read-outs. */
export function checkPrediction(value: unknown, shape: readonly [number, number]): void {
  if (value instanceof Tensor) return checkTensor('the prediction', value, shape);
  checkRecord('the prediction', value);
  if (value['logits'] !== undefined) checkTensor('"logits"', value['logits'], shape);
  if (value['unimodal'] === undefined) return;
  checkRecord('"unimodal"', value['unimodal']);
  for (const [name, own] of Object.entries(value['unimodal'])) checkTensor(`the read-out of "${name}"`, own, shape);
}

const TERM_KINDS: readonly unknown[] = ['classification', 'alignment', 'regulariser'] satisfies LossTerm['kind'][];

/** Asserts what a `losses` hook hands back: terms with names of their own and scalar values. */
export function checkTerms(value: unknown): asserts value is readonly LossTerm[] {
  if (!Array.isArray(value)) throw fault(`the result is ${described(value)}; expected a list of terms`);
  const names = new Set<unknown>();
  for (const term of value as unknown[]) {
    checkRecord('a term', term);
    const { name, kind, weight } = term;
    if (typeof name !== 'string' || name === '') throw fault(`the name of a term is ${described(name)}; expected text`);
    if (names.has(name)) throw fault(`there are two terms "${name}"`);
    names.add(name);
    if (!TERM_KINDS.includes(kind))
      throw fault(`the kind of term "${name}" is ${described(kind)}; expected one of ${TERM_KINDS.join(', ')}`);
    checkTensor(`the value of term "${name}"`, term['value'], []);
    if (typeof weight === 'number' ? !Number.isFinite(weight) : !(weight instanceof Tensor && weight.size === 1)) {
      throw fault(`the weight of term "${name}" is ${described(weight)}; expected a number or a scalar tensor`);
    }
  }
}

/** Asserts that a method remembers what it declared in `memory`, in the same form. */
export function checkMemory(name: string, value: unknown, before: Tree[string] | undefined): void {
  if (before === undefined) throw fault(`there is no memory "${name}": declare it in "memory"`);
  checkTensor(`memory "${name}"`, value, before.shape);
}

/** Asserts what a host-side hook decides. */
export function checkDecision(value: unknown): void {
  if (value === undefined) return;
  checkRecord('the decision', value);
  const { phase, controls, stop, candidate } = value;
  if (phase !== undefined && typeof phase !== 'string') throw fault(`"phase" is ${described(phase)}; expected text`);
  if (stop !== undefined && typeof stop !== 'string') throw fault(`"stop" is ${described(stop)}; expected the reason, as text`);
  if (candidate !== undefined && typeof candidate !== 'boolean')
    throw fault(`"candidate" is ${described(candidate)}; expected true or false`);
  if (controls === undefined) return;
  checkRecord('"controls"', controls);
  for (const [name, number] of Object.entries(controls)) {
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw fault(`control "${name}" is ${described(number)}; expected a finite number`);
  }
}

/** An update whose alpha is in [0, 1]. */
export function checkedAlpha(update: AlphaUpdate): AlphaUpdate {
  const value: unknown = update.alpha;
  if (typeof value === 'number' && value >= 0 && value <= 1) return update;
  throw fault(`alpha is ${described(value)}; expected a number in [0, 1]`);
}

/** Asserts variables as `init` hands them back: trees of tensors. */
export function checkVariables(value: unknown): void {
  checkRecord('the result of init', value);
  for (const part of ['params', 'state']) {
    const tree = value[part];
    checkRecord(`"${part}" of init`, tree);
    for (const [path, leaf] of Object.entries(tree)) {
      if (!(leaf instanceof Tensor)) throw fault(`"${path}" of init is ${described(leaf)}; expected a tensor`);
    }
  }
}
