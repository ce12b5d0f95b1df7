import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { CodeNames } from '../../../extension/session/codeNames.ts';
import { DebugSession } from '../../../extension/session/debugSession.ts';
import type { SourceLine } from '../../../extension/symbols/symbolizer.ts';
import type { CodeLocationDto } from '../../../native-helper/protocol/inspect.ts';
import type { CodeDto } from '../../../webview/protocol.ts';
import { eventually } from '../../helper/eventually.ts';
import { sessionDto } from './fakeHelper.ts';

const codeAt = (fileOffset: string, path = '/usr/lib/libfoo.so'): CodeLocationDto => ({
  address: `0x7f00${fileOffset.slice(2)}`,
  path,
  fileOffset,
});

function sessionOf(id: number): DebugSession {
  return new DebugSession(id, 0, sessionDto(id), [], {
    request: () => Promise.reject(new Error('nothing is asked')),
    requestBatch: () => Promise.reject(new Error('nothing is asked')),
  });
}

describe('the names of instructions', () => {
  let session: DebugSession;
  let closed: DebugSession | undefined;
  /** What has been told of the session's codes. */
  let told: (readonly CodeDto[])[];
  /** What is being looked up, with what answers. */
  let symbols: { readonly offset: string; readonly answer: (symbol: string | undefined) => void }[];
  let lines: { readonly offset: string; readonly answer: (line: SourceLine | undefined) => void }[];
  let names: CodeNames;

  beforeEach(() => {
    session = sessionOf(1);
    closed = undefined;
    told = [];
    symbols = [];
    lines = [];
    names = new CodeNames(
      {
        symbolOf: ({ fileOffset: offset }) => new Promise((answer) => symbols.push({ offset, answer })),
        sourceOf: ({ fileOffset: offset }) => new Promise((answer) => lines.push({ offset, answer })),
      },
      (other) => other !== closed,
      ({ codes }) => told.push(codes),
    );
  });
  afterEach(() => names.dispose());

  const asked = (list: readonly unknown[], count: number): Promise<true> =>
    eventually(`${count} are asked for`, () => list.length === count);

  it('are the place in the file at once, then the function, then also the line', async () => {
    names.add(session, codeAt('0x1a2b'));
    const unnamed = { address: '0x7f001a2b', name: 'libfoo.so+0x1a2b', source: null };
    assert.deepEqual(session.codes, [unnamed]);
    await asked(symbols, 1);
    symbols[0]!.answer('foo+0x2');
    await asked(lines, 1);
    assert.deepEqual(session.codes, [{ ...unnamed, name: 'foo+0x2' }]);
    const source = { path: 'foo.c', line: 12 };
    lines[0]!.answer(source);
    const named = { ...unnamed, name: 'foo+0x2', source };
    await eventually('all is told', () => told.at(-1)?.[0]?.source === source);
    assert.deepEqual(told.at(-1), [named]);
  });

  it('are functions without waiting for lines, which are looked for one after the other', async () => {
    for (const offset of ['0x10', '0x20', '0x30']) {
      names.add(session, codeAt(offset));
    }
    for (let n = 0; n < 3; n++) {
      await asked(symbols, n + 1);
      symbols[n]!.answer(n === 1 ? undefined : `f${n}+0x0`);
    }
    await eventually('both have names', () => session.codes.at(-1)?.name === 'f2+0x0');
    assert.deepEqual(
      session.codes.map(({ name }) => name),
      ['f0+0x0', 'libfoo.so+0x20', 'f2+0x0'],
    );
    assert.deepEqual(
      lines.map(({ offset }) => offset),
      ['0x10'],
    );
    lines[0]!.answer(undefined);
    await asked(lines, 2);
    assert.equal(lines[1]!.offset, '0x30');
  });

  it('are neither looked for nor told once nobody listens', async () => {
    names.add(session, codeAt('0x10'));
    names.add(session, codeAt('0x20'));
    await asked(symbols, 1);
    names.dispose();
    symbols[0]!.answer('foo+0x0');
    await eventually('it has its name', () => session.codes[0]?.name === 'foo+0x0');
    await setImmediate();
    assert.deepEqual([symbols.length, lines.length, told.length], [1, 0, 0]);
  });

  it('are told together when many come', async () => {
    for (let n = 0; n < 50; n++) {
      names.add(session, codeAt(`0x${n.toString(16)}`, ''));
    }
    assert.equal(told.length, 0);
    await eventually('they are told', () => told.length > 0);
    assert.deepEqual(
      told.map((codes) => codes.length),
      [50],
    );
  });

  it('are not looked for, nor told, once the session is closed', async () => {
    names.add(session, codeAt('0x10'));
    names.add(session, codeAt('0x20'));
    await asked(symbols, 1);
    closed = session;
    symbols[0]!.answer('foo+0x0');
    names.add(sessionOf(2), codeAt('0x30', ''));
    await eventually('the other one is told', () => told.length > 0);
    await asked(symbols, 2);
    assert.deepEqual(told, [[{ address: '0x7f0030', name: '', source: null }]]);
    assert.deepEqual([symbols[1]!.offset, lines], ['0x30', []]);
  });
});
