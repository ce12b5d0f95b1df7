import assert from 'node:assert/strict';
import { joinWords, splitWords } from '../../../extension/launch/commandLine.ts';

describe('a typed command line', () => {
  for (const [text, words] of [
    ['', []],
    ['  ', []],
    ['./handler', ['./handler']],
    ['a  b\tc ', ['a', 'b', 'c']],
    [`'a b' "c d"`, ['a b', 'c d']],
    [`--name="a b"c`, ['--name=a bc']],
    [`'' ""`, ['', '']],
    [String.raw`a\ b \"`, ['a b', '"']],
    [String.raw`"a\"b\\c\d"`, [String.raw`a"b\c\d`]],
    [String.raw`'a\b'`, [String.raw`a\b`]],
    ['$HOME *', ['$HOME', '*']],
  ] as const) {
    it(`is split as a shell would: ${text || 'nothing'}`, () => {
      assert.deepEqual(splitWords(text), words);
    });
  }

  it('is refused in words when a quote is open or a backslash ends it', () => {
    assert.match(String(splitWords(`a 'b`)), /quote ' is not closed/);
    assert.match(String(splitWords('a "b')), /quote " is not closed/);
    assert.match(String(splitWords('a \\')), /backslash at the end/);
  });

  it('is written so that it is read as the same words', () => {
    const words = ['./a', '', 'b c', `it's`, '"', '\\', '$x', '--key=value', 'é'];
    assert.deepEqual(splitWords(joinWords(words)), words);
    assert.equal(joinWords(['./a', '-v']), './a -v');
  });
});
