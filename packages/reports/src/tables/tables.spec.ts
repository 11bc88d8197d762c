import { describe, expect, it } from 'vitest';
import { figureOf, sampleResults, smallResults } from '../fixture/results.fixture.js';
import { escapeCsv, formatCsvTable } from './csv.js';
import { escapeLatex, formatLatexTable } from './latex.js';
import { escapeMarkdown, formatMarkdownTable } from './markdown.js';
import { comparisonTable } from './table.js';
import { formatTerminalTable } from './terminal.js';

const renamed = (name: string) => {
  const results = smallResults();
  return { ...results, rows: results.rows.map((row, i) => (i === 1 ? { ...row, recipe: name } : row)) };
};

describe('comparisonTable', () => {
  const table = comparisonTable(smallResults());
  const column = (key: string) => {
    const at = table.columns.findIndex((found) => found.key === key);
    return table.rows.map((row) => row[at]);
  };

  it('has the columns the comparison has data for, in their order', () => {
    expect(table.columns.map(({ key }) => key)).toEqual([
      'recipe',
      'accuracy',
      'macroF1',
      'accuracy/audio',
      'difference',
      'p',
      'parameters',
      'seconds',
      'backward',
      'peak',
    ]);
    expect(comparisonTable(sampleResults()).columns.map(({ key }) => key)).toContain('map');
    const [first, ...rest] = smallResults().rows;
    const passes = comparisonTable(smallResults({ rows: [{ ...first!, dataPassesPerEpoch: 1.1 }, ...rest] }));
    const at = passes.columns.findIndex(({ key }) => key === 'passes');
    expect(passes.rows.map((row) => row[at]?.text)).toEqual(['1.1', '1', '1', '1']);
    expect(comparisonTable(smallResults({ reference: null })).columns.map(({ key }) => key)).not.toContain('p');
  });

  it('has what papers print beside ours, unranked, and the other tests where there are any', () => {
    const full = comparisonTable(sampleResults());
    const keys = full.columns.map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['published/paper/accuracy', 'published/paper/map', 'wilcoxon', 'bootstrap']));
    const at = keys.indexOf('published/paper/accuracy');
    expect(full.columns[at]!.header).toBe('Paper accuracy');
    expect(full.rows.map((row) => row[at]!.text)).toContain('63.3');
    expect(full.rows.at(-1)![at]).toEqual({ text: '83.6', spread: '0.1' });
    expect(full.notes.join(' ')).toContain('Paper, lfm-learned: Started from trained weights.');
    expect(formatMarkdownTable(sampleResults())).toContain('| _83.6 ± 0.1_ |');
    expect(formatLatexTable(sampleResults())).toContain('\\textcolor{gray}{83.6 $\\pm$ 0.1}');
  });

  it('holds the numbers behind its cells', () => {
    const results = sampleResults();
    const full = comparisonTable(results);
    full.columns.forEach(({ key }, j) =>
      results.rows.forEach((row, i) => {
        const value = full.values[i]![j];
        if (row.metrics[key] !== undefined) expect(value).toBe(row.metrics[key]!.mean);
        if (key === 'bootstrap') expect(value).toBe(row.versusReference?.bootstrap?.pValue ?? null);
      }),
    );
  });

  it('ranks the best and the second of a column', () => {
    expect(column('accuracy').map((cell) => cell?.rank)).toEqual([undefined, 'best', 'second', undefined]);
    expect(column('accuracy/audio').map((cell) => cell?.rank)).toEqual(['second', undefined, 'best', undefined]);
  });

  it('ranks rows that read alike alike, and a single row not at all', () => {
    const [base, better, ...others] = smallResults().rows;
    if (base === undefined || better === undefined) throw new Error('the fixture has rows');
    const twin = { ...base, recipe: 'twin', metrics: { accuracy: figureOf([0.9011, 0.9007, 0.901]) } };
    const tied = comparisonTable(smallResults({ rows: [base, better, twin, ...others] }));
    expect(tied.rows.map((row) => row[1]?.rank)).toEqual([undefined, 'best', 'best', 'second', undefined]);
    expect(comparisonTable(smallResults({ rows: [base] })).rows[0]?.[1]?.rank).toBeUndefined();
  });

  it('marks differences above .05, or without a p value, as inside the noise', () => {
    expect(column('p')).toEqual([{ text: '–' }, { text: '.006' }, { text: '.41', inside: true }, { text: '< .001' }]);
    const undefinedP = smallResults().rows.map((row) => ({
      ...row,
      versusReference: row.versusReference === null ? null : { ...row.versusReference, pValue: null, holm: null },
    }));
    const cells = comparisonTable(smallResults({ rows: undefinedP })).rows.map((row) => row[5]);
    expect(cells.slice(1)).toEqual(Array(3).fill({ text: 'undefined', inside: true }));
  });

  it('shows no spread for one seed', () => {
    const rows = smallResults().rows.map((row) => ({
      ...row,
      seeds: [0],
      metrics: { accuracy: figureOf([row.metrics['accuracy']?.mean ?? 0]) },
    }));
    const single = smallResults({ rows });
    expect(comparisonTable(single).rows[0]?.[1]).toEqual({ text: '81.0' });
    for (const text of [formatTerminalTable(single), formatMarkdownTable(single), formatLatexTable(single)]) {
      expect(text).not.toMatch(/81\.0 (±|\$\\pm\$)/);
      expect(text).toContain('no difference can be told from noise');
    }
  });
});

