import 'reflect-metadata';
import { container as root, type DependencyContainer } from 'tsyringe';
import { encoderChosen } from '../config/encoder.js';
import { recipeSchema, type RecipeInput } from '../config/schema.js';
import type { Engine } from '../contracts/engine.js';
import type { RunControls } from '../contracts/observer.js';
import { EquimodalError, messageOf } from '../errors/errors.js';
import type { RandomStream } from '../random/random.js';
import type { Signals } from '../signals/bus.js';
import { suggestion } from '../text/suggest.js';
import { KINDS, type AnyPiece, type Kind, type Kinds, type Piece, type RecipeData, type Resolver } from './pieces.js';
import { CONTRACT_VERSION, isPlugin, type Plugin } from './plugin.js';
import { createToken, ENGINE, PIECES, RANDOM, RUN_CONTROLS, SIGNALS, type PieceMaker, type Token } from './tokens.js';

/** A chosen piece with its options checked and defaults filled in. */
export interface Chosen {
  readonly use: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a run puts into its container. */
export interface RunServices {
  readonly signals: Signals;
  readonly controls: RunControls;
  readonly random: RandomStream;
  readonly engine: Engine;
}

const pieceToken = (kind: Kind, id: string) => createToken<AnyPiece>(`piece:${kind}:${id}`);

/** What every instance of a kind has. */
const MEMBERS: Readonly<Record<Kind, readonly string[]>> = {
  encoder: ['featureSize', 'init', 'apply'],
  fusion: ['init', 'apply'],
  loss: ['compute'],
  alignment: ['compute'],
  'alpha-scheduler': ['initial', 'update'],
  method: [],
  metric: ['key'],
  dataset: ['modalities', 'load'],
  observer: ['start', 'stop'],
  engine: ['probe', 'start'],
};

/** Holds the loaded plugins. Nothing is registered globally: two hosts do not see each other. */
export class Host {
  readonly #container: DependencyContainer = root.createChildContainer();
  readonly #plugins: Plugin[] = [];
  readonly #pieces: { readonly piece: AnyPiece; readonly plugin: string }[] = [];
  readonly #recipes = new Map<string, { readonly recipe: RecipeInput; readonly plugin: string }>();

  constructor(plugins: readonly Plugin[] = []) {
    for (const plugin of plugins) this.add(plugin);
  }

  get plugins(): readonly Plugin[] {
    return this.#plugins;
  }

  /** Loads a plugin: checks its manifest and registers what it provides. Adding the same plugin twice is harmless. */
  add(plugin: unknown, where = 'plugins'): void {
    if (!isPlugin(plugin)) {
      throw new EquimodalError('EQM_PLUGIN_LOAD', 'this is not a plugin: its default export must come from definePlugin', { where });
    }
    if (this.#plugins.includes(plugin)) return;
    if (plugin.contractVersion !== CONTRACT_VERSION) {
      throw new EquimodalError(
        'EQM_PLUGIN_CONTRACT',
        `plugin "${plugin.name}" was written for contract version ${plugin.contractVersion}; this is ${CONTRACT_VERSION}`,
        { where },
      );
    }
    for (const requirement of plugin.requires ?? []) this.#require(plugin, requirement, where);
    for (const piece of plugin.provides as readonly AnyPiece[]) this.#register(piece, plugin, where);
    for (const recipe of plugin.recipes ?? []) this.#addRecipe(recipe, plugin, where);
    this.#plugins.push(plugin);
  }

  #require(plugin: Plugin, requirement: string, where: string): void {
    const known = this.#pieces.map(({ piece }) => `${piece.kind}:${piece.id}`);
    if (known.includes(requirement)) return;
    throw new EquimodalError(
      'EQM_PLUGIN_REQUIRES',
      `plugin "${plugin.name}" requires ${requirement}, which no loaded plugin provides; ${suggestion(requirement, known)}`,
      { where },
    );
  }

  #register(piece: AnyPiece, plugin: Plugin, where: string): void {
    if (!KINDS.includes(piece.kind) || typeof piece.id !== 'string' || typeof piece.create !== 'function') {
      throw new EquimodalError(
        'EQM_PLUGIN_CONTRACT',
        `plugin "${plugin.name}" provides a malformed piece (kind ${String(piece.kind)}, id ${String(piece.id)})`,
        { where },
      );
    }
    const token = pieceToken(piece.kind, piece.id);
    if (this.#container.isRegistered(token)) {
      const first = this.#pieces.find((entry) => entry.piece.kind === piece.kind && entry.piece.id === piece.id);
      throw new EquimodalError(
        'EQM_PLUGIN_DUPLICATE',
        `${piece.kind} "${piece.id}" is provided by "${first?.plugin ?? '?'}" and by "${plugin.name}"`,
        { where },
      );
    }
    this.#container.register(token, { useValue: piece });
    this.#pieces.push({ piece, plugin: plugin.name });
  }

