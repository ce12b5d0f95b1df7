/** A memory image mapped to a range: read by the client in chunks, compared byte by byte in the target. */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { FileIdDto } from '../../../native-helper/protocol/files.ts';
import { ResolveRequest } from '../../../native-helper/protocol/ioctls.ts';
import type { RuleDto } from '../../../native-helper/protocol/rules.ts';
import { DetachRequest } from '../../../native-helper/protocol/session.ts';
import type { PageSource } from '../../../native-helper/rules/faultRule.ts';
import { SeededRandom } from '../../unit/helper/seededRandom.ts';
import { eventually } from '../eventually.ts';
import { Fixture } from '../fixture.ts';
import { copyAction, MemoryTarget, onlyResult, plainActions } from '../memoryTarget.ts';
import { refused } from '../refused.ts';

const pageBytes = 4096;
const mebibyte = 2 ** 20;
const fileId = 1;
/** 65,536 faults, one by one, on a machine that does other things too. */
const comparingLimitMs = 50_000;

/** A file whose pages all differ, from a repeated random block with each page's number in it. */
function writeImage(file: string, pages: number): void {
  const block = Buffer.from(new SeededRandom(7).bytes(mebibyte));
  const fd = openSync(file, 'w');
  for (let page = 0; page < pages;) {
    const inBlock = Math.min(pages - page, mebibyte / pageBytes);
    for (let i = 0; i < inBlock; i++) {
      block.writeUInt32LE(page + i, i * pageBytes + ((page + i) % 1000) * 4);
    }
    writeSync(fd, block, 0, inBlock * pageBytes);
    page += inBlock;
  }
  closeSync(fd);
}

