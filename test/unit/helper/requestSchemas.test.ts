import assert from 'node:assert/strict';
import { ResponseError } from 'vscode-jsonrpc';
import { helperErrorCode, type ErrorDto } from '../../../native-helper/protocol/errors.ts';
import { checkParams } from '../../../native-helper/checkParams.ts';
import { schemas } from '../../../native-helper/requestSchemas.ts';
import { SeededRandom } from './seededRandom.ts';

type RequestName = keyof typeof schemas;
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const copy = { ioctl: 'copy', dontWake: false, wp: false };
const fill = { ...copy, source: { kind: 'fill', byte: 90 } };
const pattern = { ...copy, source: { kind: 'pattern', bytes: 'AQI=' }, dontWake: true };
const given = { ...copy, source: { kind: 'bytes', bytes: 'AQID' }, wp: true };
const file = { ...copy, source: { kind: 'file', file: { fileId: 1 }, offsetBytes: 0 } };
const image = { ...copy, source: { kind: 'image', file: { fileId: 1 }, base: '0x7f0000000000' } };
const target = { ...copy, source: { kind: 'target', address: '0x7f0000000001' } };
const zeropage = { ioctl: 'zeropage', dontWake: false };
const range = { start: '0x7f0000001000', lengthBytes: 4096 };

const move = { ioctl: 'move', source: '0x1000', dontWake: false, allowHoles: true };
const resolve = (action: Json, what: Json = { faultIds: [7] }): Json => ({
  sessionId: 1,
  what,
  action,
  lengthPages: 1,
  around: false,
});
const rule = (action: Json): Json => ({ name: '', isEnabled: true, match: {}, action, delayMs: 0 });
const resolving = rule({ do: 'resolve', action: fill, lengthPages: 1, around: true });
const matching = {
  name: 'guest',
  isEnabled: false,
  match: { ranges: ['0x1000-0x3000'], kinds: ['missing', 'wp'], thread: 'vcpu', hitCondition: '% 5' },
  action: { do: 'hold' },
  delayMs: 1.5,
};

/** Requests as they should be, at least one of each form. */
const valid: readonly (readonly [RequestName, Json])[] = [
  ['processList', {}],
  ['processList', { partialResultToken: 'token' }],
  ['attach', { pid: 4711 }],
  ['attach', { pid: 4711, fd: 0 }],
  ['session', { sessionId: 1 }],
  ['resolve', resolve(fill, { faultIds: [1, 0xffffffff] })],
  ['resolve', resolve(pattern)],
  ['resolve', resolve(given)],
  ['resolve', resolve(zeropage, range)],
  ['wake', { sessionId: 1, what: { faultIds: [7] } }],
  ['wake', { sessionId: 1, what: range }],
  ['setRules', { sessionId: 1, rules: [] }],
  ['setRules', { sessionId: 1, rules: [resolving, matching] }],
  ['resolve', resolve(file)],
  ['resolve', resolve(image)],
  ['resolve', resolve(target)],
  ['resolve', resolve({ ioctl: 'poison', dontWake: true })],
  ['resolve', resolve({ ioctl: 'continue', dontWake: false, wp: true })],
  ['resolve', resolve({ ioctl: 'writeprotect', protect: true, dontWake: false })],
  ['register', { sessionId: 1, ...range, modes: ['MISSING', 'WP', 'MINOR'] }],
  ['register', { sessionId: 1, ...range, modes: [] }],
  ['preflight', { sessionId: 1, what: { faultIds: [1] } }],
  ['preview', { sessionId: 1, source: image.source, address: '0x1000', lengthBytes: 65536 }],
  ['readMemory', { sessionId: 1, address: '0xffffffffffffffff', lengthBytes: 1 }],
  ['fileBytes', { bytes: '' }],
  ['fileBytes', { bytes: 'AQI=' }],
  ['setRules', { sessionId: 1, rules: [rule({ do: 'log' }), rule({ do: 'wake' })] }],
  ['detach', { sessionId: 1 }],
  ['detach', { sessionId: 1, closesLast: true }],
  ['resolve', resolve(move)],
];

const notIds: readonly Json[] = [0, -1, 1.5, 2 ** 32, 1e300, '1', null, true, [], {}];
const notBooleans: readonly Json[] = [0, 1, 'true', null, [], {}];
const notBase64: readonly Json[] = ['', '=', 'A', 'AQI', 'AQ=I', 'AQ I', 'AQ-_', 'AQI=\n', 5, null, {}];

