import assert from 'node:assert/strict';
import { parseRegisteredRanges, readRanges, tmpfsDevices } from '../../../native-helper/inspect/ranges.ts';
import { ProcTree } from './procTree.ts';
import { SeededRandom } from './seededRandom.ts';

/** One mapping as kernel 6.18 writes it into smaps. */
function mapping(header: string, vmFlags: string, kernelPageSize = '4 kB'): string {
  return `${header}
Size:                256 kB
KernelPageSize: ${kernelPageSize.padStart(12)}
MMUPageSize: ${kernelPageSize.padStart(15)}
Rss:                   0 kB
Shared_Hugetlb:        0 kB
Locked:                0 kB
THPeligible:           0
ProtectionKey:         0
VmFlags: ${vmFlags} 
`;
}

const text = mapping(
  '55e080be9000-55e080beb000 r--p 00000000 fe:00 260386                     /usr/bin/head',
  'rd mr mw me',
);
const anonymous = mapping('7f9c2fb04000-7f9c2fb44000 rw-p 00000000 00:00 0 ', 'rd wr mr mw me um ac');
const stack = mapping(
  '7ffd92132000-7ffd92154000 rw-p 00000000 00:00 0                          [stack]',
  'rd wr mr mw me gd ac',
);
const vsyscall = mapping(
  'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]',
  'ex',
);

const modesOf = (vmFlags: string): readonly string[] | undefined =>
  parseRegisteredRanges(mapping('1000-2000 rw-p 00000000 00:00 0', vmFlags))[0]?.modes;