describe('a memory image', () => {
  const fixture = new Fixture();
  let folder: string;
  let image: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'uffd-image-'));
    image = path.join(folder, 'memory.img');
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(() => fixture.stop());

  async function targetFor(pages: number, threads: number, imagePages = pages) {
    writeImage(image, imagePages);
    const memory = await MemoryTarget.start(fixture, '--pages', `${pages}`, '--threads', `${threads}`);
    memory.helper.files.set(fileId, image);
    const source: PageSource<FileIdDto> = {
      kind: 'image',
      file: { fileId },
      base: memory.target.pageAt(0),
    };
    const rule: RuleDto = {
      name: 'restore',
      isEnabled: true,
      match: {},
      action: { do: 'resolve', action: { ...copyAction, source }, lengthPages: 1, around: false },
      delayMs: 0,
    };
    return { memory, helper: memory.helper, sessionId: memory.sessionId, source, rule };
  }

  const all = (memory: MemoryTarget) => memory.pages(0, memory.target.ready!.pages);

  async function assertRestored(memory: MemoryTarget): Promise<void> {
    const { pages, different, first } = await memory.target.ask(`compare ${image}`, comparingLimitMs);
    assert.deepEqual({ different, first }, { different: 0, first: 0 });
    assert.equal(pages, memory.target.ready!.pages);
  }

  it('of 256 MiB is restored page by page by a rule, every byte as in the file', async function () {
    this.timeout(60_000);
    const pages = (256 * mebibyte) / pageBytes;
    const { memory, helper, sessionId, rule } = await targetFor(pages, 4);
    await helper.setRules(sessionId, [rule]);
    await assertRestored(memory);
    await helper.connection.sendRequest(DetachRequest, { sessionId });
    const rows = memory.log.rows;
    assert.equal(rows.filter(({ kind, errno }) => kind === 'copy' && errno === 0).length, pages);
    assert.ok(rows.every(({ kind, lengthBytes }) => kind !== 'copy' || lengthBytes === pageBytes));
    assert.deepEqual(memory.log.gaps, []);
    assert.deepEqual(helper.ruleFailures, []);
    assert.ok(helper.fileReads.length >= 256);
  });

  it('of 16 MiB is restored by hand by one batch', async () => {
    const { memory, helper, sessionId, source } = await targetFor((16 * mebibyte) / pageBytes, 4);
    const result = await helper.resolve(sessionId, all(memory), { ...copyAction, source });
    assert.equal(result.failed + result.undone, 0, JSON.stringify(result.results));
    assert.equal(
      result.results.reduce((sum, { doneBytes }) => sum + doneBytes, 0),
      16 * mebibyte,
    );
    await assertRestored(memory);
    assert.equal(memory.log.rows.filter(({ kind }) => kind === 'raised').length, 0);
  });

  it('goes to held faults by one batch, each its own page', async () => {
    const { memory, helper, sessionId, source } = await targetFor(64, 8);
    const faults = [];
    for (let thread = 0; thread < 8; thread++) {
      faults.push(await memory.touch('read', 60 - 7 * thread, thread));
    }
    const faultIds = faults.map(({ id }) => id);
    const result = await helper.resolve(sessionId, { faultIds }, { ...copyAction, source });
    assert.equal(result.succeeded, 8, JSON.stringify(result));
    await eventually('all threads go on', () => memory.target.touched.length === 8);
    await helper.resolve(sessionId, memory.pages(0, 4), { ...copyAction, source });
    const rest = await helper.resolve(sessionId, memory.pages(5, 6), { ...copyAction, source });
    assert.equal(rest.failed, 0);
    for (const { address } of faults) {
      const page = Number(address - memory.target.ready!.address) / pageBytes;
      assert.equal(memory.bytes(page).readUInt32LE((page % 1000) * 4), page);
    }
  });

  describe('that cannot give its bytes', () => {
    it('because it is too short: the fault stays held, and the sentence says so', async () => {
      const { memory, helper, sessionId, rule, source } = await targetFor(8, 1, 6);
      await helper.setRules(sessionId, [rule]);
      memory.target.send('read 0 5');
      await memory.goesOn(5);
      const fault = await memory.touch('read', 7);
      const failure = await eventually('the rule fails', () => helper.ruleFailures[0]);
      assert.deepEqual([failure.rule, failure.faultId], [0, fault.id]);
      assert.match(
        failure.text,
        /The file has only 24576 bytes; .*28672 to 32768 were needed\..* stays held\.$/,
      );
      assert.deepEqual(memory.target.sleeping(), [fault.tid]);
      const action = { ...copyAction, source };
      await refused(
        helper.resolve(sessionId, { faultIds: [fault.id] }, action),
        'fileUnreadable',
        /The file has only 24576 bytes/,
      );
      assert.deepEqual(memory.target.sleeping(), [fault.tid]);
      assert.equal((await memory.resolve(fault, plainActions.zeropage!)).errno, undefined);
      assert.equal((await memory.goesOn(7))['byte'], 0);
    });

    it('because it has shrunk: a batch does the whole pages there are, and says how far it came', async () => {
      const { memory, helper, sessionId, source } = await targetFor(2048, 1);
      truncateSync(image, 1500 * pageBytes + 123);
      const result = await helper.resolve(sessionId, all(memory), { ...copyAction, source });
      assert.equal(result.failed, 1, JSON.stringify(result));
      const { doneBytes, text } = onlyResult(result);
      assert.match(text, /The file has only 6144123 bytes/);
      assert.equal(doneBytes % pageBytes, 0);
      assertDone(memory, doneBytes / pageBytes);
    });

    for (const [how, sentence, answer] of [
      ['has disappeared', /no such file|ENOENT/, (file: string) => () => readFileSync(`${file}.gone`)],
      [
        'has grown since it was chosen',
        /memory\.img has changed since it was chosen/,
        (file: string) => () => {
          throw new Error(`${file} has changed since it was chosen.`);
        },
      ],
    ] as const) {
      it(`because it ${how}: the fault stays held, and the client's sentence is passed on`, async () => {
        const { memory, helper, sessionId, rule, source } = await targetFor(4, 1);
        helper.files.set(fileId, answer(image));
        await helper.setRules(sessionId, [rule]);
        const fault = await memory.touch('read', 2);
        const { text } = await eventually('the rule fails', () => helper.ruleFailures[0]);
        assert.match(text, sentence);
        const action = { ...copyAction, source };
        const by = helper.resolve(sessionId, { faultIds: [fault.id] }, action);
        await refused(by, 'fileUnreadable', sentence);
        assert.deepEqual(memory.target.sleeping(), [fault.tid]);
        // Chosen again, it works.
        helper.files.set(fileId, image);
        assert.equal((await memory.resolve(fault, action)).errno, undefined);
        await memory.goesOn(2);
        assert.equal(memory.bytes(2).readUInt32LE(8), 2);
      });
    }

    it('because the client gives more than was asked for', async () => {
      const { memory, helper, sessionId, source } = await targetFor(4, 1);
      helper.files.set(fileId, ({ lengthBytes }) => Buffer.alloc(lengthBytes + 1));
      const fault = await memory.touch('read', 0);
      const by = helper.resolve(sessionId, { faultIds: [fault.id] }, { ...copyAction, source });
      await refused(by, 'fileUnreadable', /gave \d+ bytes where \d+ were asked for/);
      assert.deepEqual(memory.target.sleeping(), [fault.tid]);
    });
  });

  it('whose batch is cancelled has done whole pages only, and the rest can follow', async () => {
    const { memory, helper, sessionId, source } = await targetFor((32 * mebibyte) / pageBytes, 2);
    const cancellation = new CancellationTokenSource();
    const batch = helper.connection.sendRequest(
      ResolveRequest,
      {
        sessionId,
        what: all(memory),
        action: { ...copyAction, source },
        lengthPages: 1,
        around: false,
      },
      cancellation.token,
    );
    await eventually('a part of the file has been read', () => helper.fileReads.length >= 24);
    cancellation.cancel();
    const result = await batch;
    assert.deepEqual([result.succeeded, result.failed, result.undone], [0, 0, 1], JSON.stringify(result));
    const [stopped] = result.results;
    const doneBytes = stopped?.doneBytes ?? 0;
    assert.ok(doneBytes < 32 * mebibyte && doneBytes % pageBytes === 0, `${doneBytes} bytes`);
    assertDone(memory, doneBytes / pageBytes);
    const pages = memory.target.ready!.pages;
    const done = doneBytes / pageBytes;
    const rest = await helper.resolve(sessionId, memory.pages(done, pages - done), { ...copyAction, source });
    assert.equal(rest.failed + rest.undone, 0, JSON.stringify(rest));
    await assertRestored(memory);
  });

  /** The first pages are there, whole and right, and the next is not. */
  function assertDone(memory: MemoryTarget, pages: number): void {
    assert.ok(pages > 0);
    assert.equal(memory.bytes(pages - 1).readUInt32LE(((pages - 1) % 1000) * 4), pages - 1);
    assert.throws(() => memory.bytes(pages), /EIO/);
  }
});
