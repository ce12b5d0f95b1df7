import assert from 'node:assert/strict';
import { chunkBytes, FileChunks } from '../../../native-helper/capture/fileChunks.ts';
import { openSource } from '../../../native-helper/capture/pageSource.ts';
import type { FileChunk } from '../../../native-helper/capture/readerProtocol.ts';
import type { PageSourceDto } from '../../../native-helper/protocol/files.ts';
import { copyFromNative } from '../../../native-helper/syscalls/libc.ts';

const base64 = (...bytes: number[]): string => Buffer.from(bytes).toString('base64');

function nativeBytes(address: number, lengthBytes: number): number[] {
  const bytes = new Uint8Array(lengthBytes);
  copyFromNative(bytes, address, lengthBytes);
  return [...bytes];
}

/** Bytes of a source for a piece of a span at 0x10000. */
function bytesOf(source: PageSourceDto, lengthBytes: number, offsetBytes = 0): number[] {
  const bytes = openSource(source, { pid: process.pid, pidfd: -1, files: new FileChunks(() => undefined) });
  const found = bytes.find(0x10000, offsetBytes, lengthBytes);
  assert.ok(typeof found === 'number');
  const copy = nativeBytes(found, lengthBytes);
  bytes.free();
  return copy;
}

describe('bytes given with a request', () => {
  it('fill a page with any byte', () => {
    for (const byte of [0, 1, 0x5a, 255]) {
      assert.deepEqual(bytesOf({ kind: 'fill', byte }, 4096), [...Buffer.alloc(4096, byte)]);
    }
  });

  it('repeat a pattern from the start of the span, and cut it at the end', () => {
    assert.deepEqual(bytesOf({ kind: 'pattern', bytes: base64(1, 2, 3) }, 8), [1, 2, 3, 1, 2, 3, 1, 2]);
    assert.deepEqual(bytesOf({ kind: 'pattern', bytes: base64(1, 2, 3) }, 4, 4), [2, 3, 1, 2]);
    assert.deepEqual(bytesOf({ kind: 'pattern', bytes: base64(1, 2, 3) }, 2), [1, 2]);
  });

  it('repeat bytes as they are, not as text', () => {
    assert.deepEqual(bytesOf({ kind: 'pattern', bytes: base64(0xc3, 0x28, 0) }, 4), [0xc3, 0x28, 0, 0xc3]);
  });

  it('stand at the start of the span, with zeros behind them', () => {
    const source = { kind: 'bytes', bytes: base64(7, 8, 9) } as const;
    assert.deepEqual(bytesOf(source, 5), [7, 8, 9, 0, 0]);
    assert.deepEqual(bytesOf(source, 3, 2), [9, 0, 0]);
    assert.deepEqual(bytesOf(source, 3, 4096), [0, 0, 0]);
  });

  it('are refused when there are more than the span has, by field and number', () => {
    const context = { pid: 1, pidfd: -1, files: new FileChunks(() => undefined) };
    assert.throws(() => openSource({ kind: 'bytes', bytes: base64(7, 8, 9) }, context).check(0, 2), {
      message: '3 bytes were given for a range of 2. Give fewer bytes or more pages. Nothing was done.',
      data: { cause: 'badRange', field: 'action.source.bytes' },
    });
  });
});

describe('bytes of files', () => {
  const ramp = Uint8Array.from({ length: chunkBytes }, (_, i) => i);
  /** A client whose files count their bytes in every chunk from 0 on. */
  class Client {
    readonly asked: FileChunk[] = [];
    readonly chunks = new FileChunks((chunk) => void this.asked.push(chunk));

    /** Answers everything asked, as a file of `sizeBytes`. */
    answer(sizeBytes: number): void {
      for (const chunk of this.asked.splice(0)) {
        const length = Math.max(0, Math.min(chunk.lengthBytes, sizeBytes - chunk.offsetBytes));
        this.chunks.deliver(chunk, ramp.subarray(0, length));
      }
    }
  }

  it('are asked for once, then found at an address of their own', () => {
    const client = new Client();
    assert.equal(client.chunks.find(3, 4096, 4096), 'asked');
    assert.equal(client.chunks.find(3, 8192, 4096), 'asked');
    assert.deepEqual(client.asked, [{ fileId: 3, offsetBytes: 0, lengthBytes: chunkBytes }]);
    const { revision } = client.chunks;
    client.answer(2 * chunkBytes);
    assert.notEqual(client.chunks.revision, revision);
    const found = client.chunks.find(3, 4096 + 5, 3);
    assert.ok(typeof found === 'number');
    assert.deepEqual(nativeBytes(found, 3), [5, 6, 7]);
  });

  it('are put together where they span chunks', () => {
    const client = new Client();
    assert.equal(client.chunks.find(1, chunkBytes - 2, 4), 'asked');
    client.answer(2 * chunkBytes);
    const found = client.chunks.find(1, chunkBytes - 2, 4);
    assert.ok(typeof found === 'number');
    assert.deepEqual(nativeBytes(found, 4), [254, 255, 0, 1]);
  });

  it('of a file that is too short say what was needed of how many', () => {
    const client = new Client();
    client.chunks.find(1, chunkBytes, 4096);
    client.answer(chunkBytes + 100);
    assert.deepEqual(client.chunks.find(1, chunkBytes, 4096), {
      failure: `The file has only ${chunkBytes + 100} bytes; bytes ${chunkBytes} to ${chunkBytes + 4096} were needed.`,
    });
    assert.ok(typeof client.chunks.find(1, chunkBytes, 100) === 'number');
  });

  it('that the client refuses fail with its sentence, until they are asked for anew', () => {
    const client = new Client();
    client.chunks.find(1, 0, 1);
    client.chunks.deliver(client.asked.shift()!, 'The file has changed.');
    assert.deepEqual(client.chunks.find(1, 0, 1), { failure: 'The file has changed.' });
    assert.equal(client.asked.length, 0);
    client.chunks.forgetFailures();
    assert.equal(client.chunks.find(1, 0, 1), 'asked');
    assert.equal(client.asked.length, 1);
  });

  it('are asked for a few at a time, and kept within bounds, those used last', () => {
    const client = new Client();
    const count = 400;
    const sizeBytes = count * chunkBytes;
    assert.equal(client.chunks.find(1, 0, 100 * chunkBytes), 'asked');
    assert.ok(client.asked.length < 100);
    for (let i = 0; i < count; i++) {
      while (client.chunks.find(2, i * chunkBytes, 1) === 'asked') {
        client.answer(sizeBytes);
      }
      assert.ok(typeof client.chunks.find(2, 0, 1) === 'number', `chunk 0, in use, after ${i}`);
    }
    assert.equal(client.chunks.find(2, chunkBytes, 1), 'asked');
  });

  it('lie in an image where the address says', () => {
    const client = new Client();
    const source = { kind: 'image', file: { fileId: 1 }, base: '0x10000' } as const;
    const bytes = openSource(source, { pid: 1, pidfd: -1, files: client.chunks });
    bytes.find(0x10000, 0, 1);
    client.answer(chunkBytes);
    const found = bytes.find(0x10010, 0x10, 2);
    assert.ok(typeof found === 'number');
    assert.deepEqual(nativeBytes(found, 2), [0x20, 0x21]);
    assert.throws(() => bytes.check(0xf000, 4096), {
      message: '0xf000 lies 4096 bytes below the base of the image. Nothing was done.',
      data: { cause: 'badRange', field: 'action.source.base' },
    });
  });
});
