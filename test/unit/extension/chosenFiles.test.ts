import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ChosenFiles } from '../../../extension/session/chosenFiles.ts';

describe('the files the user chose', () => {
  let folder: string;
  let image: string;
  let files: ChosenFiles;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'uffd-chosen-'));
    image = path.join(folder, 'image.bin');
    writeFileSync(image, Buffer.from('0123456789'));
    files = new ChosenFiles();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const text = async (fileId: number, offsetBytes: number, lengthBytes: number): Promise<string> =>
    Buffer.from(await files.read({ fileId, offsetBytes, lengthBytes })).toString();

  it('are read at any offset, fewer bytes at the end', async () => {
    const { fileId, path: shownPath, sizeBytes } = await files.choose(image);
    assert.deepEqual([shownPath, sizeBytes], [image, 10]);
    assert.equal(await text(fileId, 0, 4), '0123');
    assert.equal(await text(fileId, 6, 4), '6789');
    assert.equal(await text(fileId, 8, 100), '89');
  });

  it('are the only ones that are read', async () => {
    await assert.rejects(text(1, 0, 1), /^Error: File 1 was not chosen/);
    const { fileId } = await files.choose(image);
    await assert.rejects(text(fileId + 1, 0, 1), /was not chosen/);
  });

  it('keep their number when they are chosen again unchanged', async () => {
    const first = await files.choose(image);
    assert.deepEqual(await files.choose(image), first);
    const other = path.join(folder, 'other.bin');
    writeFileSync(other, 'x');
    assert.notEqual((await files.choose(other)).fileId, first.fileId);
  });

  for (const [what, change] of [
    ['has grown', (file: string) => appendFileSync(file, 'x')],
    ['was truncated', (file: string) => writeFileSync(file, '01234')],
    [
      'was written with the same size',
      (file: string) => {
        writeFileSync(file, 'abcdefghij');
        utimesSync(file, new Date(), new Date(statSync(file).mtimeMs + 5000));
      },
    ],
  ] as const) {
    it(`are refused by path when one ${what}, until it is chosen again`, async () => {
      const { fileId } = await files.choose(image);
      change(image);
      await assert.rejects(text(fileId, 0, 1), new RegExp(`${image} has changed since it was chosen`));
      const again = await files.choose(image);
      assert.notEqual(again.fileId, fileId);
      assert.equal(again.sizeBytes, statSync(image).size);
      assert.equal((await text(again.fileId, 0, 1)).length, 1);
      await assert.rejects(
        text(fileId, 0, 1),
        /has changed/,
        'the number of the former contents stays refused',
      );
    });
  }

  it('are refused by path when one is gone', async () => {
    const { fileId } = await files.choose(image);
    rmSync(image);
    await assert.rejects(text(fileId, 0, 1), new RegExp(`${image} is not there any more\\. Choose another`));
  });

  it('are refused by path when one is too short, with what it has and what was needed', async () => {
    const { fileId } = await files.choose(image);
    await assert.rejects(
      text(fileId, 4096, 4096),
      new RegExp(`${image} is too short: it has 10 bytes, .* from offset 4096 on`),
    );
  });

  it('cannot be a folder, an empty file, a FIFO or one that is not there', async () => {
    const empty = path.join(folder, 'empty');
    writeFileSync(empty, '');
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    await assert.rejects(files.choose(folder), /is not a regular file/);
    await assert.rejects(files.choose(fifo), /is not a regular file/);
    await assert.rejects(files.choose(empty), /is empty/);
    await assert.rejects(files.choose(path.join(folder, 'none')), /is not there/);
  });

  it('do not block on a FIFO that has taken the place of one', async () => {
    const { fileId } = await files.choose(image);
    rmSync(image);
    execFileSync('mkfifo', [image]);
    await assert.rejects(text(fileId, 0, 1), /has changed/);
  });

  it('are refused when they may not be read', async function () {
    if (process.getuid?.() === 0) {
      this.skip();
    }
    const { fileId } = await files.choose(image);
    chmodSync(image, 0);
    await assert.rejects(text(fileId, 0, 1), /may not be read by this user/);
  });

  it('leave no descriptor open, however often they are read or refused', async () => {
    const openFiles = (): number => readdirSync('/proc/self/fd').length;
    const { fileId } = await files.choose(image);
    await text(fileId, 0, 1);
    const before = openFiles();
    await Promise.all(Array.from({ length: 500 }, (_, i) => text(fileId, i % 20, 4).catch(() => undefined)));
    appendFileSync(image, 'x');
    await Promise.all(Array.from({ length: 100 }, () => text(fileId, 0, 4).catch(() => undefined)));
    assert.equal(openFiles(), before);
  });
});
