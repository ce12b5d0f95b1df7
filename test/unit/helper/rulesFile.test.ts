import assert from 'node:assert/strict';
import { checkRules } from '../../../native-helper/rules/checkRules.ts';
import type { FaultRule } from '../../../native-helper/rules/faultRule.ts';
import { formatRules, parseKeptRules, parseRules } from '../../../native-helper/rules/parseRules.ts';
import { toRuleDto } from '../../../native-helper/rules/ruleDto.ts';
import { isHitCondition, isRangeText } from '../../../native-helper/rules/ruleText.ts';

type Rule = FaultRule<{ readonly path: string }>;

const hold: Rule = { name: '', isEnabled: true, match: {}, action: { do: 'hold' }, delayMs: 0 };

/** Line, key and the sentence after them. */
function problemsOf(text: string): [number, string, string][] {
  const parsed = parseRules(text);
  assert.ok('problems' in parsed, 'the file was accepted');
  return parsed.problems.map(({ line, key, text }) => {
    assert.ok(text.startsWith(`Line ${line}: ${key === '' ? 'The file' : key} `), text);
    assert.match(text, /\.$/);
    return [line, key, text.slice(`Line ${line}: ${key} `.length)];
  });
}

/** A file with one rule a line, from line 2 on. */
function file(...rules: string[]): string {
  return `{ "rules": [\n${rules.join(',\n')}\n] }`;
}
const holding = '"action": { "do": "hold" }';

