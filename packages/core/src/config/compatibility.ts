import type { Claim, ModalityKind } from '../contracts/facts.js';
import type { Host } from '../plugin/host.js';
import type { Kind } from '../plugin/pieces.js';
import { encoderChain, type EncoderChoice } from './encoder.js';
import type { RecipeConfig } from './experiment.js';
import type { Problems } from './problems.js';
import type { ConfigPath } from './source.js';

/** Refuses combinations that the pieces' declared facts rule out. */
export function checkRecipe(
  host: Host,
  problems: Problems,
  recipe: RecipeConfig,
  modalities: readonly { readonly name: string; readonly kind: ModalityKind }[],
  path: ConfigPath,
): void {
  const refuse = (message: string) => problems.add(path, `row "${recipe.id}": ${message}`, 'EQM_CONFIG_INCOMPATIBLE');
  const count = recipe.modalities.length;

  for (const modality of recipe.modalities) {
    const spec = modalities.find((candidate) => candidate.name === modality);
    const choice = recipe.encoders[modality];
    if (spec === undefined || choice === undefined) continue;
    for (const { use } of encoderChain(host, choice)) {
      const accepts = host.piece('encoder', use).facts.accepts;
      if (accepts !== undefined && !accepts.includes(spec.kind)) {
        refuse(`encoder "${use}" takes ${accepts.join(', ')}, but modality "${modality}" is ${spec.kind}`);
      }
    }
    checkWrapping(encoderChain(host, choice), (message) => refuse(`modality "${modality}": ${message}`));
  }

  const chosen: [Kind, string][] = [['fusion', recipe.fusion.use]];
  if (recipe.alignment !== null) chosen.push(['alignment', recipe.alignment.use]);
  if (recipe.alpha !== null) chosen.push(['alpha-scheduler', recipe.alpha.use]);
  for (const method of recipe.methods) chosen.push(['method', method.use]);
  for (const [kind, id] of chosen) {
    const { modalities: limits, fusions, needs } = host.piece(kind, id).facts;
    if (count < (limits?.min ?? 1)) refuse(`${kind} "${id}" needs at least ${limits?.min} modalities; this row uses ${count}`);
    if (count > (limits?.max ?? Infinity)) refuse(`${kind} "${id}" takes at most ${limits?.max} modalities; this row uses ${count}`);
    if (fusions !== undefined && !fusions.includes(recipe.fusion.use)) {
      refuse(`${kind} "${id}" works with fusion ${fusions.join(', ')}; this row uses "${recipe.fusion.use}"`);
    }
    if (kind === 'fusion' && needs?.includes('stages') === true) {
      for (const modality of recipe.modalities) {
        const use = recipe.encoders[modality]?.use;
        if (use === undefined || host.piece('encoder', use).facts.staged === true) continue;
        refuse(`fusion "${id}" works between the stages of encoders; encoder "${use}" of modality "${modality}" has none`);
      }
    }
  }

  checkClaims(host, recipe, refuse);
  checkHypergradient(host, recipe, refuse);

  if (recipe.alignment === null && recipe.alpha !== null) refuse('alpha weighs an alignment loss, and there is none; add "alignment"');
  if (recipe.alignment !== null && recipe.alpha === null) refuse('an alignment loss needs a weight; add "alpha"');
  if (recipe.training.schedule.use === 'plateau' && recipe.training.selection === 'legacy-test') {
    refuse('a plateau schedule watches validation, and "selection: legacy-test" has none');
  }
}

const CLAIMS: Readonly<Record<Claim, string>> = {
  plan: 'plan the optimizer steps or phases of training',
  objective: 'replace the classification terms of the objective',
  prediction: 'set the inference rule',
};

/** What only one method of a row can have must not be claimed twice. */
function checkClaims(host: Host, { methods }: RecipeConfig, refuse: (message: string) => void): void {
  const claimed = new Map<Claim, string>();
  for (const { use } of methods) {
    for (const claim of host.piece('method', use).facts.claims ?? []) {
      const other = claimed.get(claim);
      if (other !== undefined) refuse(`methods "${other}" and "${use}" both ${CLAIMS[claim]}; a row can have one of them`);
      claimed.set(claim, use);
    }
  }
}

/** A bilevel problem is posed in the losses that a row states: where a method puts others in their place, that is not what is trained. */
function checkHypergradient(host: Host, { alpha, methods }: RecipeConfig, refuse: (message: string) => void): void {
  if (alpha === null || host.piece('alpha-scheduler', alpha.use).facts.needs?.includes('outer-data') !== true) return;
  for (const { use } of methods) {
    if (host.piece('method', use).facts.claims?.includes('objective') !== true) continue;
    refuse(
      `alpha-scheduler "${alpha.use}" differentiates the losses of the row, and method "${use}" replaces them; ` +
        'state what is trained under "losses", or choose an alpha that is not learned',
    );
  }
}

/** Weights are those of the innermost encoder, the learning rate is that of the outermost: what is trained. */
function checkWrapping(chain: readonly EncoderChoice[], refuse: (message: string) => void): void {
  const [outer, inner] = [chain[0]!, chain.at(-1)!];
  for (const choice of chain) {
    if (choice.pretrained !== undefined && choice !== inner)
      refuse(`"pretrained" of encoder "${choice.use}" belongs to the encoder inside it`);
    if (choice.learningRate !== undefined && choice !== outer)
      refuse(`"learningRate" of encoder "${choice.use}" belongs to the encoder around it`);
  }
}