/** For each field of a valid request: values that it must refuse, by name. */
const refused: readonly (readonly [RequestName, Json, string, readonly Json[]])[] = [
  ['processList', { partialResultToken: 'x' }, 'partialResultToken', [1, null, {}]],
  ['attach', { pid: 1, fd: 3 }, 'pid', notIds],
  ['attach', { pid: 1, fd: 3 }, 'fd', [-1, 0.5, 2 ** 31, '3', null, true]],
  ['session', { sessionId: 1 }, 'sessionId', notIds],
  ['detach', { sessionId: 1 }, 'sessionId', notIds],
  ['detach', { sessionId: 1 }, 'closesLast', notBooleans],
  ['resolve', valid[5]![1], 'sessionId', notIds],
  ['resolve', valid[5]![1], 'what.faultIds', [[]]],
  ['resolve', valid[5]![1], 'what.faultIds.1', [0, -1, 1.5, 2 ** 32]],
  ['resolve', valid[5]![1], 'lengthPages', notIds],
  ['resolve', valid[5]![1], 'action', [null, 1, 'copy']],
  ['resolve', valid[5]![1], 'action.ioctl', ['COPY', 'remap', '', 1, null]],
  ['resolve', valid[5]![1], 'action.dontWake', notBooleans],
  ['resolve', valid[5]![1], 'action.wp', notBooleans],
  ['resolve', valid[5]![1], 'around', notBooleans],
  ['resolve', valid[13]![1], 'action.source.offsetBytes', [-1, 0.5, 2 ** 53, '0', null]],
  ['resolve', valid[13]![1], 'action.source.file', [null, 1, '/etc/shadow']],
  ['resolve', valid[13]![1], 'action.source.file.fileId', notIds],
  ['resolve', valid[14]![1], 'action.source.base', ['', '7f00', '0xABC', null, 5]],
  ['resolve', valid[15]![1], 'action.source.address', ['', '7f00', '0xABC', null, 5]],
  ['resolve', valid[17]![1], 'action.wp', notBooleans],
  ['resolve', valid[18]![1], 'action.protect', notBooleans],
  ['resolve', resolve(move), 'action.source', ['', '1000', 4096, null]],
  ['resolve', resolve(move), 'action.allowHoles', notBooleans],
  ['setRules', { sessionId: 1, rules: [resolving] }, 'rules.0.action.action.ioctl', ['move']],
  ['register', valid[19]![1], 'start', ['', '1000', null]],
  ['register', valid[19]![1], 'lengthBytes', [-1, 0.5, 2 ** 53, '1', null]],
  ['register', valid[19]![1], 'modes', [null, 'WP', 2]],
  ['register', valid[19]![1], 'modes.1', ['wp', '', 2, null]],
  ['preview', valid[22]![1], 'lengthBytes', [0, 65537, 1.5, null]],
  ['preview', valid[22]![1], 'source', [null, 1, 'fill']],
  ['readMemory', valid[23]![1], 'address', ['', '1000', null]],
  ['readMemory', valid[23]![1], 'lengthBytes', [0, 65537, 1.5, null]],
  ['fileBytes', valid[25]![1], 'bytes', ['=', 'A', 'AQI', 'AQ I', 5, null, {}]],
  ['resolve', valid[5]![1], 'action.source', [null, 90, 'fill']],
  ['resolve', valid[5]![1], 'action.source.kind', ['memory', '', 1, null]],
  ['resolve', valid[5]![1], 'action.source.byte', [-1, 256, 0.5, '90', null]],
  ['resolve', valid[6]![1], 'action.source.bytes', notBase64],
  ['resolve', valid[7]![1], 'action.source.bytes', notBase64],
  ['wake', valid[9]![1], 'sessionId', notIds],
  ['wake', valid[9]![1], 'what', [null, 1, '0x1000']],
  ['wake', valid[9]![1], 'what.start', [{}]],
  ['wake', valid[9]![1], 'what.faultIds', [[]]],
  ['wake', valid[9]![1], 'what.faultIds.0', [0, -1, 1.5, 2 ** 32]],
  [
    'wake',
    valid[10]![1],
    'what.start',
    ['', '7f00', '0x', '0X1000', '0xABC', '0x1000 ', '0x11112222333344445'],
  ],
  ['wake', valid[10]![1], 'what.lengthBytes', [-1, 0.5, 2 ** 53]],
  ['setRules', valid[12]![1], 'sessionId', notIds],
  ['setRules', valid[12]![1], 'rules', [null, 0, {}, 'copy']],
  ['setRules', valid[12]![1], 'rules.0.isEnabled', notBooleans],
  ['setRules', valid[12]![1], 'rules.0.delayMs', [-1, '1', null]],
  ['setRules', valid[12]![1], 'rules.0.action.do', ['', 'copy', 1, null]],
  ['setRules', valid[12]![1], 'rules.0.action.lengthPages', notIds],
  ['setRules', valid[12]![1], 'rules.0.action.action.source.byte', [-1, 256, 0.5, '90', null]],
  ['setRules', valid[12]![1], 'rules.1.match.kinds.0', ['MISSING', '', 1, null]],
  ['setRules', valid[12]![1], 'rules.1.match.hitCondition', ['', 'five', '=> 5', 5, null]],
  ['setRules', valid[12]![1], 'rules.1.match.ranges.0', ['', '0x1000', '0x3000-0x1000', 5, null]],
];

/** A copy of `json` in which the value at `path` is `value`, or left out when undefined. */
function changed(json: Json, path: string, value: Json | undefined): Json {
  const copy = structuredClone(json);
  const keys = path.split('.');
  const last = keys.pop()!;
  const holder = keys.reduce((at, key) => (at as Record<string, Json>)[key]!, copy) as Record<string, Json>;
  if (value === undefined) {
    Reflect.deleteProperty(holder, last);
  } else {
    holder[last] = value;
  }
  return copy;
}