describe('formatTerminalTable', () => {
  it('aligns mean ± std, marks the best, and says what is inside the noise', () => {
    const lines = formatTerminalTable(smallResults()).split('\n');
    expect(lines.slice(0, 9)).toEqual([
      'small: test figures',
      '',
      'recipe               accuracy     macro F1        audio  Δ accuracy  p                        params  seconds  backward  peak MB',
      '─'.repeat(128),
      'base (reference)  81.0 ± 1.0   80.0 ± 1.0   61.0 ± 1.0            –  –                          23 k       41         1      310',
      'better            90.1 ± 0.2*  89.1 ± 0.2*  55.0 ± 5.0         +9.1  .006                       23 k       41         1      310',
      'same              81.3 ± 1.5   80.3 ± 1.5   70.0 ± 0.0*        +0.3  .41    inside the noise    23 k       41         1      310',
      'worse             71.0 ± 1.0   70.0 ± 1.0   10.0 ± 0.0        −10.0  < .001                     23 k       41         1      310',
      '─'.repeat(128),
    ]);
  });

  it('shows the best bold and the second underlined in colours', () => {
    const text = formatTerminalTable(smallResults(), { colors: true });
    expect(text).toContain('\u001b[1m90.1 ± 0.2\u001b[22m');
    expect(text).toContain('\u001b[4m81.3 ± 1.5\u001b[24m');
    expect(text).not.toContain('*');
    // Without its styles it is the plain table, less the marks.
    const bare = text.replace(/\u001b\[\d+m/g, '').split('\n');
    expect(new Set(bare.slice(4, 8).map((line) => line.length)).size).toBe(1);
  });

  it('leaves columns out of a narrow terminal, never accuracy or the test, and says so', () => {
    const text = formatTerminalTable(sampleResults(), { width: 100 });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text).toContain('Left out for want of width: macro F1, MAP');
    const narrow = formatTerminalTable(sampleResults(), { width: 20 });
    expect(narrow).toMatch(/recipe +accuracy +Δ accuracy +p/);
  });

  it('escapes nothing and has no styles without colours', () => {
    expect(formatTerminalTable(sampleResults())).not.toContain('\u001b');
  });
});

describe('formatMarkdownTable', () => {
  it('has bold, underline and the words of the test', () => {
    const lines = formatMarkdownTable(smallResults()).split('\n');
    expect(lines).toContain('| better | **90.1 ± 0.2** | **89.1 ± 0.2** | 55.0 ± 5.0 | +9.1 \\*\\* | .006 | 23 k | 41 | 1 | 310 |');
    expect(lines).toContain(
      '| same | <u>81.3 ± 1.5</u> | <u>80.3 ± 1.5</u> | **70.0 ± 0.0** | +0.3 | .41 (inside the noise) | 23 k | 41 | 1 | 310 |',
    );
  });

  it('keeps a hostile name inside its cell', () => {
    expect(escapeMarkdown('a|b *c* <img>\nd')).toBe('a\\|b \\*c\\* \\<img\\> d');
    const line = formatMarkdownTable(renamed('x|y'))
      .split('\n')
      .find((text) => text.includes('x\\|y'));
    expect(line?.replaceAll('\\|', '').match(/\|/g)).toHaveLength(11);
  });
});

