import assert from 'node:assert/strict';
import { parseMappings } from '../../../native-helper/inspect/pageCache.ts';
import { Pagemap, parsePagemap } from '../../../native-helper/inspect/pagemap.ts';
import { basePageBytes } from '../../../native-helper/abi/uffdAbi.ts';
import { mapAnonymous } from '../../../native-helper/syscalls/nativeMemory.ts';
import { copyToNative } from '../../../native-helper/syscalls/libc.ts';

const entries = (...words: bigint[]) => parsePagemap(new Uint8Array(new BigUint64Array(words).buffer));
const present = 1n << 63n;
const swap = 1n << 62n;
const uffdWp = 1n << 57n;

describe('pagemap', () => {
  it('tells what is at a page', () => {
    assert.deepEqual(
      entries(0n, present | 5n, present | uffdWp, swap | 0x1000n, swap | 31n | uffdWp, swap | uffdWp),
      [
        { content: 'none', isWriteProtected: false },
        { content: 'present', isWriteProtected: false },
        { content: 'present', isWriteProtected: true },
        { content: 'swapped', isWriteProtected: false },
        { content: 'marked', isWriteProtected: true },
        { content: 'swappedOrMarked', isWriteProtected: true },
      ],
    );
  });

  it('passes over bits that are not known here, and over half an entry', () => {
    assert.deepEqual(entries((1n << 58n) | (1n << 61n)), [{ content: 'none', isWriteProtected: false }]);
    assert.equal(parsePagemap(new Uint8Array(15)).length, 1);
  });

  it('of this process tells a touched page from an untouched one', () => {
    const address = mapAnonymous(2 * basePageBytes);
    copyToNative(address, Uint8Array.of(1), 1);
    const pagemap = new Pagemap('/proc', process.pid);
    assert.deepEqual(
      pagemap.entries(address, 2).map(({ content }) => content),
      ['present', 'none'],
    );
    pagemap.close();
  });

  it('of a process that is gone has no entries', () => {
    const pagemap = new Pagemap('/nowhere', 1);
    assert.deepEqual(pagemap.entries(0x1000, 1), []);
    pagemap.close();
  });
});

describe('the mappings of a maps text', () => {
  it('have a name in map_files and a place in their file', () => {
    const maps = '7f0000000000-7f0000004000 rw-s 00002000 00:01 2055   /memfd:a (deleted)\nsomething else\n';
    assert.deepEqual(parseMappings(maps), [
      {
        name: '7f0000000000-7f0000004000',
        start: 0x7f0000000000,
        end: 0x7f0000004000,
        fileOffset: 0x2000,
      },
    ]);
  });
});
