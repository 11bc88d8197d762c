import { readFileSync } from 'node:fs';
import { FONT_FILES } from '../plots/font.js';
import { COLORS, SERIES } from '../plots/theme.js';

/** What each plot colour becomes on a dark screen. Colours in neither list stay as they are. */
const DARK: Readonly<Record<string, string>> = {
  [COLORS.surface]: '#16191d',
  [COLORS.ink]: '#e8eaed',
  [COLORS.muted]: '#9aa4b0',
  [COLORS.grid]: '#2a3037',
  [COLORS.axis]: '#4a535d',
  [COLORS.quiet]: '#8b949e',
  [COLORS.above]: '#4aa8e8',
  [COLORS.below]: '#f08a3c',
  [SERIES[1]]: '#f0b429',
  [SERIES[2]]: '#2fc194',
  [SERIES[3]]: '#e29ac3',
  [SERIES[4]]: '#8fd0f5',
};

/** The style sheet of the report, fonts included, so that the page needs nothing beside itself. */
export function styleSheet(): string {
  const faces = FONT_FILES.map((file, i) => {
    const data = readFileSync(file).toString('base64');
    return `@font-face{font-family:'Equimodal Sans';font-weight:${i === 0 ? 400 : 600};src:url(data:font/otf;base64,${data}) format('opentype')}`;
  });
  const recolored = Object.entries(DARK).flatMap(([light, dark]) =>
    ['fill', 'stroke'].map((paint) => `.plot [${paint}="${light}"]{${paint}:${dark}}`),
  );
  return [...faces, PAGE, `@media (prefers-color-scheme:dark){${DARK_PAGE}${recolored.join('')}}`].join('\n');
}

const DARK_PAGE = `:root{color-scheme:dark;--page:#0f1114;--surface:#16191d;--ink:#e8eaed;--muted:#9aa4b0;--line:#2a3037;
--accent:#4aa8e8;--soft:#1c2127;--faint:#8a939e;--warn:#f0b429;--warn-soft:#2a2312}`;

const PAGE = `
:root{color-scheme:light;--page:#f6f7f9;--surface:#fff;--ink:#1f2328;--muted:#5c6570;--line:#e1e5ea;--accent:#0072b2;
--soft:#f1f3f6;--faint:#6c7580;--warn:#8a5a00;--warn-soft:#fff6e0}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 'Equimodal Sans',Inter,system-ui,sans-serif}
main{max-width:1280px;margin:0 auto;padding:48px 24px 72px}
header{margin-bottom:28px}
h1{font-size:30px;line-height:1.2;font-weight:600;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:19px;font-weight:600;margin:0 0 14px}
p{margin:0 0 10px}
.lead{font-size:17px;color:var(--muted);max-width:70ch}
.facts{display:flex;flex-wrap:wrap;gap:6px 22px;margin:14px 0 0;padding:0;list-style:none;color:var(--muted);font-size:14px}
.facts b{color:var(--ink);font-weight:600}
section{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:24px;margin:0 0 20px}
.warning{background:var(--warn-soft);border-color:var(--warn);color:var(--warn)}
.warning p{margin:0}
.words p{max-width:78ch}
.words p:last-child,.plot:last-child{margin-bottom:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:13.75px;min-width:100%;font-variant-numeric:tabular-nums}
th,td{padding:7px 7px;text-align:right;white-space:nowrap;vertical-align:baseline}
th:first-child,td:first-child{text-align:left;padding-left:6px;position:sticky;left:0;background:var(--surface);z-index:1}
th{font-weight:600}
tbody th{font-weight:400}
th button{all:unset;cursor:pointer;font-weight:600;position:relative;padding-right:12px}
th button::after{content:'↕';position:absolute;right:-1px;color:var(--faint);opacity:.7;font-weight:400}
th button:hover::after{opacity:1}
th[aria-sort] a{display:block;font-weight:400;font-size:12.5px}
th[aria-sort=ascending] button::after{content:'↑';color:var(--accent);opacity:1}
th[aria-sort=descending] button::after{content:'↓';color:var(--accent);opacity:1}
:is(a,button,summary,.scroll,figure,pre):focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
td.wrap{white-space:normal;min-width:260px}
.published,.published .figure{color:var(--faint)}
td.published{font-style:italic}
sup{font-size:.75em;line-height:0;margin-left:1px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999px}
.skip:focus{left:12px;top:12px;background:var(--surface);padding:8px 12px;z-index:9}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:0 0 20px;padding:0;font-size:14.5px}
a{color:var(--accent);text-underline-offset:3px}
details{border-top:1px solid var(--line);padding:9px 0}
details:first-of-type{border-top:0}
details[open]{padding-bottom:16px}
summary{cursor:pointer}
summary span{color:var(--muted);font-size:14px;margin-left:6px}
details .scroll,details pre,details p{margin:12px 0 0}
table.changes th,table.changes td{text-align:left;white-space:normal;overflow-wrap:anywhere}
table.changes th:first-child{position:static;min-width:150px}
.none{color:var(--muted);font-style:italic}
pre{max-height:340px}
th.start,td.start{text-align:left}
thead tr:last-child th{border-bottom:1.5px solid var(--ink)}
thead .group th{font-weight:400;color:var(--muted);font-size:12.5px;padding-bottom:2px;text-align:center}
thead .group th[colspan]:not(:empty){border-bottom:1px solid var(--line)}
tbody tr+tr>*{border-top:1px solid var(--line)}
tbody tr.reference>*{background:var(--soft)}
td .spread{color:var(--muted)}
td.published .spread{color:inherit}
th small{color:var(--muted);font-size:12.5px;white-space:normal;min-width:230px;max-width:280px;display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden}
td.best{font-weight:600}
td.second .figure{text-decoration:underline;text-underline-offset:3px;text-decoration-thickness:1px}
td .noise{display:block;color:var(--muted);font-size:12.5px}
.notes{margin:16px 0 0;padding-left:18px;color:var(--muted);font-size:13.5px}
.plot{margin:0 0 26px;overflow-x:auto}
.plot svg{display:block;max-width:100%;height:auto;margin:0 auto}
dl{display:grid;grid-template-columns:minmax(120px,max-content) 1fr;gap:7px 22px;margin:0;font-size:15px}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
code,pre{font:13.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--soft);border-radius:6px;padding:12px 14px;overflow-x:auto;margin:0 0 12px}
footer{color:var(--muted);font-size:13px;text-align:center}
@media (max-width:640px){main{padding:24px 12px 40px}section{padding:16px}dl{grid-template-columns:1fr;gap:1px}
dd{margin-bottom:8px}h1{font-size:24px;overflow-wrap:anywhere}.plot svg{max-width:none;width:640px}th small{display:none}}
@media print{nav,.skip,th button::after{display:none}body{background:#fff}main{max-width:none;padding:0}section{break-inside:avoid;border:0;padding:0}}
`;
