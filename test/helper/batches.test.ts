/** Many pages with one request: ranges, prefetch, progress, cancelling, wakes in order, registration. */
import assert from 'node:assert/strict';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { PreviewRequest, ReadMemoryRequest } from '../../native-helper/protocol/hexPreview.ts';
import {
  BatchProgress,
  RegisterRequest,
  ResolveRequest,
  WakeRequest,
  type RegisterMode,
} from '../../native-helper/protocol/ioctls.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { copiedByte, copyAction, MemoryTarget, onlyResult, presentByte } from './memoryTarget.ts';
import { refused } from './refused.ts';

describe('batches', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  /** Pages that differ from one another, and so do the bytes of each. */
  const image = (pages: number): Buffer =>
    Buffer.concat(
      Array.from({ length: pages }, (_, page) => Buffer.alloc(4096, Buffer.from(`page ${page}, `))),
    );
  const fromImage = (memory: MemoryTarget, fileId = 1) =>
    ({ ...copyAction, source: { kind: 'image', file: { fileId }, base: memory.target.pageAt(0) } }) as const;
  const fileIsIn = (memory: MemoryTarget, file: Uint8Array): ReturnType<typeof fromImage> => {
    memory.helper.files.set(1, file);
    return fromImage(memory);
  };
  const register = (memory: MemoryTarget, modes: readonly RegisterMode[], page = 0, count = 1) =>
    memory.helper.connection.sendRequest(RegisterRequest, {
      sessionId: memory.sessionId,
      ...memory.pages(page, count),
      modes,
    });

  it('restore a range from an image, in pieces, with progress and every byte right', async () => {
    const memory = await MemoryTarget.start(fixture, '--pages', '5000');
    const bytes = image(5000);
    const action = fileIsIn(memory, bytes);
    const told: { done: number; total: number }[] = [];
    memory.helper.connection.onProgress(BatchProgress, 'token', (progress) => void told.push(progress));
    const result = await memory.helper.connection.sendRequest(ResolveRequest, {
      sessionId: memory.sessionId,
      what: memory.pages(0, 5000),
      action,
      lengthPages: 1,
      around: false,
      progressToken: 'token',
    });
    assert.deepEqual({ ...result, results: [] }, { succeeded: 1, failed: 0, undone: 0, results: [] });
    assert.equal(onlyResult(result).doneBytes, 5000 * 4096);
    assert.ok(memory.target.readMemory(BigInt(memory.target.pageAt(0)), bytes.length).equals(bytes));
    assert.ok(memory.log.rows.filter(({ kind }) => kind === 'copy').length >= 5);
    assert.ok(told.every(({ done, total }) => total === 5000 && done > 0 && done <= 5000));
    const offsets = memory.helper.fileReads.map(({ offsetBytes }) => offsetBytes);
    assert.equal(new Set(offsets).size, offsets.length, 'no piece of the file is read twice');
  });

  it('are stopped between two ioctls when cancelled: whole pages only, the rest undone', async () => {
    const memory = await MemoryTarget.start(fixture, '--pages', '60000');
    let reads = 0;
    let canGoOn = (): void => undefined;
    const isCancelled = new Promise<void>((resolve) => (canGoOn = resolve));
    const source = new CancellationTokenSource();
    memory.helper.files.set(1, ({ lengthBytes }) => {
      if (++reads === 40) {
        source.cancel();
        canGoOn();
      }
      return Buffer.alloc(lengthBytes, 7);
    });
    const result = await memory.helper.connection.sendRequest(
      ResolveRequest,
      {
        sessionId: memory.sessionId,
        what: memory.pages(0, 60_000),
        action: fromImage(memory),
        lengthPages: 1,
        around: false,
      },
      source.token,
    );
    await isCancelled;
    assert.equal(result.undone, 1);
    const { doneBytes, text } = onlyResult(result);
    assert.ok(doneBytes > 0 && doneBytes < 60_000 * 4096 && doneBytes % 4096 === 0, String(doneBytes));
    assert.match(text, /stopped after/);
    const lastDone = BigInt(memory.target.pageAt(doneBytes / 4096 - 1));
    assert.deepEqual(memory.target.readMemory(lastDone, 4096), Buffer.alloc(4096, 7));
    await refused(
      memory.helper.connection.sendRequest(ReadMemoryRequest, {
        sessionId: memory.sessionId,
        address: memory.target.pageAt(doneBytes / 4096),
        lengthBytes: 1,
      }),
      'memoryUnreadable',
      /page is missing/,
    );
  });

  it('pass over the pages that are there when they prefetch around a fault', async () => {
    const memory = await MemoryTarget.start(fixture, '--pages', '16');
    const present = { ...copyAction, source: { kind: 'fill', byte: presentByte } } as const;
    await memory.prepare(2, present);
    await memory.prepare(6, present, 2);
    const fault = await memory.touch('read', 4);
    const result = await memory.helper.resolve(memory.sessionId, { faultIds: [fault.id] }, copyAction, {
      lengthPages: 9,
      around: true,
    });
    assert.equal(result.succeeded, 1, JSON.stringify(result));
    assert.match(onlyResult(result).text, /Passed over.*3 pages/);
    assert.equal((await memory.goesOn(4))['byte'], copiedByte);
    const bytes = Array.from({ length: 9 }, (_, page) => memory.bytes(page)[0]);
    const [p, c] = [presentByte, copiedByte];
    assert.deepEqual(bytes, [c, c, p, c, c, c, p, p, c]);
  });

  it('clip the prefetched pages to the range', async () => {
    const memory = await MemoryTarget.start(fixture, '--pages', '4');
    const fault = await memory.touch('read', 3);
    const result = await memory.helper.resolve(memory.sessionId, { faultIds: [fault.id] }, copyAction, {
      lengthPages: 64,
      around: true,
    });
    assert.equal(onlyResult(result).doneBytes, 4 * 4096);
  });

  it('say how far an ioctl came that met a page', async () => {
    const memory = await MemoryTarget.start(fixture, '--pages', '8');
    await memory.prepare(3, copyAction);
    const result = onlyResult(await memory.helper.resolve(memory.sessionId, memory.pages(0, 8), copyAction));
    assert.deepEqual(
      { errno: result.errno, out: result.out, doneBytes: result.doneBytes, offersWake: result.offersWake },
      { errno: 'EEXIST', out: '-17', doneBytes: 3 * 4096, offersWake: true },
    );
    assert.match(result.text, /after 12288 of 32768 bytes: the page is already there/);
    const copies = memory.log.rows.filter(({ kind }) => kind === 'copy').slice(1);
    assert.deepEqual(
      copies.map(({ errno, out }) => [errno, out]),
      [
        [11, 12288n],
        [17, -17n],
      ],
    );
  });

  it('leave the fault held when the file is too short, and say which bytes were needed', async () => {
    const memory = await MemoryTarget.start(fixture, '--pages', '4');
    const action = fileIsIn(memory, image(3));
    const fault = await memory.touch('read', 3);
    await refused(
      memory.resolve(fault, action),
      'fileUnreadable',
      /has only 12288 bytes; bytes 12288 to 16384 were needed\. Nothing was done\./,
    );
    assert.equal(memory.log.open.size, 1);
    memory.helper.files.set(1, () => {
      throw new Error('The file is gone.');
    });
    await refused(memory.resolve(fault, fromImage(memory, 2)), 'fileUnreadable', /File 2 was never chosen\./);
    memory.helper.files.set(2, image(4));
    assert.equal((await memory.resolve(fault, fromImage(memory, 2))).errno, undefined);
    await memory.goesOn(3);
  });

  it('copy the target’s own page, and refuse one that is missing', async () => {
    const memory = await MemoryTarget.start(fixture, '--pages', '4');
    await memory.prepare(1, { ...copyAction, source: { kind: 'pattern', bytes: 'AQID' } });
    const fault = await memory.touch('read', 0);
    const from = (page: number) =>
      ({ ...copyAction, source: { kind: 'target', address: memory.target.pageAt(page) } }) as const;
    await refused(memory.resolve(fault, from(2)), 'memoryUnreadable', /page is missing/);
    await memory.resolve(fault, from(1));
    await memory.goesOn(0);
    assert.deepEqual(memory.bytes(0), memory.bytes(1));
  });

  it('show beforehand the bytes that a source gives', async () => {
    const memory = await MemoryTarget.start(fixture, '--pages', '200');
    const bytes = image(200);
    const { source } = fileIsIn(memory, bytes);
    const preview = await memory.helper.connection.sendRequest(PreviewRequest, {
      sessionId: memory.sessionId,
      source,
      address: memory.target.pageAt(60),
      lengthBytes: 65_536,
    });
    assert.ok(Buffer.from(preview.bytes, 'base64').equals(bytes.subarray(60 * 4096, 76 * 4096)));
  });

  it('wake in the order given', async () => {
    const memory = await MemoryTarget.start(fixture, '--pages', '4', '--threads', '3');
    const faults = [];
    for (const [thread, page] of [0, 1, 2].entries()) {
      faults.push(await memory.touch('read', page, thread));
    }
    const ids = faults.map(({ id }) => id);
    await memory.helper.resolve(memory.sessionId, { faultIds: ids }, { ...copyAction, dontWake: true });
    const order = [ids[1]!, ids[2]!, ids[0]!];
    const result = await memory.helper.connection.sendRequest(WakeRequest, {
      sessionId: memory.sessionId,
      what: { faultIds: order },
    });
    assert.deepEqual(
      result.results.map(({ faultId }) => faultId),
      order,
    );
    await eventually(
      'all go on',
      () => memory.target.events.filter(({ event }) => event === 'touched').length === 3,
    );
    assert.deepEqual(
      memory.log.rows.filter(({ kind }) => kind === 'wake').map(({ faultId }) => faultId),
      order,
    );
  });

  it('do nothing about a second fault on a page that the first has provided', async () => {
    const memory = await MemoryTarget.start(fixture, '--threads', '2');
    const faults = [await memory.touch('read', 0, 0), await memory.touch('read', 0, 1)];
    const result = await memory.helper.resolve(
      memory.sessionId,
      { faultIds: faults.map(({ id }) => id) },
      copyAction,
    );
    assert.equal(result.succeeded, 2);
    assert.match(result.results[1]!.text, /needed no ioctl of its own/);
    assert.equal(memory.log.rows.filter(({ kind }) => kind === 'copy').length, 1);
  });

  it('refuse a range with a hole, naming where it begins, and cut one where mappings meet', async () => {
    const memory = await MemoryTarget.start(fixture, '--pages', '6');
    await memory.target.ask('readonly 2 1');
    const result = await memory.helper.resolve(memory.sessionId, memory.pages(1, 3), copyAction);
    assert.deepEqual(
      result.results.map(({ start, doneBytes }) => [start, doneBytes]),
      [1, 2, 3].map((page) => [memory.target.pageAt(page), 4096]),
    );
    await memory.target.ask('unmap 4 1');
    await refused(
      memory.helper.resolve(memory.sessionId, memory.pages(3, 3), copyAction),
      'badRange',
      new RegExp(`^${memory.target.pageAt(4)} is in no registered range`),
    );
  });

  it('register and unregister a range; who is left asleep on write protection is offered a wake', async () => {
    const memory = await MemoryTarget.start(
      fixture,
      '--modes',
      'wp',
      '--features',
      'THREAD_ID,PAGEFAULT_FLAG_WP',
    );
    const fault = await memory.raise('wp', 1);
    const unregistered = await register(memory, [], 0, 4);
    assert.equal(unregistered.errno, undefined, unregistered.text);
    assert.ok(unregistered.offersWake);
    assert.match(unregistered.text, /woke nobody/);
    assert.equal(memory.target.sleeping().length, 1);
    await memory.wake(fault);
    await memory.goesOn(1);
    const registered = await register(memory, ['MISSING', 'WP'], 0, 4);
    assert.equal(registered.errno, undefined, registered.text);
    assert.match(registered.text, /takes WAKE, COPY, ZEROPAGE, /);
    await memory.touch('read', 3);
    const both = await register(memory, [], 0, 4);
    assert.ok(!both.offersWake, both.text);
    await memory.goesOn(3);
    assert.match((await register(memory, ['MINOR'])).text, /EINVAL: .*MINOR on anonymous memory/);
    assert.deepEqual(
      memory.log.rows.filter(({ kind }) => kind.endsWith('register')).map(({ kind, flags }) => [kind, flags]),
      [
        ['unregister', 2n],
        ['register', 3n],
        ['unregister', 3n],
        ['register', 4n],
      ],
    );
  });
});
