import type { ComparisonResults } from '@equimodal/comparison';
import { NOTHING } from '../format/format.js';
import { comparisonTable, INSIDE, type Cell, type Column, type ColumnGroup } from './table.js';

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  '±': '$\\pm$',
  Δ: '$\\Delta$',
  α: '$\\alpha$',
  '−': '$-$',
  '–': '--',
};

/** Makes any text safe in LaTeX's text mode. `\textquotedbl` needs the T1 font encoding. */
export function escapeLatex(text: string): string {
  return text.replace(/[\\~^<>|"±Δα−–#$%&_{}]/g, (character) => SPECIAL[character] ?? `\\${character}`).replace(/\s*[\r\n]+\s*/g, ' ');
}

const HEADS: Readonly<Partial<Record<ColumnGroup, string>>> = {
  metric: 'Test',
  modality: 'Accuracy by modality',
  published: 'Published',
  reference: 'To the reference',
  cost: 'Cost',
};

/**
 * The comparison table in LaTeX with booktabs: best bold, second underlined, a dagger on differences inside the noise.
 * The document needs `\usepackage{booktabs}` and `\usepackage[T1]{fontenc}`.
 */
export function formatLatexTable(results: ComparisonResults): string {
  const table = comparisonTable(results);
  const start = ({ group, key }: Column): boolean => group === 'recipe' || key === 'p';
  const inside = table.rows.some((row) => row.some((cell) => cell.inside));
  const notes = [
    'Bold: best of its column; underlined: second.',
    ...(inside ? [`$^\\dagger$\\,${escapeLatex(INSIDE)}.`] : []),
    ...(table.marks === null ? [] : [table.marks]),
    ...table.notes.map(escapeLatex),
  ];
  return [
    `% Needs \\usepackage{booktabs} and \\usepackage[T1]{fontenc}${results.published.length > 0 ? ', and \\usepackage{xcolor} for the grey of published figures' : ''}.`,
    '\\begin{table}',
    '\\centering\\small\\setlength{\\tabcolsep}{4pt}',
    `\\caption{${escapeLatex(table.title)}.}`,
    `\\label{tab:${results.experiment.replace(/[^A-Za-z0-9-]+/g, '-')}}`,
    `\\begin{tabular}{${table.columns.map((column) => (start(column) ? 'l' : 'r')).join('')}}`,
    '\\toprule',
    ...groupHeads(table.columns),
    `${table.columns.map(({ header }) => escapeLatex(header)).join(' & ')} \\\\`,
    '\\midrule',
    ...table.rows.map((row) => `${row.map((cell, i) => latexCell(cell, table.columns[i])).join(' & ')} \\\\`),
    '\\bottomrule',
    '\\end{tabular}',
    '',
    `\\smallskip\\begin{minipage}{\\linewidth}\\footnotesize ${notes.join(' ')}\\end{minipage}`,
    '\\end{table}',
    '',
  ].join('\n');
}

/** The line of group headings over the columns, with the rules below them. */
function groupHeads(columns: readonly Column[]): string[] {
  const cells: string[] = [];
  const rules: string[] = [];
  for (let i = 0; i < columns.length;) {
    const group = columns[i]?.group ?? 'recipe';
    let end = i;
    while (columns[end]?.group === group) end++;
    const head = HEADS[group];
    if (head !== undefined) rules.push(`\\cmidrule(lr){${i + 1}-${end}}`);
    cells.push(head === undefined ? ' '.repeat(end - i > 1 ? 1 : 0) : `\\multicolumn{${end - i}}{c}{${head}}`);
    i = end;
  }
  return [`${cells.join(' & ')} \\\\`, rules.join('')];
}

function latexCell(cell: Cell, column: Column | undefined): string {
  const mark = cell.mark === undefined ? '' : `$^{${cell.mark}}$`;
  const text = escapeLatex(cell.text) + (cell.spread === undefined ? '' : ` $\\pm$ ${cell.spread}`) + mark;
  if (column?.group === 'published') return cell.text === NOTHING ? text : `\\textcolor{gray}{${text}}`;
  if (cell.inside === true) return `${text}$^\\dagger$`;
  if (cell.rank === 'best') return `\\textbf{${text}}`;
  return cell.rank === 'second' ? `\\underline{${text}}` : text;
}
