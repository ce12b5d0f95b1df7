import assert from 'node:assert/strict';
import { keyCommand, type KeyPress } from '../../../webview/input/keys.ts';

describe('keys', () => {
  const press = (more: Partial<KeyPress>) =>
    keyCommand({
      key: '',
      code: '',
      shiftKey: false,
      ctrlKey: false,
      altKey: false,
      metaKey: false,
      ...more,
    });

  it('takes W, A, S, D by their place on the keyboard', () => {
    assert.equal(press({ code: 'KeyW', key: 'z' }), 'zoomIn');
    assert.equal(press({ code: 'KeyA', key: 'q' }), 'panLeft');
  });

  it('takes signs by what the layout types', () => {
    assert.equal(press({ code: 'Slash', key: '?', shiftKey: true }), 'toggleKeys');
    assert.equal(press({ code: 'Equal', key: '+', shiftKey: true }), 'zoomIn');
  });

  it('takes the other letters by what the layout types', () => {
    assert.equal(press({ code: 'KeyB', key: 'n' }), 'nextHeld');
    assert.equal(press({ code: 'KeyN', key: 'b' }), undefined);
    assert.equal(press({ code: 'KeyY', key: 'f' }), 'fitSelection');
    assert.equal(press({ code: 'KeyP', key: 'L', shiftKey: true }), 'toggleFollow');
  });

  it('tells N from Shift+N', () => {
    assert.equal(press({ code: 'KeyN', key: 'n' }), 'nextHeld');
    assert.equal(press({ code: 'KeyN', key: 'N', shiftKey: true }), 'previousHeld');
  });

  it('tells all held from those of this range, and finds the ledger', () => {
    assert.equal(press({ code: 'KeyH', key: 'h' }), 'selectAllHeld');
    assert.equal(press({ code: 'KeyH', key: 'H', shiftKey: true }), 'selectHeldInRange');
    assert.equal(press({ code: 'KeyT', key: 't' }), 'toggleLedger');
    assert.equal(press({ code: 'Digit7', key: '/', shiftKey: true }), 'filterLedger');
  });

  it('leaves every chord to VS Code', () => {
    assert.equal(press({ code: 'KeyW', key: 'w', ctrlKey: true }), undefined);
    assert.equal(press({ code: 'KeyF', key: 'f', metaKey: true }), undefined);
    assert.equal(press({ code: 'KeyS', key: 's', altKey: true }), undefined);
  });
});
