import assert from 'node:assert/strict';
import { ResponseError } from 'vscode-jsonrpc';
import { helperErrorCode, type ErrorDto } from '../../../native-helper/protocol.ts';
import { checkParams, schemas } from '../../../native-helper/requestSchemas.ts';
import { SeededRandom } from './seededRandom.ts';

type RequestName = keyof typeof schemas;
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const fill = { ioctl: 'copy', source: { kind: 'fill', byte: 90 }, dontWake: false };
const pattern = { ioctl: 'copy', source: { kind: 'pattern', bytes: 'AQI=' }, dontWake: true };
const given = { ioctl: 'copy', source: { kind: 'bytes', bytes: 'AQID' }, dontWake: false };
const zeropage = { ioctl: 'zeropage', dontWake: false };

/** Requests as they should be, at least one of each form. */
const valid: readonly (readonly [RequestName, Json])[] = [
  ['processList', {}],
  ['processList', { partialResultToken: 'token' }],
  ['attach', { pid: 4711 }],
  ['attach', { pid: 4711, fd: 0 }],
  ['session', { sessionId: 1 }],
  ['resolve', { sessionId: 1, faultIds: [1, 0xffffffff], action: fill, lengthPages: 1 }],
  ['resolve', { sessionId: 1, faultIds: [7], action: pattern, lengthPages: 512 }],
  ['resolve', { sessionId: 1, faultIds: [7], action: given, lengthPages: 1 }],
  ['resolve', { sessionId: 1, faultIds: [7], action: zeropage, lengthPages: 1 }],
  ['wake', { sessionId: 1, what: { faultIds: [7] } }],
  ['wake', { sessionId: 1, what: { start: '0x7f0000001000', lengthBytes: 4096 } }],
  ['setRule', { sessionId: 1, rule: null }],
  ['setRule', { sessionId: 1, rule: fill }],
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
  ['resolve', valid[5]![1], 'sessionId', notIds],
  ['resolve', valid[5]![1], 'faultIds', [[], 1, '1', null]],
  ['resolve', valid[5]![1], 'faultIds.1', notIds],
  ['resolve', valid[5]![1], 'lengthPages', notIds],
  ['resolve', valid[5]![1], 'action', [null, 1, 'copy']],
  ['resolve', valid[5]![1], 'action.ioctl', ['COPY', 'move', '', 1, null]],
  ['resolve', valid[5]![1], 'action.dontWake', notBooleans],
  ['resolve', valid[5]![1], 'action.source', [null, 90, 'fill']],
  ['resolve', valid[5]![1], 'action.source.kind', ['file', '', 1, null]],
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
  ['setRule', valid[12]![1], 'sessionId', notIds],
  ['setRule', valid[12]![1], 'rule', [false, 0, 'copy']],
  ['setRule', valid[12]![1], 'rule.source.byte', [-1, 256, 0.5, '90', null]],
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
      const isOptional = ['partialResultToken', 'fd'].includes(field);
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
      ['setRule', { sessionId: 1, rule: zeropage }, 'rule.source'],
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
    const rule = { ioctl: 'copy', dontWake: false, source: { kind: 'bytes', bytes } };
    assert.deepEqual(checkParams(schemas.setRule, { sessionId: 1, rule }).rule, rule);
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
