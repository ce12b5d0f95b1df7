import assert from 'node:assert/strict';
import {
  commandEntries,
  gesturesInWords,
  keyCommand,
  keyLabels,
  type KeyPress,
  titleWithKey,
} from '../../../webview/input/keys.ts';

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

  it('takes W, A, S, D by their place on the keyboard, with Shift further', () => {
    assert.equal(press({ code: 'KeyW', key: 'z' }), 'zoomIn');
    assert.equal(press({ code: 'KeyA', key: 'q' }), 'panLeft');
    assert.equal(press({ code: 'KeyA', key: 'Q', shiftKey: true }), 'panLeftFar');
  });

  it('takes signs by what the layout types', () => {
    assert.equal(press({ code: 'Slash', key: '?', shiftKey: true }), 'toggleKeys');
    assert.equal(press({ code: 'Equal', key: '+', shiftKey: true }), 'zoomIn');
    assert.equal(press({ code: 'Digit7', key: '/', shiftKey: true }), 'filterLedger');
    assert.equal(press({ code: 'BracketLeft', key: '[' }), 'previousMark');
  });

  it('takes the other letters by what the layout types', () => {
    assert.equal(press({ code: 'KeyB', key: 'n' }), 'nextHeld');
    assert.equal(press({ code: 'KeyN', key: 'j' }), undefined);
    assert.equal(press({ code: 'KeyY', key: 'f' }), 'fitSelection');
    assert.equal(press({ code: 'KeyT', key: 't' }), 'toggleLedger');
  });

  it('tells each letter from itself with Shift', () => {
    assert.equal(press({ code: 'KeyN', key: 'N', shiftKey: true }), 'previousHeld');
    assert.equal(press({ code: 'KeyM', key: 'm' }), 'mark');
    assert.equal(press({ code: 'KeyM', key: 'M', shiftKey: true }), 'keepMark');
    assert.equal(press({ code: 'Home', key: 'Home' }), 'goToStart');
    assert.equal(press({ code: 'Home', key: 'Home', shiftKey: true }), 'extendToFirst');
  });

  it('leaves every chord to VS Code', () => {
    assert.equal(press({ code: 'KeyW', key: 'w', ctrlKey: true }), undefined);
    assert.equal(press({ code: 'KeyF', key: 'f', metaKey: true }), undefined);
    assert.equal(press({ code: 'KeyS', key: 's', altKey: true }), undefined);
  });

  it('means by each key of the table the command that it is written beside, and no other', () => {
    for (const [command, { keys }] of commandEntries) {
      for (const { code = '', types = [''], shift = false } of keys) {
        for (const key of types) {
          assert.equal(press({ code, key, shiftKey: shift }), command, `${command}: ${code}${key}`);
        }
      }
    }
    const labels = commandEntries.flatMap(([, entry]) => keyLabels(entry));
    assert.deepEqual(
      labels.filter((label, n) => labels.indexOf(label) !== n),
      [],
    );
  });

  it('writes chords as people do, and tells in tooltips the first key', () => {
    const find = commandEntries.find(([command]) => command === 'find')![1];
    assert.deepEqual(keyLabels(find), ['Ctrl+F']);
    assert.equal(titleWithKey('findPrevious'), 'Find Previous (Shift+F3)');
    assert.equal(titleWithKey('toggleKeys'), 'Show or Hide Keys and Signs (?)');
    assert.equal(titleWithKey('copyFault'), 'Copy Fault');
  });

  it('says what the wheel does as it is set', () => {
    const [modern] = gesturesInWords('modern');
    const [classic] = gesturesInWords('classic');
    assert.deepEqual([modern?.keys[0], classic?.keys[0]], ['Ctrl+Wheel', 'Wheel']);
  });
});
