/** The RPC boundary under random, mutated and malformed input while faults are held: no fault is lost. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import {
  createClientPipeTransport,
  createMessageConnection,
  generateRandomPipeName,
  RequestType,
  ResponseError,
} from 'vscode-jsonrpc/node';
import type { RuleDto } from '../../native-helper/protocol/rules.ts';
import { AttachRequest } from '../../native-helper/protocol/session.ts';
import { SeededRandom } from '../unit/helper/seededRandom.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { copyAction } from './memoryTarget.ts';
import type { TargetProcess } from './targetProcess.ts';

const threads = 4;
const pages = 3;
const helperScript = path.resolve(import.meta.dirname, '../../dist/helper.cjs');

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const serveAll: RuleDto = {
  name: '',
  isEnabled: true,
  match: {},
  action: { do: 'resolve', action: copyAction, lengthPages: 1, around: false },
  delayMs: 0,
};

const asJson = (value: object) => JSON.parse(JSON.stringify(value)) as Record<string, Json>;

/** Requests as they could be, about the session and its memory. */
function validRequests(sessionId: number, address: bigint): [string, Json][] {
  const start = `0x${address.toString(16)}`;
  const copy = asJson(copyAction);
  const rule = asJson(serveAll);
  const what = { faultIds: [1] };
  return [
    ['session/detach', { sessionId: 4711 }],
    ['session/ranges', { sessionId }],
    ['session/setRules', { sessionId, rules: [{ ...rule, action: { do: 'hold' } }] }],
    ['session/setRules', { sessionId, rules: [{ ...rule, isEnabled: false }] }],
    ['fault/resolve', { sessionId, what, action: copy, lengthPages: 1, around: false }],
    [
      'fault/resolve',
      {
        sessionId,
        what: { start, lengthBytes: 4096 },
        action: { ioctl: 'poison', dontWake: true },
        lengthPages: 1,
        around: true,
      },
    ],
    ['fault/wake', { sessionId, what: { start, lengthBytes: 8192 } }],
    ['fault/preflight', { sessionId, what }],
    ['source/preview', { sessionId, source: copy['source']!, address: start, lengthBytes: 4096 }],
    ['memory/read', { sessionId, address: start, lengthBytes: 64 }],
    ['range/register', { sessionId, start: '0x1000', lengthBytes: 4096, modes: ['MISSING'] }],
  ];
}

/** Requests that look through all processes, which takes its time: only now and then. */
const scanning = (pid: number): [string, Json][] => [
  ['process/list', {}],
  ['session/attach', { pid }],
];

const oddValues: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e308,
  '',
  '0x',
  '0x7f00',
  '0xffffffffffffffff',
  '\u0000\ud800',
  '__proto__',
  [],
  {},
  [[[[]]]],
];

/** The value with one part of it, somewhere, replaced, removed or doubled. */
function mutated(random: SeededRandom, value: Json): Json {
  if (typeof value !== 'object' || value === null || random.below(4) === 0) {
    return random.pick(oddValues);
  }
  if (Array.isArray(value)) {
    const at = random.below(value.length + 1);
    return random.below(3) === 0
      ? value.slice(0, at)
      : [...value.slice(0, at), mutated(random, value[at] ?? null), ...value.slice(at)];
  }
  const keys = Object.keys(value);
  const key = random.below(8) === 0 ? random.pick(['x', '__proto__', '']) : random.pick([...keys, 'x']);
  const { [key]: part, ...rest } = value;
  return random.below(4) === 0 ? rest : { ...rest, [key]: mutated(random, part ?? null) };
}

