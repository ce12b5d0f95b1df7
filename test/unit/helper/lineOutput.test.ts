import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { LineOutput } from '../../../native-helper/cli/lineOutput.ts';

const megabyte = 'x'.repeat(2 ** 20);
const lost = (lines: number): string => `lost ${lines}`;

describe('line output', () => {
  it('keeps a bounded number of lines for a slow reader and says how many it left out', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const output = new LineOutput(stream, lost, () => assert.fail('closed'));
    for (let i = 0; i < 100; i++) {
      output.write([megabyte]);
    }
    assert.ok(stream.writableLength < 70 * 2 ** 20, `${stream.writableLength} bytes are waiting`);
    let read = '';
    stream.setEncoding('utf8').on('data', (text: string) => (read += text));
    await once(stream, 'drain');
    output.write(['after']);
    await output.flush();
    const lines = read.split('\n');
    const kept = lines.filter((line) => line === megabyte).length;
    assert.deepEqual(lines.slice(kept), [`lost ${100 - kept}`, 'after', '']);
  });

  it('says once that its reader has gone away, and writes no more', async () => {
    let closed = 0;
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(new Error('EPIPE')),
    });
    const output = new LineOutput(stream, lost, () => {
      closed++;
    });
    output.write(['one']);
    await new Promise((resolve) => stream.once('close', resolve));
    output.write(['two']);
    await output.flush();
    assert.equal(closed, 1);
  });
});