describe('formatLatexTable', () => {
  const text = formatLatexTable(smallResults());

  it('is a booktabs table with the figures in place', () => {
    expect(text).toContain('\\begin{tabular}{lrrrrlrrrr}');
    expect(text).toContain(
      'better & \\textbf{90.1 $\\pm$ 0.2} & \\textbf{89.1 $\\pm$ 0.2} & 55.0 $\\pm$ 5.0 & +9.1$^{**}$ & .006 & 23 k & 41 & 1 & 310 \\\\',
    );
    expect(text).toContain('\\underline{81.3 $\\pm$ 1.5}');
    expect(text).toContain('.41$^\\dagger$');
    expect(text).toContain('$^\\dagger$\\,inside the noise.');
    for (const rule of ['\\toprule', '\\midrule', '\\bottomrule']) expect(text.split(rule)).toHaveLength(2);
    expect(text.match(/\\begin\{/g)?.length).toBe(text.match(/\\end\{/g)?.length);
  });

  it('has the same number of cells in each line', () => {
    const body = text.slice(text.indexOf('\\midrule'), text.indexOf('\\bottomrule')).split('\n').slice(1, -1);
    expect(body.map((line) => line.split(' & ').length)).toEqual([10, 10, 10, 10]);
    expect(text).toContain(
      ' & \\multicolumn{2}{c}{Test} & \\multicolumn{1}{c}{Accuracy by modality} & \\multicolumn{2}{c}{To the reference} & \\multicolumn{4}{c}{Cost} \\\\',
    );
    expect(text).toContain('\\cmidrule(lr){2-3}\\cmidrule(lr){4-4}\\cmidrule(lr){5-6}\\cmidrule(lr){7-10}');
  });

  it('escapes what LaTeX would read as a command', () => {
    expect(escapeLatex('50%_a&b#c$d{e}~f^g\\h')).toBe(
      '50\\%\\_a\\&b\\#c\\$d\\{e\\}\\textasciitilde{}f\\textasciicircum{}g\\textbackslash{}h',
    );
    expect(formatLatexTable(renamed('x_y & z'))).toContain('\nx\\_y \\& z & ');
  });
});

describe('formatCsvTable', () => {
  it('has full precision, fractions, and empty fields where nothing is defined', () => {
    const [header = '', base = '', better = ''] = formatCsvTable(smallResults()).split('\r\n');
    const field = (line: string, name: string) => line.split(',')[header.split(',').indexOf(name)];
    expect(Number(field(better, 'test/accuracy_mean'))).toBeCloseTo(0.901, 12);
    expect(field(better, 'p_value')).toBe('0.0063');
    expect(field(better, 'verdict')).toBe('above');
    expect(field(base, 'p_value')).toBe('');
    expect(field(base, 'verdict')).toBe('reference');
    expect(field(base, 'seeds')).toBe('0 1 2');
    expect(field(base, 'selection')).toBe('validation');
    expect(Number(field(base, 'validation/accuracy_mean'))).toBeCloseTo(0.83, 12);
  });

  it('quotes by RFC 4180', () => {
    expect(escapeCsv('a "b", c')).toBe('"a ""b"", c"');
    const lines = formatCsvTable(renamed('a,"b"')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[2]).toContain('small,validation,"a,""b""",0 1 2,');
  });
});

describe('every format', () => {
  const formats = [
    (results: ReturnType<typeof smallResults>) => formatTerminalTable(results),
    formatMarkdownTable,
    formatLatexTable,
    formatCsvTable,
  ];

  it.each(formats)('says that the epoch was selected on test (%#)', (format) => {
    expect(format(smallResults({ selection: 'legacy-test' }))).toContain('legacy-test');
    expect(format(smallResults())).not.toContain('legacy-test');
  });

  it.each(formats)('is the same on every call and survives no rows (%#)', (format) => {
    expect(format(sampleResults())).toBe(format(sampleResults()));
    expect(format(smallResults({ rows: [] }))).not.toContain('NaN');
  });
});
