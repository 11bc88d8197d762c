/** What a code means and what a user can do about it. `docs/reference/errors.md` is generated from this table. */
export interface CodeEntry {
  readonly meaning: string;
  readonly solve: string;
}

/** Every error code of the product. Tests assert codes, never the prose of a message. */
export const ERROR_CODES = {
  EQM_CONFIG_UNREADABLE: {
    meaning: 'The experiment file does not exist or is not readable YAML.',
    solve: 'Check the path and the line the message names.',
  },
  EQM_CONFIG_INVALID: {
    meaning: 'The experiment file has values that the schema refuses.',
    solve: 'Each problem names file, line, path, what was expected and what was found; mend them and run again.',
  },
  EQM_CONFIG_UNKNOWN_ID: {
    meaning: 'A `use:` names a piece that no loaded plugin provides.',
    solve: 'See `equimodal list <kind>`; if a plugin provides it, name the plugin under `plugins:`.',
  },
  EQM_CONFIG_INCOMPATIBLE: {
    meaning: 'The chosen pieces cannot work together (number of modalities, kind of input, fusion and method).',
    solve: 'The message names the two pieces and the fact they disagree on; change one of them.',
  },
  EQM_CONFIG_OVERRIDE: {
    meaning: 'A `--set path=value` could not be applied.',
    solve: 'Write it as `--set training.epochs=5`; the value is read as YAML.',
  },
  EQM_PLUGIN_LOAD: {
    meaning: 'A plugin named in the config could not be imported or does not export a plugin.',
    solve: 'Check the package name or path; the default export must come from `definePlugin`.',
  },
  EQM_PLUGIN_CONTRACT: {
    meaning: 'A plugin was written for another contract version or its manifest is malformed.',
    solve: 'Update the plugin, or install the version of Equimodal it names.',
  },
  EQM_PLUGIN_DUPLICATE: {
    meaning: 'Two plugins provide the same kind and id.',
    solve: 'Remove one of the plugins or rename its piece.',
  },
  EQM_PLUGIN_REQUIRES: {
    meaning: 'A plugin requires something that no loaded plugin provides.',
    solve: 'Load the plugin that provides it, before this one.',
  },
  EQM_PLUGIN_FAULT: {
    meaning: 'A plugin broke its contract while running (wrong shape, missing tensor, an asynchronous step hook).',
    solve: 'The message names plugin, hook and what was expected; run the conformance kit on the plugin.',
  },
  EQM_STEP_IMPURE: {
    meaning: 'A step read the value of a tensor, or drew a random number that no key governs.',
    solve: 'Compute with tensors, report() what you want to see, and draw from the stream the hook is given; the message names the line.',
  },
  EQM_DATA_ROOT: {
    meaning: 'The dataset needs a folder of files and none was given.',
    solve: 'Pass `--data-root DIR` or set EQUIMODAL_DATA.',
  },
  EQM_DATA_MISSING: {
    meaning: 'A file or folder of the dataset is missing.',
    solve: 'The message lists the paths that were looked for.',
  },
  EQM_DATA_MALFORMED: {
    meaning: 'A data file is not what its format says (truncated, wrong header, unequal rows).',
    solve: 'The message names file and offset or row; restore the file from its source.',
  },
  EQM_DATA_SPLIT: {
    meaning: 'A split is empty, overlaps another, or lacks a class.',
    solve: 'Check the split options of the dataset and the validation fraction.',
  },
  EQM_DATA_DECODER: {
    meaning: 'Files of the dataset need a decoder that is not installed.',
    solve: 'Install the package that the message names beside equimodal, e.g. `npm install sharp`.',
  },
  EQM_ENGINE_UNAVAILABLE: {
    meaning: 'The engine that was asked for cannot be used here.',
    solve: 'See `equimodal doctor`; `equimodal engine link` prepares the native engine.',
  },
  EQM_ENGINE_LINK: {
    meaning: 'The native engine could not be linked.',
    solve: 'The message names the step that failed (wheel, compiler, smoke test).',
  },
  EQM_TRAIN_DIVERGED: {
    meaning: 'A loss became NaN or infinite.',
    solve: 'Lower the learning rate or clip gradients; the last good checkpoint is kept.',
  },
  EQM_RUN_EXISTS: {
    meaning: 'The run folder already holds a run with another configuration.',
    solve: 'Choose another `--out`, or remove the folder; nothing was overwritten.',
  },
  EQM_RUN_MISSING: {
    meaning: 'The folder is not a run folder or the run did not finish.',
    solve: 'Give a folder that holds run.json, and finish the run with `--resume` first.',
  },
  EQM_RUN_LOCKED: {
    meaning: 'Another process is working on the folder.',
    solve: 'Wait until it is done, end it, or choose another `--out`; the message names the process.',
  },
  EQM_RUN_KILLED: {
    meaning: 'The process that trained a run ended before the run did: it was killed, or it crashed.',
    solve: 'Continue the run with `--resume`. If the system killed it for want of memory, use fewer `--jobs` or a smaller batch.',
  },
  EQM_OUT_OF_MEMORY: {
    meaning: 'There was not enough memory for a run.',
    solve: 'Use fewer `--jobs`, a smaller `batchSize` or a smaller model, then `--resume`.',
  },
  EQM_SWEEP_INCOMPLETE: {
    meaning: 'Runs of a sweep did not finish, so the settings of the rows cannot be chosen.',
    solve: 'Go on with `--resume`; rows are only compared once each has had all of its trials.',
  },
  EQM_DISK_FULL: {
    meaning: 'The disk, or the quota on it, is full.',
    solve: 'Make space and go on with `--resume`; finished runs and the last checkpoint of every other run are kept.',
  },
  EQM_REPORT_WRITE: {
    meaning: 'The report could not be written.',
    solve: 'Check that the folder exists, is writable and has space; the runs themselves are safe.',
  },
  EQM_CHECKPOINT_CORRUPT: {
    meaning: 'A checkpoint failed its checksum or is not in the expected format.',
    solve: 'Remove the named file to start from the other checkpoint or from the beginning; nothing was overwritten.',
  },
  EQM_CHECKPOINT_MISMATCH: {
    meaning: 'A checkpoint does not fit the model that the configuration describes.',
    solve: 'Resume with the configuration the run was started with (it is in run.json).',
  },
  EQM_WEIGHTS_MISSING: {
    meaning: 'A weight file is not where the configuration says.',
    solve: 'The message lists the places that were looked at; a path is relative to the experiment file, else to the data root.',
  },
  EQM_WEIGHTS_MALFORMED: {
    meaning: 'A weight file is not a safetensors file, is truncated, or holds a type of number that is not read.',
    solve: 'Fetch or convert the file again; docs/guides/pretrained-weights.md shows how.',
  },
  EQM_WEIGHTS_MISMATCH: {
    meaning: 'A weight file does not fit the encoder, or is not the file that was meant.',
    solve: 'Choose the encoder and options the weights are for, set `prefix`, or name the variables that stay fresh under `skip`.',
  },
  EQM_CLI_USAGE: {
    meaning: 'A command or option is not known, or its value is malformed.',
    solve: 'See `equimodal --help` and `equimodal <command> --help`.',
  },
  EQM_INTERNAL: {
    meaning: 'A defect of Equimodal itself.',
    solve: 'Run again with --debug and report the stack trace.',
  },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
