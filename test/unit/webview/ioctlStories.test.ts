import assert from 'node:assert/strict';
import { kindCode } from '../../../native-helper/log/eventRows.ts';
import { IoctlStories, noIoctls } from '../../../webview/model/ioctlStories.ts';

describe('IoctlStories', () => {
  it('tells every ioctl in order, with DONTWAKE and the errno of a failure', () => {
    const stories = new IoctlStories();
    const failed = stories.after(noIoctls, kindCode.copy, 17, true);
    const woken = stories.after(failed, kindCode.wake, 0, false);
    assert.equal(stories.words(noIoctls), '');
    assert.equal(stories.words(failed), 'COPY DONTWAKE EEXIST');
    assert.equal(stories.words(woken), 'COPY DONTWAKE EEXIST, WAKE');
  });

  it('keeps the same story once, however many faults have it', () => {
    const stories = new IoctlStories();
    const first = stories.after(noIoctls, kindCode.copy, 0, false);
    stories.after(noIoctls, kindCode.zeropage, 0, false);
    assert.equal(stories.after(noIoctls, kindCode.copy, 0, false), first);
    assert.equal(stories.count, 3);
  });

  it('counts repetitions instead of listing them', () => {
    const stories = new IoctlStories();
    let story = noIoctls;
    for (let n = 0; n < 5; n++) {
      story = stories.after(story, kindCode.copy, 11, false);
    }
    assert.equal(stories.words(story), 'COPY EAGAIN × 5');
    assert.equal(stories.words(stories.after(story, kindCode.copy, 0, false)), 'COPY EAGAIN × 5, COPY');
  });
});
