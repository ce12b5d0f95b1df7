import assert from 'node:assert/strict';
import { BusyPoll } from '../../../native-helper/capture/busyPoll.ts';

const longPauseNs = 1e6;

describe('busy polling', () => {
  it('does not begin with messages that come one by one', () => {
    const busyPoll = new BusyPoll(false);
    for (let timeNs = 0; timeNs < 10 * longPauseNs; timeNs += longPauseNs) {
      busyPoll.onAnswered(timeNs);
      assert.equal(busyPoll.goesOn(timeNs + 1000), false);
    }
  });

  it('begins when one message soon follows another', () => {
    const busyPoll = new BusyPoll(false);
    busyPoll.onAnswered(1000);
    busyPoll.onAnswered(6000);
    assert.equal(busyPoll.goesOn(7000), true);
  });

  it('lasts for as long as messages are found, however long another thread has run meanwhile', () => {
    const busyPoll = new BusyPoll(false);
    busyPoll.onAnswered(1000);
    busyPoll.onAnswered(6000);
    busyPoll.onAnswered(longPauseNs);
    assert.equal(busyPoll.goesOn(longPauseNs + 1000), true);
  });

  it('ends when nothing has come for a while, and a single message does not begin it anew', () => {
    const busyPoll = new BusyPoll(false);
    busyPoll.onAnswered(1000);
    busyPoll.onAnswered(6000);
    assert.equal(busyPoll.goesOn(longPauseNs), false);
    busyPoll.onAnswered(2 * longPauseNs);
    assert.equal(busyPoll.goesOn(2 * longPauseNs + 1000), false);
  });

  it('follows every message of a uffd that cannot be polled, for a while', () => {
    const busyPoll = new BusyPoll(true);
    assert.equal(busyPoll.goesOn(0), false);
    busyPoll.onAnswered(1000);
    assert.equal(busyPoll.goesOn(2000), true);
    assert.equal(busyPoll.goesOn(longPauseNs), false);
  });
});
