/** The page that compares two traces: tables, and bars of the latencies beside them. No scripts. Pure: no VS Code. */
import {
  faultKinds,
  type FaultKind,
  type LatencyHistogram,
  type TraceStatistics,
  type WorkingSets,
} from './traceStatistics.ts';

export interface Compared {
  readonly name: string;
  readonly statistics: Pick<TraceStatistics, 'latencies' | 'pages'>;
}

const kindWords: Readonly<Record<FaultKind, string>> = {
  missing: 'Missing pages',
  minor: 'Minor faults',
  'write-protect': 'Write-protect faults',
};

const percentiles = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const;

/** @param nonce fresh random text, base64url */
export function comparisonHtml(
  first: Compared,
  second: Compared,
  sets: readonly WorkingSets[],
  nonce: string,
): string {
  const kinds = faultKinds.filter(
    (kind) => first.statistics.latencies[kind].count + second.statistics.latencies[kind].count > 0,
  );
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'" />
    <title>Compare Traces</title>
    <style nonce="${nonce}">${styles}</style>
  </head>
  <body>
    <main>
      <h1>Compare Traces</h1>
      <p class="names"><span class="swatch a"></span>A: ${escaped(first.name)}<br /><span class="swatch b"></span>B: ${escaped(second.name)}</p>
      <h2>Latency, from raised to woken</h2>
      ${kinds.length === 0 ? '<p>No fault was served in either trace.</p>' : ''}
      ${kinds.map((kind) => latencySection(kind, first, second)).join('')}
      <h2>Working sets, in pages of 4 KiB</h2>
      ${workingSetTable(sets)}
    </main>
  </body>
</html>
`;
}

function latencySection(kind: FaultKind, first: Compared, second: Compared): string {
  const a = first.statistics.latencies[kind];
  const b = second.statistics.latencies[kind];
  const rows = [
    ...percentiles.map(([name, share]) => latencyRow(name, a.percentileNs(share), b.percentileNs(share))),
    latencyRow('max', a.count === 0 ? NaN : a.maxNs, b.count === 0 ? NaN : b.maxNs),
  ];
  return `<section>
    <h3>${kindWords[kind]}</h3>
    <div class="beside">
      <table>
        <caption class="hidden">Latency of ${kindWords[kind].toLowerCase()}</caption>
        <thead><tr><td></td><th scope="col">A</th><th scope="col">B</th><th scope="col">B against A</th></tr></thead>
        <tbody>
          <tr><th scope="row">Faults</th><td>${a.count}</td><td>${b.count}</td><td>${signed(b.count - a.count)}</td></tr>
          ${rows.join('')}
        </tbody>
      </table>
      ${bars(a, b, kindWords[kind])}
    </div>
    ${stepTable(a, b)}
  </section>`;
}

function latencyRow(name: string, aNs: number, bNs: number): string {
  const difference =
    Number.isNaN(aNs) || Number.isNaN(bNs)
      ? '–'
      : `${bNs < aNs ? '−' : '+'}${duration(Math.abs(bNs - aNs))} (×${(bNs / Math.max(1, aNs)).toFixed(2)})`;
  return `<tr><th scope="row">${name}</th><td>${duration(aNs)}</td><td>${duration(bNs)}</td><td>${difference}</td></tr>`;
}

interface Step {
  readonly fromNs: number;
  readonly a: number;
  readonly b: number;
}

/** From the first to the last step that either has. */
function stepsOf(a: LatencyHistogram, b: LatencyHistogram): Step[] {
  const ofB = b.steps();
  const steps = a.steps().map((count, i) => ({ fromNs: 2 ** (i / 4), a: count, b: ofB[i]! }));
  const isUsed = (step: Step): boolean => step.a + step.b > 0;
  return steps.slice(steps.findIndex(isUsed), steps.findLastIndex(isUsed) + 1);
}

/** Shares of each trace's faults, so that traces of different length can be compared: A up, B down. */
function bars(a: LatencyHistogram, b: LatencyHistogram, name: string): string {
  const steps = stepsOf(a, b);
  const half = 70;
  const stepPx = Math.min(24, 440 / steps.length);
  // Room for the labels of the first and the last step.
  const widthPx = Math.max(160, steps.length * stepPx);
  const share = (count: number, all: number): number => (all === 0 ? 0 : count / all);
  const most = Math.max(...steps.map((step) => Math.max(share(step.a, a.count), share(step.b, b.count))));
  const rects = steps.map((step, i) => {
    const x = (i * stepPx).toFixed(1);
    const w = Math.max(1, stepPx - 1).toFixed(1);
    const up = (half * share(step.a, a.count)) / most;
    const down = (half * share(step.b, b.count)) / most;
    return `<rect class="a" x="${x}" y="${(half - up).toFixed(1)}" width="${w}" height="${up.toFixed(1)}"/><rect class="b" x="${x}" y="${half + 1}" width="${w}" height="${down.toFixed(1)}"/>`;
  });
  const height = 2 * half + 18;
  const last = steps.at(-1)!;
  const label = `${name}: how latencies are spread, A above the line and B below it. The table of counts says the same.`;
  return `<svg role="img" aria-label="${label}" viewBox="0 0 ${widthPx + 16} ${height}" width="${widthPx + 16}" height="${height}">
    ${rects.join('')}
    <line x1="0" x2="${widthPx}" y1="${half + 0.5}" y2="${half + 0.5}"/>
    <text x="${widthPx + 6}" y="${half - 5}">A</text>
    <text x="${widthPx + 6}" y="${half + 14}">B</text>
    <text x="0" y="${height - 3}">${duration(steps[0]!.fromNs)}</text>
    <text x="${widthPx}" y="${height - 3}" text-anchor="end">${duration(last.fromNs * 2 ** 0.25)}</text>
  </svg>`;
}

function stepTable(a: LatencyHistogram, b: LatencyHistogram): string {
  const rows = stepsOf(a, b).map(
    (step) => `<tr><th scope="row">${duration(step.fromNs)}</th><td>${step.a}</td><td>${step.b}</td></tr>`,
  );
  return `<details>
    <summary>Counts by latency</summary>
    <table>
      <thead><tr><th scope="col">From</th><th scope="col">A</th><th scope="col">B</th></tr></thead>
      <tbody>${rows.join('')}</tbody>
    </table>
  </details>`;
}

function workingSetTable(sets: readonly WorkingSets[]): string {
  const sum = (key: 'first' | 'second' | 'common'): number =>
    sets.reduce((total, set) => total + set[key], 0);
  const all = { range: null, first: sum('first'), second: sum('second'), common: sum('common') };
  const row = (name: string, { first, second, common }: WorkingSets): string =>
    `<tr><th scope="row">${name}</th><td>${first}</td><td>${second}</td><td>${common}</td><td>${first - common}</td><td>${second - common}</td></tr>`;
  const rows = sets.map((set) =>
    row(
      set.range === null
        ? 'Outside of common ranges'
        : `<code>${escaped(set.range.start)}</code> + ${set.range.lengthBytes / 1024} KiB`,
      set,
    ),
  );
  return `<table>
    <caption class="hidden">Distinct pages that were faulted on, by range</caption>
    <thead>
      <tr><th scope="col">Range (at its address in A)</th><th scope="col">A</th><th scope="col">B</th><th scope="col">Common</th><th scope="col">Only in A</th><th scope="col">Only in B</th></tr>
    </thead>
    <tbody>${rows.join('')}</tbody>
    <tfoot>${row('All', all)}</tfoot>
  </table>`;
}

function signed(value: number): string {
  return value < 0 ? `−${-value}` : `+${value}`;
}

function duration(ns: number): string {
  if (Number.isNaN(ns)) {
    return '–';
  }
  const [unit, size] =
    ns >= 1e9 ? ['s', 1e9] : ns >= 1e6 ? ['ms', 1e6] : ns >= 1000 ? ['µs', 1000] : ['ns', 1];
  return `${(ns / size).toPrecision(3).replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros))} ${unit}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const styles = `
  body { color: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); padding: 8px 20px 24px; }
  h1 { font-size: 1.5em; font-weight: 600; }
  h2 { font-size: 1.2em; margin: 1.6em 0 0.6em; }
  h3 { font-size: 1em; margin: 1.2em 0 0.4em; }
  .names { line-height: 1.7; overflow-wrap: anywhere; }
  .beside { display: flex; flex-wrap: wrap; gap: 12px 32px; align-items: flex-start; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  th, td { padding: 3px 12px; text-align: right; border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, #8884)); white-space: nowrap; }
  th[scope='row'], thead th:first-child { text-align: left; padding-left: 0; font-weight: normal; }
  tfoot th, tfoot td { font-weight: 600; }
  details { margin-top: 6px; }
  summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); }
  svg { max-width: 100%; height: auto; }
  svg text { fill: var(--vscode-descriptionForeground, var(--vscode-foreground)); font-size: 11px; }
  svg line { stroke: var(--vscode-foreground); }
  rect.a, .swatch.a { fill: var(--vscode-charts-blue); background: var(--vscode-charts-blue); }
  /* Orange is hardly seen in dark themes and not there in high contrast. */
  rect.b, .swatch.b { fill: var(--vscode-charts-yellow); background: var(--vscode-charts-yellow); }
  .swatch { display: inline-block; width: 10px; height: 10px; margin-right: 8px; }
  .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;
