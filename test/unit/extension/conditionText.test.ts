import assert from 'node:assert/strict';
import { formatCondition, parseCondition, type Condition } from '../../../extension/rules/conditionText.ts';

describe('the condition of a rule as text', () => {
  const conditions: [string, Condition][] = [
    ['', {}],
    ['missing', { kinds: ['missing'] }],
    ['missing wp thread=1234', { kinds: ['missing', 'wp'], thread: 1234 }],
    [
      'thread=vcpu0 0x1000-0x2000 0x4000-0x5000',
      { thread: 'vcpu0', ranges: ['0x1000-0x2000', '0x4000-0x5000'] },
    ],
    ['thread="CPU 0/KVM"', { thread: 'CPU 0/KVM' }],
    ['thread="12"', { thread: '12' }],
  ];
  for (const [text, condition] of conditions) {
    it(`reads and writes “${text}”`, () => {
      assert.deepEqual(parseCondition(text), condition);
      assert.equal(formatCondition(condition), text);
    });
  }

  it('takes each kind once, whatever its case', () => {
    assert.deepEqual(parseCondition('WP wp Missing'), { kinds: ['wp', 'missing'] });
  });

  for (const [text, named] of [
    ['mising', 'mising'],
    ['thread=', 'thread='],
    ['thread=0', 'thread=0'],
    ['thread=99999999999', 'thread=99999999999'],
    ['thread=a thread=b', 'thread=b'],
    ['0x2000-0x1000', '0x2000-0x1000'],
    ['0x1000', '0x1000'],
  ] as const) {
    it(`names what is wrong in “${text}”`, () => {
      const parsed = parseCondition(text);
      assert.ok('problem' in parsed && parsed.problem.includes(`“${named}”`));
    });
  }
});
