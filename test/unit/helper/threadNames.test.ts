import assert from 'node:assert/strict';
import { ThreadNames } from '../../../native-helper/capture/threadNames.ts';
import { eventually } from '../../helper/eventually.ts';

describe('names of threads', () => {
  const { title } = process;
  afterEach(() => {
    process.title = title;
  });

  it('follow a thread that is named after it was first asked for', async () => {
    process.title = 'early';
    const names = new ThreadNames(process.pid);
    assert.equal(names.isNamed(process.pid, 'late'), false);
    process.title = 'late';
    await eventually('the new name is seen', () => names.isNamed(process.pid, 'late'));
  });

  it('match none that is gone', () => {
    assert.equal(new ThreadNames(process.pid).isNamed(0x7fffffff, 'late'), false);
  });
});
