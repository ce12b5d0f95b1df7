import assert from 'node:assert/strict';
import { withoutIcons } from '../../../extension/target/withoutIcons.ts';

describe('text of the target', () => {
  it('has no icon syntax left, and reads as before', () => {
    const shown = withoutIcons('sh -c $(error) $($(x)');
    assert.ok(!shown.includes('$('));
    assert.equal(shown.replaceAll('\u200b', ''), 'sh -c $(error) $($(x)');
  });
  it('stays as it is without icons', () => {
    assert.equal(withoutIcons('qemu --cost $5 (a)'), 'qemu --cost $5 (a)');
  });
});