describe('fuzz of the RPC boundary', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  const holdingTarget = async (): Promise<TargetProcess> => {
    const target = await fixture.target('missing', '--threads', `${threads}`, '--pages', `${pages}`);
    await target.asleep(threads);
    return target;
  };

  /** A new helper serves whatever is left, and every thread comes to its end. */
  async function assertNothingLost(target: TargetProcess, why: string): Promise<void> {
    const helper = await fixture.helper();
    const { sessionId } = await helper.attach(target.pid);
    await helper.setRules(sessionId, [serveAll]);
    const { address } = target.ready!;
    const all = { start: `0x${address.toString(16)}`, lengthBytes: threads * pages * 4096 };
    await helper.wake(sessionId, all);
    await eventually(`${why}: every thread goes on`, () => target.finished === threads);
    await helper.stop();
  }

  for (const seed of [1, 2]) {
    it(`3,000 random and mutated requests are answered, and every fault is kept (seed ${seed})`, async () => {
      const random = new SeededRandom(seed);
      const target = await holdingTarget();
      const helper = await fixture.helper();
      const { sessionId, log } = await helper.attachHolding(target.pid, threads);
      const valid = validRequests(sessionId, target.ready!.address);
      const slow = scanning(target.pid);
      // With the parameters of another request, detaching would be no mistake.
      const names = valid.map(([method]) => method).filter((method) => method !== 'session/detach');
      const methods = [...names, 'no/such/method', 'shutdown?', ''];
      let answers = 0;
      for (let round = 0; round < 30; round++) {
        const requests = Array.from({ length: 100 }, async () => {
          const [method, params] = random.pick(random.below(100) === 0 ? slow : valid);
          const changed = random.below(20) === 0 ? params : mutated(random, params);
          const name = random.below(10) === 0 ? random.pick(methods) : method;
          // As positional params an array would be spread; the helper takes one object.
          const sent = Array.isArray(changed) ? { list: changed } : changed;
          const type = new RequestType<unknown, unknown, void>(name);
          await helper.connection.sendRequest(type, sent).catch((error: unknown) => {
            assert.ok(
              error instanceof ResponseError,
              `seed ${seed}: ${name} ${JSON.stringify(sent)}: ${String(error)}`,
            );
            assert.ok(error.message.length > 0);
          });
          answers++;
        });
        const acknowledged = mutated(random, { sessionId, lastSequence: random.below(1000) });
        await helper.connection.sendNotification('rows/acknowledged', { list: acknowledged });
        if (acknowledged !== null && typeof acknowledged === 'object' && !Array.isArray(acknowledged)) {
          await helper.connection.sendNotification('rows/acknowledged', acknowledged);
        }
        await Promise.all(requests);
      }
      assert.equal(answers, 3000);
      assert.equal(helper.process.exitCode, null, `seed ${seed}: the helper is alive`);
      assert.deepEqual(helper.ends, [], `seed ${seed}`);
      assert.deepEqual(log.gaps, []);
      await eventually(
        `seed ${seed}: every thread is held, or at its end`,
        () => target.sleeping().length + target.finished === threads,
      );
      await helper.stop();
      await assertNothingLost(target, `seed ${seed}`);
    });
  }

  describe('malformed frames', () => {
    const request = (json: string, length = Buffer.byteLength(json)) =>
      `Content-Length: ${length}\r\n\r\n${json}`;
    const list = (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"no/such/method","params":{}}`;
    const frames: readonly [string, (random: SeededRandom) => string | Uint8Array][] = [
      ['random bytes', (random) => random.bytes(5000)],
      ['no JSON', () => request('{"jsonrpc":"2.0","id":1,"method":')],
      [
        'JSON that is no message',
        () => ['null', '1', '[]', '{}', '"x"', '[{}]'].map((json) => request(json)).join(''),
      ],
      ['a header cut off', () => 'Content-Len'],
      ['a body cut off', () => request(list(1), 4096)],
      ['a length that is too short', () => request(list(1), 10)],
      ['a length that is no number', () => `Content-Length: many\r\n\r\n${list(1)}`],
      ['a negative length', () => request(list(1), -5)],
      ['an absurd length', () => request(list(1), 2 ** 40)],
      ['no length', () => `Content-Type: x\r\n\r\n${list(1)}`],
      [
        'deep nesting',
        () =>
          request(
            `{"jsonrpc":"2.0","id":1,"method":"x","params":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
          ),
      ],
      [
        'ids and methods of odd types',
        () =>
          [
            '{"jsonrpc":"2.0","id":{},"method":5}',
            '{"jsonrpc":"1","id":1,"method":"x"}',
            '{"id":null,"result":1}',
          ]
            .map((json) => request(json))
            .join(''),
      ],
      [
        'answers to questions never asked',
        () =>
          Array.from({ length: 50 }, (_, id) =>
            request(`{"jsonrpc":"2.0","id":${id},"result":{"bytes":"AAAA"}}`),
          ).join(''),
      ],
      [
        'damaged requests',
        (random) => Array.from({ length: 200 }, (_, id) => random.damage(request(list(id)))).join(''),
      ],
    ];

    it('are survived, or end the helper with a hand back; every fault is kept', async () => {
      const target = await holdingTarget();
      for (const [seed, [name, frame]] of frames.entries()) {
        const pipeName = generateRandomPipeName();
        const transport = await createClientPipeTransport(pipeName);
        const child = spawn(process.execPath, [helperScript, `--pipe=${pipeName}`], { stdio: 'ignore' });
        const exit = once(child, 'exit');
        const [reader, writer] = await transport.onConnected();
        const connection = createMessageConnection(reader, writer);
        connection.onError(() => undefined);
        connection.listen();
        try {
          const Initialize = new RequestType<object, object, void>('initialize');
          await connection.sendRequest(Initialize, {
            processId: process.pid,
            rootUri: null,
            capabilities: {},
          });
          await connection.sendRequest(AttachRequest, { pid: target.pid });
          await target.pending(0);
          const { socket } = writer as unknown as { socket: NodeJS.WritableStream };
          await new Promise((written) => socket.write(frame(new SeededRandom(seed)), written));
          // What comes behind it is answered, or swallowed by the broken frame, or the pipe is closed.
          void connection.sendRequest('no/such/method').catch(() => undefined);
        } finally {
          connection.end();
          connection.dispose();
          const gaveUp = setTimeout(() => child.kill('SIGKILL'), 5000);
          const [code, signal] = (await exit) as [number | null, string | null];
          clearTimeout(gaveUp);
          assert.equal(signal, null, `${name}: the helper hangs when its pipe is closed`);
          assert.ok(code !== null);
        }
        await eventually(`${name}: all is handed back`, () => target.faultCounts().pending === threads);
      }
      await assertNothingLost(target, 'after all');
    });
  });
});