describe('a rules file', () => {
  it('may have comments and trailing commas, and leave out what has a default', () => {
    assert.deepEqual(
      parseRules(`{
        // all of it
        "rules": [
          { "action": { "do": "resolve", "action": { "ioctl": "copy", "source": { "kind": "fill", "byte": 7 } } } },
        ],
      }`),
      {
        rules: [
          {
            ...hold,
            action: {
              do: 'resolve',
              action: { ioctl: 'copy', source: { kind: 'fill', byte: 7 }, dontWake: false, wp: false },
              lengthPages: 1,
              around: false,
            },
          },
        ],
      },
    );
  });

  it('parses back to the rules that it was written from', () => {
    const rules: Rule[] = [
      {
        name: 'the “heap”',
        isEnabled: false,
        match: {
          ranges: ['0x1000-0x2000', '0x7f0000000000-0x7f0000100000'],
          kinds: ['missing', 'minor'],
          thread: 'vcpu 0',
          hitCondition: '% 5',
        },
        action: {
          do: 'resolve',
          action: {
            ioctl: 'copy',
            source: { kind: 'image', file: { path: 'heap.img' }, base: '0x7f0000000000' },
            dontWake: true,
            wp: true,
          },
          lengthPages: 8,
          around: true,
        },
        delayMs: 1.5,
      },
      { ...hold, match: { thread: 12 }, action: { do: 'log' } },
      { ...hold, match: { kinds: ['wp'] }, action: { do: 'wake' }, delayMs: 10 },
      ...(
        [
          { ioctl: 'writeprotect', protect: true, dontWake: false },
          { ioctl: 'continue', dontWake: false, wp: true },
          { ioctl: 'poison', dontWake: true },
          { ioctl: 'zeropage', dontWake: false },
          {
            ioctl: 'copy',
            source: { kind: 'file', file: { path: '/p' }, offsetBytes: 0 },
            dontWake: false,
            wp: false,
          },
        ] as const
      ).map((action, i) => ({
        ...hold,
        match: { thread: 100 + i },
        action: { do: 'resolve', action, lengthPages: 1, around: false } as const,
      })),
      hold,
    ];
    assert.deepEqual(parseRules(formatRules(rules)), { rules });
    assert.deepEqual(checkRules(rules), []);
  });

  it('that is no JSON is refused with the line where it stops being JSON', () => {
    assert.deepEqual(
      problemsOf(`{ "rules": [\n{ ${holding} }\n`).map(([line]) => line),
      [3],
    );
    assert.equal(problemsOf('')[0]![0], 1);
    assert.equal(problemsOf('{ "rules": [\n{ "action" { "do": "hold" } }]}')[0]![0], 2);
  });

  it('with an unknown or missing key names it, and the keys that there are', () => {
    assert.deepEqual(problemsOf(file(`{ ${holding} }`, `{\n"nam": "x",\n${holding} }`)), [
      [4, 'rules[1].nam', 'is no key here; there are name, isEnabled, match, action, delayMs.'],
    ]);
    assert.deepEqual(problemsOf(file('{ "name": "x" }')), [[2, 'rules[0].action', 'is missing.']]);
    assert.deepEqual(problemsOf('{}'), [[1, 'rules', 'is missing.']]);
  });

  it('with a key given twice is refused', () => {
    assert.deepEqual(problemsOf(file(`{ "delayMs": 1, ${holding}, "delayMs": 2 }`))[0], [
      2,
      'rules[0].delayMs',
      'is given more than once.',
    ]);
  });

  it('with bad numbers, texts and types names each by line and key', () => {
    const copy = (source: string): string =>
      `{ "action": { "do": "resolve",\n"action": { "ioctl": "copy",\n"source": ${source} } } }`;
    const cases: [string, number, string, RegExp][] = [
      [`{ ${holding},\n"delayMs": -1 }`, 3, 'rules[0].delayMs', /0 or more milliseconds, not -1/],
      [`{ ${holding}, "isEnabled": "yes" }`, 2, 'rules[0].isEnabled', /true or false, not "yes"/],
      [`{ ${holding}, "match": { "thread": 1.5 } }`, 2, 'rules[0].match.thread', /a thread id/],
      [
        `{ ${holding}, "match": {\n"hitCondition": "every 5" } }`,
        3,
        'rules[0].match.hitCondition',
        /such as 5/,
      ],
      [`{ ${holding}, "match": { "kinds": ["write"] } }`, 2, 'rules[0].match.kinds[0]', /"missing", "wp"/],
      [`{ ${holding}, "match": { "kinds": [] } }`, 2, 'rules[0].match.kinds', /leave it out/],
      [
        `{ ${holding}, "match": { "ranges": ["0x2000-0x1000"] } }`,
        2,
        'rules[0].match.ranges[0]',
        /end after its start/,
      ],
      ['{ "action": { "do": "resolv" } }', 2, 'rules[0].action.do', /"hold", "log", "wake", "resolve", not/],
      [
        '{ "action": { "do": "resolve", "action": { "ioctl": "move", "source": "0x1000" } } }',
        2,
        'rules[0].action.action.ioctl',
        /is no ioctl for a rule: move runs inside a frozen thread/,
      ],
      [copy('{ "kind": "fill", "byte": 256 }'), 4, 'rules[0].action.action.source.byte', /0 to 255, not 256/],
      [copy('{ "kind": "bytes", "bytes": "A" }'), 4, 'rules[0].action.action.source.bytes', /base64/],
      [
        copy('{ "kind": "file", "file": "x" }'),
        4,
        'rules[0].action.action.source.file',
        /an object with path/,
      ],
      [
        copy('{ "kind": "image", "file": { "path": "x" }, "base": 4096 }'),
        4,
        'rules[0].action.action.source.base',
        /hex address in quotes/,
      ],
    ];
    for (const [rule, line, key, sentence] of cases) {
      const [problem, ...more] = problemsOf(file(rule));
      assert.deepEqual([problem?.[0], problem?.[1], more], [line, key, []], rule);
      assert.match(problem![2], sentence);
    }
  });

  it('names every problem, not only the first', () => {
    assert.deepEqual(
      problemsOf(file(`{ ${holding}, "delayMs": "x" }`, `{ "isEnabled": 1, ${holding} }`)).map(
        ([line, key]) => [line, key],
      ),
      [
        [2, 'rules[0].delayMs'],
        [3, 'rules[1].isEnabled'],
      ],
    );
  });

  it('with ranges that overlap is refused, within a rule and between rules without other conditions', () => {
    const ranges = (...list: string[]): string => `"match": { "ranges": ${JSON.stringify(list)} }`;
    assert.deepEqual(problemsOf(file(`{ ${holding}, ${ranges('0x1000-0x3000', '0x2000-0x4000')} }`)), [
      [
        2,
        'rules[0].match.ranges[1]',
        '(0x2000-0x4000) overlaps 0x1000-0x3000 of the same rule; make one range of them.',
      ],
    ]);
    const [problem] = problemsOf(
      file(
        `{ "name": "low", ${ranges('0x1000-0x3000')}, ${holding} }`,
        `{ ${ranges('0x5000-0x6000', '0x2000-0x4000')}, "action": { "do": "wake" } }`,
      ),
    );
    assert.deepEqual(problem?.slice(0, 2), [3, 'rules[1].match.ranges[1]']);
    assert.match(problem[2], /overlaps 0x1000-0x3000 of rules\[0\] \(“low”\)/);
    // Another condition says which of the two is meant.
    assert.ok(
      'rules' in
        parseRules(
          file(
            `{ "match": { "ranges": ["0x1000-0x3000"], "kinds": ["wp"] }, ${holding} }`,
            `{ ${ranges('0x2000-0x4000')}, ${holding} }`,
          ),
        ),
    );
  });

  it('with a rule that an earlier one leaves nothing for is refused', () => {
    for (const [earlier, later] of [
      ['{}', '{ "kinds": ["wp"], "hitCondition": "% 2" }'],
      ['{ "kinds": ["wp", "minor"] }', '{ "kinds": ["wp"], "thread": "x" }'],
      ['{ "ranges": ["0x1000-0x9000"] }', '{ "ranges": ["0x2000-0x3000"], "kinds": ["wp"] }'],
    ]) {
      const [problem, ...more] = problemsOf(
        file(`{ "match": ${earlier}, ${holding} }`, `{ "match": ${later}, ${holding} }`),
      );
      assert.deepEqual([problem?.[0], problem?.[1], more], [3, 'rules[1]', []]);
      assert.match(problem![2], /can never match: rules\[0\] comes first/);
    }
    const accepted = file(
      `{ "action": { "do": "log" } }`,
      `{ "isEnabled": false, ${holding} }`,
      `{ "match": { "hitCondition": "% 2" }, ${holding} }`,
      `{ "match": { "kinds": ["wp"] }, ${holding} }`,
      `{ ${holding} }`,
    );
    assert.ok('rules' in parseRules(accepted));
  });

  it('with a setting that could have no effect is refused', () => {
    assert.deepEqual(problemsOf(file(`{ ${holding}, "delayMs": 5 }`)), [
      [2, 'rules[0].delayMs', 'has no effect, since hold waits for nothing; leave it out.'],
    ]);
  });

  it('with a thread name longer than the kernel keeps is refused', () => {
    const named = (thread: string): string => file(`{ "match": { "thread": "${thread}" }, ${holding} }`);
    const [problem, ...more] = problemsOf(named('blk-mq-worker-01'));
    assert.deepEqual(problem?.slice(0, 2), [2, 'rules[0].match.thread']);
    assert.match(problem[2], /^can never match: .* first 15 bytes .*“blk-mq-worker-01”\.$/);
    assert.deepEqual(more, []);
    assert.ok('rules' in parseRules(named('blk-mq-worker-0')));
    // In bytes of UTF-8: 8 characters of 2.
    assert.equal(problemsOf(named('éééééééé')).length, 1);
  });

  it('never throws, whatever stands in it', () => {
    for (const text of [
      'null',
      '[]',
      '5',
      '"x"',
      '{"rules":null}',
      '{"rules":[null,5,[]]}',
      '\u0000',
      '{"__proto__":1}',
    ]) {
      assert.ok('problems' in parseRules(text), text);
    }
  });
});