  #addRecipe(data: RecipeData, plugin: Plugin, where: string): void {
    const parsed = recipeSchema.safeParse(data);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new EquimodalError(
        'EQM_PLUGIN_CONTRACT',
        `recipe "${data.id}" of plugin "${plugin.name}" is malformed at ${issue?.path.join('.') ?? '?'}: ${issue?.message ?? ''}`,
        { where },
      );
    }
    const other = this.#recipes.get(parsed.data.id);
    if (other !== undefined) {
      throw new EquimodalError('EQM_PLUGIN_DUPLICATE', `recipe "${data.id}" is provided by "${other.plugin}" and by "${plugin.name}"`, {
        where,
      });
    }
    this.#recipes.set(parsed.data.id, { recipe: parsed.data, plugin: plugin.name });
  }

  /** All pieces, or those of one kind, with the plugin that provides them. */
  pieces(kind?: Kind): readonly { readonly piece: AnyPiece; readonly plugin: string }[] {
    return kind === undefined ? this.#pieces : this.#pieces.filter(({ piece }) => piece.kind === kind);
  }

  recipes(): readonly { readonly recipe: RecipeInput; readonly plugin: string }[] {
    return [...this.#recipes.values()];
  }

  recipe(id: string): RecipeInput | undefined {
    return this.#recipes.get(id)?.recipe;
  }

  ids(kind: Kind): string[] {
    return this.pieces(kind).map(({ piece }) => piece.id);
  }

  /** A piece by kind and id; throws EQM_CONFIG_UNKNOWN_ID with the nearest id. */
  piece<K extends Kind>(kind: K, id: string): Piece<K> {
    const token = pieceToken(kind, id);
    if (!this.#container.isRegistered(token)) {
      throw new EquimodalError('EQM_CONFIG_UNKNOWN_ID', `there is no ${kind} "${id}"; ${suggestion(id, this.ids(kind))}`);
    }
    return this.#container.resolve(token) as unknown as Piece<K>;
  }

  /** Name of the plugin that provides a piece. */
  pluginOf(kind: Kind, id: string): string | undefined {
    return this.#pieces.find(({ piece }) => piece.kind === kind && piece.id === id)?.plugin;
  }

  hasPiece(kind: Kind, id: string): boolean {
    return this.#container.isRegistered(pieceToken(kind, id));
  }

  /** Opens a container for one run. Dispose it with the run. */
  openRun(services: RunServices): RunContainer {
    const container = this.#container.createChildContainer();
    container.register(SIGNALS, { useValue: services.signals });
    container.register(RUN_CONTROLS, { useValue: services.controls });
    container.register(RANDOM, { useValue: services.random });
    container.register(ENGINE, { useValue: services.engine });
    for (const plugin of this.#plugins) {
      try {
        plugin.register?.(container);
      } catch (error) {
        throw new EquimodalError('EQM_PLUGIN_FAULT', `register of plugin "${plugin.name}" threw: ${messageOf(error)}`, {
          where: `plugin "${plugin.name}"`,
          cause: error,
        });
      }
    }
    const run = new RunContainer(this, container);
    container.register(PIECES, { useValue: makerOf(this, run) });
    return run;
  }

  /** Makes a piece outside a run (dataset, engine, checks): its factory must not resolve run services. */
  create<K extends Kind>(kind: K, chosen: Chosen, context: Kinds[K]['context']): Kinds[K]['instance'] {
    const resolver: Resolver = {
      resolve: <T>(token: Token<T>): T => {
        if (token === PIECES) return makerOf(this, resolver) as T;
        throw new EquimodalError('EQM_PLUGIN_FAULT', `${kind} "${chosen.use}" asked for ${String(token)} outside a run`, {
          where: `${kind} "${chosen.use}"`,
        });
      },
    };
    return make(this, this.piece(kind, chosen.use), chosen, context, resolver);
  }
}

/** The child container of one run. */
export class RunContainer implements Resolver {
  constructor(
    private readonly host: Host,
    private readonly container: DependencyContainer,
  ) {}

  resolve<T>(token: Token<T>): T {
    try {
      return this.container.resolve<T>(token);
    } catch (error) {
      throw new EquimodalError('EQM_PLUGIN_REQUIRES', `nothing is registered under ${String(token)}`, {
        cause: error,
        fix: `Register it in a plugin's register(container). (${messageOf(error)})`,
      });
    }
  }

  /** Makes a piece for this run; its factory can resolve the run's services. */
  create<K extends Kind>(kind: K, chosen: Chosen, context: Kinds[K]['context']): Kinds[K]['instance'] {
    return make(this.host, this.host.piece(kind, chosen.use), chosen, context, this);
  }

  /** Name of the plugin that provides a piece. */
  pluginOf(kind: Kind, id: string): string | undefined {
    return this.host.pluginOf(kind, id);
  }

  async dispose(): Promise<void> {
    await this.container.dispose();
  }
}

/** Makes nested pieces with the resolver of the piece around them. */
function makerOf(host: Host, resolver: Resolver): PieceMaker {
  return {
    make(kind, choice, context) {
      const { use, ...given } = typeof choice === 'string' ? { use: choice } : choice;
      const piece = host.piece(kind, use);
      const parsed = piece.options.strict().safeParse(kind === 'encoder' ? encoderChosen({ use, ...given }).options : given);
      if (parsed.success) return make(host, piece, { use, options: parsed.data }, context, resolver);
      throw new EquimodalError(
        'EQM_CONFIG_INVALID',
        `the options of ${kind} "${use}" are not right: ${parsed.error.issues[0]?.message ?? ''}`,
        {
          where: `${kind} "${use}"`,
        },
      );
    },
  };
}

function make<K extends Kind>(
  host: Host,
  piece: Piece<K>,
  chosen: Chosen,
  context: Kinds[K]['context'],
  resolver: Resolver,
): Kinds[K]['instance'] {
  const name = `${piece.kind} "${piece.id}"`;
  const where = `${name} of plugin "${host.pluginOf(piece.kind, piece.id) ?? '?'}"`;
  let made: Kinds[K]['instance'];
  try {
    made = piece.create(chosen.options as never, context, resolver);
  } catch (error) {
    if (error instanceof EquimodalError) throw error;
    throw new EquimodalError('EQM_PLUGIN_FAULT', `the factory of ${name} threw: ${messageOf(error)}`, { where, cause: error });
  }
  const lacking = MEMBERS[piece.kind].filter((member) => (made as unknown as Record<string, unknown> | undefined)?.[member] === undefined);
  if (lacking.length === 0) return made;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `the factory of ${name} made something without ${lacking.join(', ')}`, { where });
}
