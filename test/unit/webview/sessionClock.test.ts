import assert from 'node:assert/strict';
import { SessionClock } from '../../../webview/model/sessionClock.ts';

describe('SessionClock', () => {
  it('carries on what the host said', () => {
    let pageMs = 1000;
    const clock = new SessionClock(() => pageMs);
    clock.set(5e9, true);
    pageMs += 250;
    assert.equal(clock.nowNs(), 5.25e9);
  });

  it('never goes back when the host’s word was long under way', () => {
    let pageMs = 0;
    const clock = new SessionClock(() => pageMs);
    clock.set(5e9, true);
    pageMs = 100;
    clock.set(5.05e9, true);
    assert.equal(clock.nowNs(), 5.1e9);
  });

  it('stands still once the session is over', () => {
    let pageMs = 0;
    const clock = new SessionClock(() => pageMs);
    clock.set(5e9, true);
    clock.set(6e9, false);
    pageMs = 10_000;
    assert.equal(clock.nowNs(), 6e9);
  });

  it('starts anew with a new session', () => {
    const clock = new SessionClock(() => 0);
    clock.set(5e9, true);
    clock.reset();
    clock.set(1e9, true);
    assert.equal(clock.nowNs(), 1e9);
  });
});