describe('rules edited in a view', () => {
  it('are told the same sentences, without lines', () => {
    assert.deepEqual(checkRules([hold, { ...hold, action: { do: 'wake' } }]), [
      {
        rule: 1,
        key: 'rules[1]',
        text: 'rules[1] can never match: rules[0] comes first and takes every fault that it is for; put it before that rule.',
      },
    ]);
    assert.equal(
      checkRules([{ ...hold, match: { hitCondition: '0' } }])[0]!.key,
      'rules[0].match.hitCondition',
    );
  });

  it('that are in each other’s way can be kept', () => {
    const rules = [hold, hold];
    assert.deepEqual(parseKeptRules(formatRules(rules)), { rules });
  });
});

describe('a rule on the wire', () => {
  it('names files by number', () => {
    const source = { kind: 'file', file: { path: 'a.bin' }, offsetBytes: 4096 } as const;
    const action = {
      do: 'resolve',
      action: { ioctl: 'copy', source, dontWake: false, wp: false },
      lengthPages: 1,
      around: false,
    } as const;
    assert.deepEqual(
      toRuleDto({ ...hold, action }, ({ path }) => path.length),
      {
        ...hold,
        action: { ...action, action: { ...action.action, source: { ...source, file: { fileId: 5 } } } },
      },
    );
    assert.deepEqual(
      toRuleDto(hold, () => assert.fail('no file')),
      hold,
    );
  });
});

describe('texts in rules', () => {
  it('accept ranges with a byte in them', () => {
    assert.deepEqual(
      [
        '0x0-0x1',
        '0xFFFF-0x10000',
        '0x1-0x1',
        '0x2-0x1',
        '1-2',
        '0x1',
        '0x1-0x2 ',
        '0x1-0x11111111111111111',
      ].map(isRangeText),
      [true, true, false, false, false, false, false, false],
    );
  });

  it('accept hit conditions that some hit meets', () => {
    for (const text of ['5', '== 5', '==5', '> 0', '>= 0', '< 2', '<= 1', '% 5', ' %5 ']) {
      assert.ok(isHitCondition(text), text);
    }
    for (const text of ['', '0', '% 0', '< 1', '<= 0', '= 5', '5 5', '-1', '1.5', '!= 5', '99999999999']) {
      assert.ok(!isHitCondition(text), text);
    }
  });
});
