import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseSourceLine, Symbolizer } from '../../../extension/symbols/symbolizer.ts';
import type { CodeLocationDto } from '../../../native-helper/protocol/inspect.ts';
import { symbolAt } from '../../../native-helper/symbols/elfSymbols.ts';
import { readFileSync } from 'node:fs';
import { eventually } from '../../helper/eventually.ts';
import { readCommand } from '../../workbench/childProcess.ts';
import { provideCompiler } from '../../workbench/systemPackages.ts';
import { makeTemporaryFolder, type TemporaryFolder } from '../../workbench/temporaryFolder.ts';

describe('parseSourceLine', () => {
  for (const [output, parsed] of [
    ['/src/a.c:12\n', { path: '/src/a.c', line: 12 }],
    ['/src/a.c:12 (discriminator 3)\n', { path: '/src/a.c', line: 12 }],
    ['/a dir/b:c.c:7\n', { path: '/a dir/b:c.c', line: 7 }],
    ['??:0\n', undefined],
    ['??:?\n', undefined],
    ['/src/a.c:0\n', undefined],
    ['/src/a.c:?\n', undefined],
    ['', undefined],
  ] as const) {
    it(`takes ${JSON.stringify(output)} as ${parsed === undefined ? 'nothing' : `line ${parsed.line}`}`, () => {
      assert.deepEqual(parseSourceLine(output), parsed);
    });
  }
});

const program = `int shared;
__attribute__((noinline)) int touch_here(volatile int *page) {
  return *page; /* line 3 */
}
int main(void) { return touch_here(&shared); }
`;

describe('Symbolizer', function () {
  this.timeout(60_000);
  let folder: TemporaryFolder;
  let source: string;

  before(async () => {
    folder = await makeTemporaryFolder('symbolizer');
    source = path.join(folder.path, 'touch.c');
    writeFileSync(source, program);
  });
  after(() => folder.remove());

  async function compile(name: string, ...options: string[]): Promise<string> {
    const file = path.join(folder.path, name);
    const { exitCode, output } = await readCommand(await provideCompiler(), [
      '-O1',
      ...options,
      '-o',
      file,
      source,
    ]);
    assert.equal(exitCode, 0, output);
    return file;
  }

  /** Where a function begins in a file, found by its symbol. */
  function locationOf(file: string, name: string): CodeLocationDto {
    const bytes = readFileSync(file);
    const read = (offset: number, lengthBytes: number): Uint8Array =>
      new Uint8Array(bytes).slice(offset, offset + lengthBytes);
    for (let offset = 0; offset < bytes.length; offset++) {
      const found = symbolAt(read, BigInt(offset));
      if (found?.name === name) {
        return { address: '0x1', path: file, fileOffset: `0x${offset.toString(16)}` };
      }
    }
    throw new Error(`${file} has no ${name}`);
  }

  it('names function and line of a program with debug information', async () => {
    const file = await compile('with-debug', '-g');
    const { symbol, source: line } = await new Symbolizer(30_000).nameOf(locationOf(file, 'touch_here'));
    assert.equal(symbol, 'touch_here+0x0');
    assert.equal(line?.path, source);
    assert.ok(line.line === 2 || line.line === 3, String(line.line));
  });

  it('does not wait for a line that takes long, and knows it once it is found', async () => {
    const location = locationOf(await compile('slowly', '-g'), 'touch_here');
    const symbolizer = new Symbolizer(0);
    assert.deepEqual(await symbolizer.nameOf(location), { symbol: 'touch_here+0x0', source: undefined });
    const line = await eventually('it is found', async () => (await symbolizer.nameOf(location)).source);
    assert.equal(line.path, source);
  });

  it('tells the function at once, and the line to who waits for it', async () => {
    const location = locationOf(await compile('apart', '-g'), 'touch_here');
    const symbolizer = new Symbolizer(0);
    assert.equal(await symbolizer.symbolOf(location), 'touch_here+0x0');
    assert.equal((await symbolizer.sourceOf(location))?.path, source);
  });

  it('names the function alone where there is no debug information', async () => {
    const file = await compile('without-debug');
    assert.deepEqual(await new Symbolizer().nameOf(locationOf(file, 'touch_here')), {
      symbol: 'touch_here+0x0',
      source: undefined,
    });
  });

  it('names nothing in a stripped program, in other files, and in none', async () => {
    const location = locationOf(await compile('for-offset'), 'touch_here');
    const stripped = await compile('stripped', '-s');
    const symbolizer = new Symbolizer();
    const nothing = { symbol: undefined, source: undefined };
    for (const file of [stripped, source, folder.path, '/proc/self/mem', `${stripped}-not-there`, '']) {
      assert.deepEqual(await symbolizer.nameOf({ ...location, path: file }), nothing, file);
    }
  });

  it('looks again when the program was compiled anew', async () => {
    const file = await compile('again', '-s');
    const symbolizer = new Symbolizer();
    const location = locationOf(await compile('again-symbols'), 'touch_here');
    assert.equal((await symbolizer.nameOf({ ...location, path: file })).symbol, undefined);
    await compile('again');
    assert.equal((await symbolizer.nameOf({ ...location, path: file })).symbol, 'touch_here+0x0');
  });
});
