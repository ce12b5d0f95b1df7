/** Which instruction raised a fault, of real threads. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { symbolAt } from '../../native-helper/symbols/elfSymbols.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { filling, rule } from './ruleBuilders.ts';
import { needs } from './kernelAbilities.ts';
import { MemoryTarget } from './memoryTarget.ts';

describe('the faulting code', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  /** Function of the one file in which an instruction is. */
  function functionAt({ path, fileOffset }: { readonly path: string; readonly fileOffset: string }) {
    const bytes = readFileSync(path);
    return symbolAt((offset, length) => bytes.subarray(offset, offset + length), BigInt(fileOffset))?.name;
  }

  it('is told of each held fault before it is raised, and where it is once', async () => {
    const target = await fixture.target('missing', '--threads', '4', '--pages', '2');
    const helper = await fixture.helper();
    await target.asleep(4);
    const { log } = await helper.attachHolding(target.pid, 4);
    const { codes, open } = log;
    assert.deepEqual(
      codes.map(({ faultId, tid }) => [faultId, tid]),
      [...open.values()].map(({ id, tid }) => [id, tid]),
    );
    const addresses = new Set(codes.map(({ address }) => `0x${address.toString(16)}`));
    assert.equal(addresses.size, 1, 'all threads touch in the same place');
    const [code] = await eventually('where it is', () => helper.codes.length > 0 && helper.codes);
    assert.equal(helper.codes.length, 1);
    assert.deepEqual([code!.address], [...addresses]);
    assert.match(code!.path, /\/missing$/);
    assert.match(functionAt(code!) ?? '', /^touch/);
  });

  it('of a fault in a system call is where the call was made', async function () {
    needs(this, process.getuid?.() === 0, 'right of an ordinary user to faults within system calls');
    const memory = await MemoryTarget.start(fixture, '--threads', '2');
    const [inProgram, inKernel] = [await memory.touch('read', 0), await memory.touch('copy', 1, 1)];
    const codes = memory.log.codes;
    assert.deepEqual(
      codes.map(({ faultId }) => faultId),
      [inProgram.id, inKernel.id],
    );
    const places = await eventually(
      'both places',
      () => memory.helper.codes.length === 2 && memory.helper.codes,
    );
    assert.match(places[0]!.path, /\/memory$/);
    assert.match(places[1]!.path, /libc/);
  });

  it('of a fault that a rule answers at once is not asked for', async () => {
    const memory = await MemoryTarget.start(fixture);
    await memory.helper.setRules(memory.sessionId, [rule(filling(7))]);
    memory.target.send('read 0 0');
    assert.equal((await memory.goesOn(0))['byte'], 7);
    await eventually('its rows are there', () => memory.log.rows.some(({ kind }) => kind === 'copy'));
    assert.deepEqual(memory.log.codes, []);
  });

  it('of a held fault is told, whatever a rule answers at once beside it', async () => {
    const memory = await MemoryTarget.start(fixture, '--threads', '2');
    const first = { ranges: [`${memory.target.pageAt(0)}-${memory.target.pageAt(1)}`] };
    await memory.helper.setRules(memory.sessionId, [rule(filling(7), first)]);
    memory.target.send('read 1 0');
    const held = await memory.touch('read', 1);
    assert.equal((await memory.goesOn(0))['byte'], 7);
    assert.deepEqual(
      memory.log.codes.map(({ faultId }) => faultId),
      [held.id],
    );
  });

  it('of a fault that a rule answers later is told', async () => {
    const memory = await MemoryTarget.start(fixture);
    await memory.helper.setRules(memory.sessionId, [rule(filling(7), {}, 50)]);
    memory.target.send('read 0 0');
    assert.equal((await memory.goesOn(0))['byte'], 7);
    await eventually('its rows are there', () => memory.log.rows.some(({ kind }) => kind === 'copy'));
    assert.deepEqual(
      memory.log.codes.map(({ faultId }) => faultId),
      [memory.log.rows[0]!.faultId],
    );
  });
});
