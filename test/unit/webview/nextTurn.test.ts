import assert from 'node:assert/strict';
import { inNextTurn } from '../../../webview/state/nextTurn.ts';

describe('The next turn', () => {
  it('comes later, in the order it was asked for, without those that were taken back', async () => {
    const ran: string[] = [];
    inNextTurn(() => ran.push('first'));
    const takeBack = inNextTurn(() => ran.push('taken back'));
    const last = new Promise<void>((resolve) => {
      inNextTurn(() => {
        ran.push('last');
        resolve();
      });
    });
    takeBack();
    assert.deepEqual(ran, []);
    await last;
    assert.deepEqual(ran, ['first', 'last']);
  });
});
