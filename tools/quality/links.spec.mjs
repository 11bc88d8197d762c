import { describe, expect, it } from 'vitest';
import { anchorsOf, linkProblems, linksOf, slug } from './links.mjs';

/** A miniature repository: path -> text, a folder being what files lie in. */
function tree(pages) {
  return {
    kind: (path) => (path in pages ? 'file' : Object.keys(pages).some((file) => file.startsWith(`${path}/`)) ? 'folder' : undefined),
    read: (path) => pages[path],
  };
}
const files = tree({
  'README.md': '# Top',
  'docs/guide.md': '# A guide\n\n## What it `does`, and why\n\n## Twice\n\n## Twice\n',
  'docs/picture.png': '',
  'packages/core/README.md': '# Core\n\n## Parts\n',
});
const problems = (text, page = 'docs/page.md') => linkProblems(page, text, files).map((problem) => problem.replace(/^.*?:(\d+): /, '$1 '));

describe('linkProblems', () => {
  it('is content with links that lead somewhere', () => {
    const text = [
      '# Page',
      '[guide](guide.md), [its part](guide.md#what-it-does-and-why), [again](guide.md#twice-1), [top](../README.md#top), [here](#page)',
      '![picture](picture.png) [folder](../packages/core) [part of a folder](../packages/core#parts) <img alt="x" src="picture.png">',
      '[reference]: guide.md#twice',
      '[elsewhere](https://example.com/none.md) [mail](mailto:a@b.c) [own](https://github.com/equimodal/equimodal/blob/main/docs/guide.md#twice)',
    ].join('\n');
    expect(
      linkProblems('docs/page.md', text, {
        ...files,
        read: (path) => (path === 'docs/page.md' ? text : files.read(path)),
        kind: (path) => (path === 'docs/page.md' ? 'file' : files.kind(path)),
      }),
    ).toEqual([]);
  });

  it('names line and target of those that do not', () => {
    expect(problems('text\n\n[gone](gone.md)')).toEqual(['3 gone.md: there is no such file']);
    expect(problems('[part](guide.md#nothing)')).toEqual(['1 guide.md#nothing: there is no heading for #nothing']);
    expect(problems('[out](../../other/x.md)')).toEqual(['1 ../../other/x.md: leaves the repository']);
    expect(problems('[root](/docs/guide.md)')).toEqual(['1 /docs/guide.md: starts at the root of a disk; make it relative']);
    expect(problems('[place](picture.png#there)')).toEqual(['1 picture.png#there: only a page has anchors']);
    expect(problems('<a href="gone.md">x</a>\n[r]: gone2.md')).toHaveLength(2);
    expect(problems('[own](https://github.com/equimodal/equimodal/blob/main/gone.md)', 'README.md')).toHaveLength(1);
  });

  it('leaves code and comments alone', () => {
    expect(problems('`[a](gone.md)`\n\n```md\n[b](gone.md)\n```\n<!-- [c](gone.md) -->')).toEqual([]);
  });
});

describe('anchors', () => {
  it('are those of GitHub', () => {
    expect(slug('What it `does`, and why?')).toBe('what-it-does-and-why');
    expect(slug('A [link](x.md) in a heading')).toBe('a-link-in-a-heading');
    expect([...anchorsOf('# One\n\n## Two\n\n## Two\n\n```\n# no heading\n```\n<a id="placed"></a>')]).toEqual([
      'one',
      'two',
      'two-1',
      'placed',
    ]);
  });

  it('links have the line they begin in', () => {
    expect(linksOf('a\n\n[x](y.md)\n[z]: w.md')).toEqual([
      { target: 'y.md', line: 3 },
      { target: 'w.md', line: 4 },
    ]);
  });
});
