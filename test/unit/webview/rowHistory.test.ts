import assert from 'node:assert/strict';
import { RowHistory } from '../../../webview/model/rowHistory.ts';
import { batch, copy, pageBytes, raised, read, row, served, wake } from './buildRows.ts';

describe('RowHistory', () => {
  const fault = { id: 2, address: BigInt(5 * pageBytes), raisedNs: 20, endNs: 60 };
  const kinds = (history: RowHistory, of = fault): string[] =>
    history.rowsOf(of).map(({ kind, sequence }) => `${sequence} ${kind}`);

  it('finds rows with the fault’s id and those whose range covers its address', () => {
    const history = new RowHistory();
    history.add(batch(1, raised(10, 1, 9), raised(20, 2, 5), read(30, 2), read(31, 1)));
    history.add(batch(5, copy(40, 5), copy(41, 6), wake(60, 3, 4), wake(60, 6, 4)));
    assert.deepEqual(kinds(history), ['2 raised', '3 read', '5 copy', '7 wake']);
  });

  it('leaves out what acted on that page before the fault was raised or after it was over', () => {
    const history = new RowHistory();
    history.add(batch(1, copy(10, 5), raised(20, 2, 5), copy(60, 5), copy(61, 5)));
    assert.deepEqual(kinds(history), ['2 raised', '3 copy']);
    assert.deepEqual(kinds(history, { ...fault, endNs: NaN }), ['2 raised', '3 copy', '4 copy']);
  });

  it('finds what was added since it was asked for the same fault', () => {
    const history = new RowHistory();
    const open = { ...fault, endNs: NaN };
    history.add(batch(1, raised(20, 2, 5)));
    assert.deepEqual(kinds(history, open), ['1 raised']);
    history.add(batch(2, read(30, 2), copy(60, 5), copy(70, 5)));
    assert.deepEqual(kinds(history), ['1 raised', '2 read', '3 copy']);
    assert.deepEqual(kinds(history, { ...fault, id: 9 }), ['3 copy']);
    assert.deepEqual(kinds(history), ['1 raised', '2 read', '3 copy']);
  });

  it('leaves out the rows of a batch that came in an earlier one', () => {
    const history = new RowHistory();
    history.add(batch(1, raised(20, 2, 5), read(30, 2)));
    history.add(batch(2, read(30, 2), copy(40, 5)), 1);
    assert.deepEqual(kinds(history), ['1 raised', '2 read', '3 copy']);
    assert.equal(history.count, 3);
  });

  it('tells the three events of a fault that took one row', () => {
    const history = new RowHistory();
    history.add(batch(1, served(20, 1, 4), served(60, 2, 5), served(65, 3, 5)));
    const story = history.rowsOf({ ...fault, raisedNs: 50 });
    assert.deepEqual(
      story.map(({ sequence, kind, timeNs }) => [sequence, kind, timeNs]),
      [
        [2, 'raised', 50],
        [2, 'read', 55],
        [2, 'copy', 60],
      ],
    );
  });

  it('of another fault’s served row takes the ioctl, wherever in its huge page that fault was', () => {
    const history = new RowHistory();
    const huge = { lengthBytes: 512 * pageBytes };
    history.add(batch(1, raised(20, 2, 513), served(30, 3, 1000, huge), served(40, 4, 1024, huge)));
    assert.deepEqual(kinds(history, { ...fault, address: BigInt(513 * pageBytes) }), ['1 raised', '2 copy']);
  });

  it('compares addresses above 2^53 exactly', () => {
    const address = 0x1f_ffff_ffff_f000n;
    const history = new RowHistory();
    const at = (offset: bigint) => row('wake', 30, { address: address + offset, lengthBytes: pageBytes });
    history.add(batch(1, at(-4096n), at(0n), at(4096n)));
    assert.deepEqual(kinds(history, { ...fault, address }), ['2 wake']);
  });
});
