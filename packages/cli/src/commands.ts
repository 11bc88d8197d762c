import type { Command } from 'commander';

/** A command as the help shows it, and the module that gives it its flags and its action. */
export interface Entry {
  /** Name and arguments. */
  readonly usage: string;
  readonly description: string;
  /** Loads the module. */
  readonly load: () => Promise<(command: Command) => void>;
}

/** Every command, in the order of the help. A module is loaded when its command is called, so that help and mistakes come at once. */
export const COMMANDS: readonly Entry[] = [
  {
    usage: 'train <file>',
    description: 'train one row of an experiment (the first, or those of --recipes and --seeds)',
    load: async () => (await import('./commands/train.js')).trainCommand,
  },
  {
    usage: 'compare <file>',
    description: 'train every row of an experiment with every seed; table and report',
    load: async () => (await import('./commands/compare.js')).compareCommand,
  },
  {
    usage: 'report <dir>',
    description: 'make the report of finished runs again; of several experiments also their ranks',
    load: async () => (await import('./commands/report.js')).reportCommand,
  },
  {
    usage: 'runs [dir]',
    description: 'list the runs below a folder (default: runs), with what became of them',
    load: async () => (await import('./commands/runs.js')).runsCommand,
  },
  {
    usage: 'diff <run> <other>',
    description: 'how two run folders differ: settings, data, versions, figures',
    load: async () => (await import('./commands/diff.js')).diffCommand,
  },
  {
    usage: 'evaluate <run-dir>',
    description: 'score the selected checkpoint of a run folder again',
    load: async () => (await import('./commands/evaluate.js')).evaluateCommand,
  },
  {
    usage: 'explain <run-dir...>',
    description: 'Grad-CAM of convolutional encoders of runs, as a picture of samples by epochs',
    load: async () => (await import('./commands/explain.js')).explainCommand,
  },
  {
    usage: 'predict <dir>',
    description: 'predict with the model of a run folder or an export',
    load: async () => (await import('./commands/predict.js')).predictCommand,
  },
  {
    usage: 'export <run-dir> <folder>',
    description: 'write the model of a run: safetensors, what it is made of, a model card',
    load: async () => (await import('./commands/export.js')).exportCommand,
  },
  {
    usage: 'list [kind]',
    description: 'what an experiment can name: pieces by kind, and recipes',
    load: async () => (await import('./commands/list.js')).listCommand,
  },
  {
    usage: 'new <kind> <name>',
    description: 'write a plugin package with one piece',
    load: async () => (await import('./commands/new.js')).newCommand,
  },
  {
    usage: 'doctor',
    description: 'which engine is used here, and why',
    load: async () => (await import('./commands/doctor.js')).doctorCommand,
  },
  {
    usage: 'engine',
    description: 'prepare an engine',
    load: async () => (await import('./commands/engine.js')).engineCommand,
  },
  {
    usage: 'cache',
    description: 'show or clear what is kept between runs',
    load: async () => (await import('./commands/cache.js')).cacheCommand,
  },
  {
    usage: 'data',
    description: 'look at a dataset before anything is trained on it',
    load: async () => (await import('./commands/data.js')).dataCommand,
  },
];
