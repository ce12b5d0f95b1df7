import assert from 'node:assert/strict';
import { timelineHtml } from '../../../extension/timeline/timelineHtml.ts';

const html = timelineHtml({
  nonce: 'n0nce-_',
  cspSource: 'https://*.vscode-cdn.net',
  scriptUri: 'https://x/timeline.js?a=1&b="',
  styleUri: 'https://x/timeline.css',
  codiconUri: 'https://x/codicon.css',
  title: 'Timeline',
  wheel: 'classic',
});

describe('the timeline page', () => {
  it('allows its own script, style sheets and fonts and nothing else', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    assert.equal(
      policy,
      "default-src 'none'; script-src 'nonce-n0nce-_'; style-src https://*.vscode-cdn.net; font-src https://*.vscode-cdn.net",
    );
  });

  it('tells the page what the wheel does', () => {
    assert.match(html, /<uffd-timeline data-wheel="classic">/);
  });

  it('has one script, which carries the nonce, and nothing inline', () => {
    const scripts = [...html.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)];
    assert.equal(scripts.length, 1);
    assert.match(scripts[0]![1]!, /nonce="n0nce-_"/);
    assert.equal(scripts[0]![2], '');
    assert.doesNotMatch(html, /<style|style=|onload=/);
  });

  it('quotes what it is given', () => {
    assert.match(html, /src="https:\/\/x\/timeline\.js\?a=1&amp;b=&quot;"/);
  });

  it('links the icons under the id that the elements look for', () => {
    assert.match(
      html,
      /<link rel="stylesheet" id="vscode-codicon-stylesheet" href="https:\/\/x\/codicon\.css"/,
    );
  });
});
