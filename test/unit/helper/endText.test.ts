import assert from 'node:assert/strict';
import { endText } from '../../../native-helper/attach/endText.ts';

describe('end texts', () => {
  it('count what was handed back', () => {
    assert.equal(
      endText(42, 'detached', 1, '', false),
      'Detached from process 42; 1 open fault was handed back.',
    );
    assert.equal(
      endText(42, 'detached', 3, '', false),
      'Detached from process 42; 3 open faults were handed back.',
    );
  });

  it('promise no hand back where there is nobody to hand back to', () => {
    for (const reason of ['detached', 'guardianLost'] as const) {
      const text = endText(42, reason, 2, '', true);
      assert.match(
        text,
        /was closed: its threads go on, and missing pages read as zeros \(2 faults were open\)/,
      );
      assert.doesNotMatch(text, /handed back/);
    }
  });

  it('name no process where none is known', () => {
    for (const reason of [
      'detached',
      'targetExited',
      'targetExeced',
      'uffdFailed',
      'guardianLost',
    ] as const) {
      const text = endText(0, reason, 0, 'EIO', true);
      assert.match(text, /[aA] forked child/);
      assert.match(text, /^[A-Z].*\.$/);
      assert.doesNotMatch(text, /process 0/i);
    }
  });
});