/** The error of a refused request; checks that it is the helper's own. Undefined when it is accepted. */
function refusalOf(name: RequestName, params: unknown): { field: string; message: string } | undefined {
  try {
    checkParams(schemas[name], params);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ResponseError, `${name} ${JSON.stringify(params)}: ${String(error)}`);
    const { code, message, data } = error as ResponseError<ErrorDto>;
    assert.equal(code, helperErrorCode);
    assert.equal(data?.cause, 'invalidParams');
    assert.match(message, /^Request field .+: .+\.$/s);
    return { field: data.field!, message };
  }
}

function randomJson(random: SeededRandom, depth: number): Json {
  const names = [
    'sessionId',
    'pid',
    'fd',
    'faultIds',
    'action',
    'ioctl',
    'what',
    'rule',
    '__proto__',
    '',
    'a.b',
  ];
  switch (random.below(depth > 0 ? 7 : 5)) {
    case 0:
      return random.pick([null, true, false]);
    case 1:
      return random.pick([0, 1, -1, 1.5, 1e308, random.word()]);
    case 2:
      return random.pick(['', '0x1000', 'copy', 'fill', 'AQI=', 'constructor', '\u0000\ud800']);
    case 3:
      return random.pick([[], {}, fill, zeropage]);
    case 4:
      return random.word();
    case 5:
      return Array.from({ length: random.below(4) }, () => randomJson(random, depth - 1));
    default: {
      const entries = Array.from({ length: random.below(5) }, () => [
        random.pick(names),
        randomJson(random, depth - 1),
      ]);
      return Object.fromEntries(entries) as Json;
    }
  }
}

describe('request checks', () => {
  for (const [name, params] of valid) {
    it(`accept ${name} ${JSON.stringify(params)}`, () => {
      assert.deepEqual(checkParams(schemas[name], params), params);
    });
  }

  for (const [name, params, field, values] of refused) {
    it(`name ${field} of ${name} when it is wrong: ${JSON.stringify(values)}`, () => {
      assert.equal(refusalOf(name, params), undefined);
      for (const value of values) {
        const refusal = refusalOf(name, changed(params, field, value));
        assert.equal(refusal?.field, field, JSON.stringify(value));
        assert.ok(refusal.message.startsWith(`Request field ${field}: `), refusal.message);
      }
    });
  }

  it('name a field that is missing', () => {
    for (const [name, params, field] of refused) {
      const isOptional =
        ['partialResultToken', 'fd', 'closesLast'].includes(field) || field.includes('.match.');
      if (!isOptional && !field.startsWith('what.') && !/\.\d+$/.test(field)) {
        assert.equal(refusalOf(name, changed(params, field, undefined))?.field, field, `${name} ${field}`);
      }
    }
  });

  it('name a field that does not belong there', () => {
    for (const [name, params, field] of [
      ['attach', { pid: 1 }, 'path'],
      ['resolve', valid[5]![1], 'action.mode'],
      ['resolve', valid[5]![1], 'action.source.path'],
      ['setRules', valid[12]![1], 'rules.0.match.address'],
    ] as const) {
      assert.equal(refusalOf(name, changed(params, field, 'x'))?.field, field);
    }
  });

  it('refuse params that are no object as a whole', () => {
    for (const params of [undefined, null, 5, 'x', true]) {
      const refusal = refusalOf('session', params);
      assert.equal(refusal?.field, '');
      assert.match(refusal.message, /^Request field \(whole\): /);
    }
  });

  it('answer arbitrary JSON with the helper’s own error and nothing else', () => {
    const random = new SeededRandom(51);
    const names = Object.keys(schemas) as RequestName[];
    for (let i = 0; i < 10_000; i++) {
      refusalOf(random.pick(names), randomJson(random, 4));
    }
  });

  it('answer valid requests with one field replaced by arbitrary JSON the same way', () => {
    const random = new SeededRandom(52);
    let refusals = 0;
    for (let i = 0; i < 10_000; i++) {
      const [name, params, field] = random.pick(refused);
      refusals += refusalOf(name, changed(params, field, randomJson(random, 3))) === undefined ? 0 : 1;
    }
    assert.ok(refusals > 5000);
  });

  it('accept the bytes of huge pages', () => {
    const bytes = Buffer.alloc(4 << 20, 7).toString('base64');
    const action = { ...copy, source: { kind: 'bytes', bytes } };
    assert.deepEqual(checkParams(schemas.resolve, resolve(action)).action, action);
  });

  it('name the field of a wake that has the wrong type', () => {
    for (const [what, field] of [
      [{ start: 5, lengthBytes: 4096 }, 'what.start'],
      [{ start: '0x1000', lengthBytes: '4096' }, 'what.lengthBytes'],
      [{ faultIds: ['7'] }, 'what.faultIds.0'],
      [{ faultIds: [7], x: 1 }, 'what.x'],
    ] as const) {
      assert.throws(() => checkParams(schemas.wake, { sessionId: 1, what }), {
        data: { cause: 'invalidParams', field },
      });
    }
  });
});
