import assert from 'node:assert/strict';
import { ioctlFor, obstacleOf } from '../../../webview/model/ioctlChoice.ts';
import { preflightOf } from '../../ui/page/sampleAnswers.ts';

describe('the ioctl the form begins with', () => {
  it('is the usual one for the kind of fault, before a preflight has answered too', () => {
    assert.deepEqual(
      (['missing', 'minor', 'wp'] as const).map((kind) => ioctlFor({}, kind, null)),
      ['copy', 'continue', 'unprotect'],
    );
  });

  it('is the first that is offered', () => {
    assert.equal(ioctlFor({}, 'missing', preflightOf({ copy: 'present' })), 'zeropage');
    assert.equal(ioctlFor({}, 'minor', preflightOf({ continue: 'not in the page cache' })), 'copy');
    assert.equal(ioctlFor({}, 'wp', preflightOf({ unprotect: 'gone' })), 'unprotect', 'when none is');
  });

  it('is what the user chose for that kind, whatever is offered', () => {
    const chosen = { missing: 'poison' } as const;
    assert.equal(ioctlFor(chosen, 'missing', preflightOf({ poison: 'no' })), 'poison');
    assert.equal(ioctlFor(chosen, 'minor', null), 'continue');
  });

  it('is MOVE only by choice, which has its reason even before a preflight', () => {
    assert.match(obstacleOf(null, 'move'), /frozen handler thread/);
    assert.equal(obstacleOf(preflightOf({}), 'move'), '');
    assert.equal(obstacleOf(null, 'copy'), '');
  });
});
