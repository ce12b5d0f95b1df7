import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Announcer } from '../../../webview/ui/announcer.ts';

describe('Announcer', () => {
  let spoken: string[];
  let announcer: Announcer;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    spoken = [];
    announcer = new Announcer((text) => spoken.push(text), 1000);
  });
  afterEach(() => mock.timers.reset());

  it('speaks at once, and once more with the latest of what followed', () => {
    for (const text of ['one', 'two', 'three']) {
      announcer.say('selection', () => text);
    }
    assert.deepEqual(spoken, ['one']);
    mock.timers.tick(1000);
    assert.deepEqual(spoken, ['one', 'three']);
  });

  it('keeps topics apart and leaves out what has nothing to say any more', () => {
    announcer.say('selection', () => 'Fault 1.');
    announcer.say('held', () => '3 faults held.');
    announcer.say('phase', () => '');
    announcer.say('end', () => 'The target exited.');
    mock.timers.tick(1000);
    assert.deepEqual(spoken, ['Fault 1.', '3 faults held. The target exited.']);
  });

  it('speaks at once again after a pause', () => {
    announcer.say('held', () => 'first');
    mock.timers.tick(1000);
    announcer.say('held', () => 'second');
    assert.deepEqual(spoken, ['first', 'second']);
  });
});
