import type { ModelDescription } from './described.js';

type Figures = Readonly<Record<string, unknown>> | null | undefined;

const percent = (value: unknown): string => (typeof value === 'number' ? value.toFixed(4) : '–');

function table(validation: Figures, test: Figures): string[] {
  const names = Object.entries(test ?? {}).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []));
  return [
    '| figure | validation | test |',
    '| --- | --- | --- |',
    ...names.map((name) => `| ${name} | ${percent(validation?.[name])} | ${percent(test?.[name])} |`),
  ];
}

/** What a reader should know of a trained model, as Markdown with the front matter that model hubs read. */
export function modelCard(description: ModelDescription): string {
  const { experiment, recipe, seed, modalities, classes, dataset, parameters, versions, commit, metrics } = description;
  const { selection, selectedEpoch, epochs } = metrics;
  const rows = modalities.map(
    ({ name, kind, shape }) => `| ${name} | ${kind} | [${shape.join(', ')}] | ${recipe.encoders[name]?.use ?? ''} |`,
  );
  const parts = [
    ['fusion', recipe.fusion.use],
    ['losses', recipe.losses.map(({ use, on }) => `${use} (${on})`).join(', ')],
    ['alignment', recipe.alignment?.use],
    ['alpha', recipe.alpha?.use],
    ['methods', recipe.methods.map(({ use }) => use).join(', ')],
  ].filter(([, value]) => Boolean(value));
  return [
    '---',
    'library_name: equimodal',
    'tags: [multimodal, classification, tensorflow.js]',
    '---',
    '',
    `# ${experiment.name}: ${recipe.id}`,
    '',
    `A multimodal classifier of ${classes.length} classes (${classes.slice(0, 12).join(', ')}${classes.length > 12 ? ', ...' : ''}), trained with Equimodal on \`${String(dataset.options['use'])}\`. ${recipe.description}`,
    '',
    '| modality | kind | shape | encoder |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    ...parts.map(([name, value]) => `- ${name}: ${value}`),
    `- parameters: ${parameters}`,
    '',
    '## Figures',
    '',
    ...table(metrics['validation'] as Figures, metrics['test'] as Figures),
    '',
    `One run, seed ${seed}; parameters of epoch ${Number(selectedEpoch) + 1} of ${String(epochs)}, selection: ${String(selection)}.${selection === 'legacy-test' ? ' The epoch was chosen on test, so the test figures are too good.' : ' Test was scored once.'}`,
    '',
    '## Use',
    '',
    '```sh',
    'npx equimodal predict . --input samples.json',
    '```',
    '',
    `\`samples.json\` holds an array of samples for each modality, as the training data gives them (after its preprocessing): \`{ ${modalities.map(({ name }) => `"${name}": [...]`).join(', ')} }\`.`,
    '',
    '## Where it comes from',
    '',
    `Data fingerprint \`${dataset.fingerprint}\`; versions ${Object.entries(versions)
      .flatMap(([name, value]) => (typeof value === 'string' ? [`${name} ${value}`] : []))
      .join(', ')}${commit === null ? '' : `; commit \`${commit}\``}. \`model.json\` has every option.`,
    '',
  ].join('\n');
}