describe('parseRegisteredRanges', () => {
  it('finds the registered mappings of a whole smaps', () => {
    assert.deepEqual(parseRegisteredRanges(text + anonymous + stack + vsyscall), [
      {
        start: '0x7f9c2fb04000',
        lengthBytes: 0x40000,
        modes: ['MISSING'],
        memory: 'anonymous',
        isShared: false,
        pageBytes: 4096,
        thpBytes: 0,
        backing: '',
      },
    ]);
  });

  it('names the modes, and keeps u-flags it does not know', () => {
    assert.deepEqual(modesOf('rd wr um ac'), ['MISSING']);
    assert.deepEqual(modesOf('rd wr um uw ui'), ['MISSING', 'WP', 'MINOR']);
    assert.deepEqual(modesOf('rd wr ur u2'), ['ur', 'u2']);
    assert.equal(modesOf('rd wr mr mw me sh nu uxx u'), undefined);
  });

  it('takes the page size of hugetlb mappings, and of each mapping its own', () => {
    const huge = mapping(
      '7f0000000000-7f0000400000 rw-s 00000000 00:0f 17   /dev/hugepages/guest (deleted)',
      'rd wr um ht',
      '2048 kB',
    );
    const giant = mapping(
      '7f4000000000-7f4040000000 rw-p 00000000 00:0f 18   /anon_hugepage (deleted)',
      'rd wr um ht',
      '1048576 kB',
    );
    const small = anonymous.replace(/KernelPageSize:.*\n/, '');
    const ranges = parseRegisteredRanges(huge + small + giant);
    assert.deepEqual(
      ranges.map(({ pageBytes }) => pageBytes),
      [2 ** 21, 4096, 2 ** 30],
    );
    assert.equal(ranges[2]!.lengthBytes, 2 ** 30);
  });

  it('tells what the memory consists of, and whether it is shared', () => {
    const kinds: [string, string, string, boolean][] = [
      ['rw-p 00000000 00:00 0', 'rd wr um', 'anonymous', false],
      ['rw-p 00000000 00:00 0     [heap]', 'rd wr um', 'anonymous', false],
      ['rw-p 00000000 00:06 5     /dev/zero', 'rd wr um', 'anonymous', false],
      ['rw-s 00000000 00:01 2057  /dev/zero (deleted)', 'rd wr sh um', 'shmem', true],
      ['rw-s 00000000 00:01 2055  /memfd:guest (deleted)', 'rd wr sh um', 'shmem', true],
      ['rw-p 00000000 00:01 2055  /memfd:guest (deleted)', 'rd wr um', 'shmem', false],
      ['rw-s 00000000 00:01 0     /SYSV00000000 (deleted)', 'rd wr sh um', 'shmem', true],
      ['rw-s 00000000 00:1c 7     /dev/shm/guest', 'rd wr sh um', 'shmem', true],
      ['rw-s 00000000 fe:00 7     /srv/memfd:guest', 'rd wr sh uw', 'file', true],
      ['rw-p 00000000 00:2d 7     /merged/file', 'rd wr uw', 'file', false],
      ['rw-s 00000000 00:0f 7     /memfd:huge (deleted)', 'rd wr sh um ht', 'hugetlb', true],
    ];
    for (const [header, vmFlags, memory, isShared] of kinds) {
      const [range] = parseRegisteredRanges(
        mapping(`1000-2000 ${header}`, vmFlags),
        (device) => device === '00:1c',
      );
      assert.deepEqual({ memory: range?.memory, isShared: range?.isShared }, { memory, isShared }, header);
    }
  });

  it('adds up what transparent huge pages map', () => {
    const fields =
      'AnonHugePages:      2048 kB\nShmemPmdMapped:     4096 kB\nFilePmdMapped:         0 kB\nVmFlags:';
    const [range] = parseRegisteredRanges(anonymous.replace('VmFlags:', fields));
    assert.equal(range?.thpBytes, 6 * 2 ** 20);
  });

  it('takes the whole name of a mapping, blanks and colons included', () => {
    for (const backing of [
      '[anon:guest memory]',
      '/memfd:ram (deleted)',
      '/tmp/VmFlags: um',
      '[heap]',
      '/tmp/a\\012b',
    ]) {
      const ranges = parseRegisteredRanges(mapping(`1000-2000 rw-p 00000000 00:00 0   ${backing}`, 'rd um'));
      assert.equal(ranges[0]?.backing, backing);
    }
  });

  it('takes addresses of five-level page tables', () => {
    const [range] = parseRegisteredRanges(
      mapping('fffff000000000-1fffffffffff000 rw-p 00000000 00:00 0', 'rd um'),
    );
    assert.equal(range?.start, '0xfffff000000000');
    assert.equal(BigInt(range.lengthBytes), 0x1fffffffffff000n - 0xfffff000000000n);
  });

  it('gives a range that spans several mappings as several', () => {
    const second = anonymous.replace('7f9c2fb04000-7f9c2fb44000', '7f9c2fb44000-7f9c2fb54000');
    assert.deepEqual(
      parseRegisteredRanges(anonymous + second).map(({ start }) => start),
      ['0x7f9c2fb04000', '0x7f9c2fb44000'],
    );
  });

  it('does not give a mapping the flags of another one whose first line it cannot read', () => {
    const unreadable = anonymous.replace(/^.*\n/, 'something new\n');
    assert.deepEqual(parseRegisteredRanges(text + unreadable), []);
    assert.equal(parseRegisteredRanges(anonymous + unreadable).length, 1);
  });

  it('finds of a text that is cut off only ranges that are in the whole text', () => {
    const whole = text + anonymous.replace(' um ', ' um uw ') + stack;
    for (let length = 0; length < whole.length; length++) {
      for (const { start, lengthBytes } of parseRegisteredRanges(whole.slice(0, length))) {
        assert.deepEqual({ start, lengthBytes }, { start: '0x7f9c2fb04000', lengthBytes: 0x40000 });
      }
    }
  });

  it('never throws, and gives only whole ranges, whatever the text', () => {
    const random = new SeededRandom(31);
    let found = 0;
    for (let i = 0; i < 3000; i++) {
      const damaged = random.damage(text + anonymous + stack);
      for (const range of parseRegisteredRanges(damaged)) {
        found++;
        assert.match(range.start, /^0x[0-9a-f]+$/);
        assert.ok(range.lengthBytes > 0 && range.modes.length > 0, JSON.stringify(damaged));
        assert.ok(range.pageBytes >= 1024 && range.pageBytes % 1024 === 0, JSON.stringify(damaged));
      }
    }
    assert.ok(found > 0);
  });
});

describe('tmpfsDevices', () => {
  it('finds the tmpfs mounts of a mountinfo, in the form of smaps', () => {
    const mountinfo = [
      '21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw',
      '24 21 0:28 / /dev/shm rw,nosuid master:2 shared:3 - tmpfs tmpfs rw,size=1g',
      '25 21 0:6 / /dev rw - devtmpfs devtmpfs rw',
      '26 21 0:300 /a\\040b /mnt/a\\040-\\040tmpfs rw - ext4 tmpfs rw',
      'no mount at all',
    ].join('\n');
    assert.deepEqual([...tmpfsDevices(mountinfo)], ['00:1c', '00:06']);
  });
});

describe('readRanges', () => {
  let proc: ProcTree;
  beforeEach(() => (proc = new ProcTree()));
  afterEach(() => proc.remove());

  it('reads the smaps of one process', () => {
    proc.file('7/smaps', text + anonymous);
    proc.file('8/smaps', text);
    const found = readRanges(proc.root, 7);
    assert.ok('ranges' in found);
    assert.equal(found.ranges.length, 1);
    assert.deepEqual(readRanges(proc.root, 8), { ranges: [] });
  });

  it('says when the process is gone', () => {
    assert.deepEqual(readRanges(proc.root, 9), { unreadable: 'gone' });
  });

  it('reads the real smaps of a process without a uffd', () => {
    assert.deepEqual(readRanges('/proc', process.pid), { ranges: [] });
  });
});
