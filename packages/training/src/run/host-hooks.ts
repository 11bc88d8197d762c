import type { Decision } from '@equimodal/core';
import { attributed, attributedBetween } from '../model/attributed.js';
import { checkDecision } from '../model/contract.js';
import type { NamedMethod } from '../model/model.js';
import type { LeakWatch } from './leaks.js';

const nameOf = ({ id }: NamedMethod, point: string): string => `method "${id}", hook ${point}`;

function checked(decision: Decision | undefined): Decision | undefined {
  checkDecision(decision);
  return decision;
}

/** Calls a hook of a method between epochs. What it throws, and what is wrong with its decision, names method and plugin. */
export function betweenEpochs(
  leaks: LeakWatch,
  named: NamedMethod,
  point: 'epochStart' | 'epochEnd',
  run: () => Decision | undefined | Promise<Decision | undefined>,
): Promise<Decision | undefined> {
  const who = nameOf(named, point);
  return attributedBetween(who, async () => checked(await leaks.between(who, run)), named.plugin);
}

/** The same for the hook after a step, which cannot wait. */
export function afterStep(leaks: LeakWatch, named: NamedMethod, run: () => Decision | undefined): Decision | undefined {
  const who = nameOf(named, 'stepEnd');
  return attributed(who, () => checked(leaks.betweenSync(who, run)), named.plugin);
}
