import assert from 'node:assert/strict';
import { comparisonHtml } from '../../../../extension/trace/comparisonHtml.ts';
import { TraceStatistics } from '../../../../extension/trace/traceStatistics.ts';
import { localTime } from '../../../../extension/trace/localTime.ts';
import { rowsFrom } from '../../../../native-helper/log/eventRows.ts';
import { servedAtOnce } from './sampleRecording.ts';

function statistics(latenciesNs: readonly number[]): TraceStatistics {
  const found = new TraceStatistics();
  const rows = servedAtOnce(latenciesNs.length).map((row, n) => ({
    ...row,
    timeNs: 1e9,
    raisedBeforeNs: latenciesNs[n]!,
  }));
  found.add(rowsFrom(1, rows));
  return found;
}

describe('the page that compares two traces', () => {
  it('has a bar up for each step of A and one down for B, and a table that says the same', () => {
    const a = { name: 'a <b>', statistics: statistics([1000, 1000, 4000]) };
    const b = { name: 'b', statistics: statistics([4000]) };
    const html = comparisonHtml(a, b, [], 'nonce');
    assert.ok(html.includes('A: a &lt;b>') && !html.includes('<b>'));
    const heights = (which: 'a' | 'b'): number[] =>
      [...html.matchAll(new RegExp(`<rect class="${which}"[^>]* height="([\\d.]+)"`, 'g'))].map((match) =>
        Number(match[1]),
      );
    // A quarter of an octave each, from 1 to 4 microseconds; as shares of each trace's faults.
    const between = [0, 0, 0, 0, 0, 0, 0];
    assert.deepEqual(heights('a'), [46.7, ...between, 23.3]);
    assert.deepEqual(heights('b'), [0, ...between, 70]);
    const counts = [...html.matchAll(/s<\/th><td>(\d+)<\/td><td>(\d+)<\/td><\/tr>/g)];
    assert.deepEqual(
      [counts[0]!, counts.at(-1)!].map((match) => match.slice(1)),
      [
        ['2', '0'],
        ['1', '1'],
      ],
    );
  });

  it('says so when there is nothing to compare', () => {
    const none = { name: 'none', statistics: statistics([]) };
    assert.match(comparisonHtml(none, none, [], 'nonce'), /No fault was served in either trace/);
  });

  it('writes times as people do, and what is none as it is', () => {
    assert.match(localTime('2026-01-02T03:04:05.000Z'), /2026/);
    assert.equal(localTime('yesterday'), 'yesterday');
  });
});
