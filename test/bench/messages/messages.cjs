/**
 * Sends buffers to a page of its own and writes what that cost, one JSON line a phase, to the file
 * named by UFFD_MESSAGES. A line that begins a phase comes first, so that whoever reads the file can
 * count the time of other processes meanwhile.
 */
const { appendFileSync } = require('node:fs');
const { setTimeout: delay } = require('node:timers/promises');
const vscode = require('vscode');

const rowBytes = 32;
const batchEveryMs = 16;
const streamMs = 10_000;
/** Of the phase that sends as much as the page acknowledges. */
const bulkRows = 4_000_000;
const bulkBatchRows = 16_384;
const bulkBatchesUnderWay = 8;

const epochMs = () => performance.timeOrigin + performance.now();
const report = (line) => appendFileSync(process.env.UFFD_MESSAGES, `${JSON.stringify(line)}\n`);

exports.activate = async function activate() {
  const panel = vscode.window.createWebviewPanel('uffd.messages', 'Messages', vscode.ViewColumn.One, {
    enableScripts: true,
  });
  const page = new Page(panel.webview);
  panel.webview.html = html;
  await page.ready;
  await delay(1000);
  report(await stream(page, 100_000));
  report(await stream(page, 0));
  report(await bulk(page));
  report({ phase: 'end' });
};

/** The page's answers: each names the batch it has, and when it had it. */
class Page {
  constructor(webview) {
    this.webview = webview;
    this.lagsMs = [];
    this.answered = 0;
    this.onAnswer = () => undefined;
    this.ready = new Promise((resolve) => {
      webview.onDidReceiveMessage((answer) => {
        if (answer.ready) {
          resolve();
          return;
        }
        this.lagsMs.push(answer.atMs - answer.sentMs);
        this.answered++;
        this.onAnswer();
      });
    });
  }
  reset() {
    this.lagsMs = [];
    this.answered = 0;
  }
  send(rows) {
    return this.webview.postMessage({ sentMs: epochMs(), batch: new ArrayBuffer(rows * rowBytes) });
  }
  async untilAnswered(count) {
    while (this.answered < count) {
      await new Promise((resolve) => {
        this.onAnswer = resolve;
      });
    }
  }
}

/** Rows a second in batches; with none, what the processes take anyway. */
async function stream(page, rowsPerSecond) {
  page.reset();
  const phase = rowsPerSecond === 0 ? 'idle' : 'stream';
  report({ phase, begins: true });
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  let sent = 0;
  let batches = 0;
  while (performance.now() - startMs < streamMs) {
    await delay(batchEveryMs);
    const due = Math.floor(((performance.now() - startMs) / 1000) * rowsPerSecond) - sent;
    if (due > 0) {
      sent += due;
      batches++;
      void page.send(due);
    }
  }
  await page.untilAnswered(batches);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startMs) / 1000;
  return { phase, seconds, rows: sent, hostCpuMs: (user + system) / 1000, lagsMs: page.lagsMs };
}

/** As fast as the page acknowledges. */
async function bulk(page) {
  page.reset();
  report({ phase: 'bulk', begins: true });
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const batches = Math.ceil(bulkRows / bulkBatchRows);
  for (let sent = 0; sent < batches; sent++) {
    await page.untilAnswered(sent - bulkBatchesUnderWay + 1);
    void page.send(bulkBatchRows);
  }
  await page.untilAnswered(batches);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startMs) / 1000;
  return {
    phase: 'bulk',
    seconds,
    rows: batches * bulkBatchRows,
    hostCpuMs: (user + system) / 1000,
    lagsMs: page.lagsMs,
  };
}

const html = `<!DOCTYPE html><html><body><script>
  const vscode = acquireVsCodeApi();
  addEventListener('message', ({ data }) => {
    if (!(data.batch instanceof ArrayBuffer)) { throw new Error('no ArrayBuffer'); }
    vscode.postMessage({ sentMs: data.sentMs, atMs: performance.timeOrigin + performance.now() });
  });
  vscode.postMessage({ ready: true });
</script></body></html>`;
