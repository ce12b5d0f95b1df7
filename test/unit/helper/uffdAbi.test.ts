import assert from 'node:assert/strict';
import {
  FEATURE_THREAD_ID,
  UffdioRequest,
  faultFlagsInWords,
  featuresInWords,
  ioctlsInWords,
  isApiDone,
  isWakeSuppressed,
  isWriteProtecting,
  modeInWords,
} from '../../../native-helper/abi/uffdAbi.ts';

describe('userfaultfd ABI', () => {
  it('has request numbers that encode direction, structure size, type and number', () => {
    const write = 1;
    const read = 2;
    const encoded = (direction: number, structBytes: number, number: number): number =>
      direction * 2 ** 30 + structBytes * 2 ** 16 + 0xaa * 2 ** 8 + number;
    assert.deepEqual(UffdioRequest, {
      API: encoded(read + write, 24, 0x3f),
      REGISTER: encoded(read + write, 32, 0x00),
      UNREGISTER: encoded(read, 16, 0x01),
      WAKE: encoded(read, 16, 0x02),
      COPY: encoded(read + write, 40, 0x03),
      ZEROPAGE: encoded(read + write, 32, 0x04),
      MOVE: encoded(read + write, 40, 0x05),
      WRITEPROTECT: encoded(read + write, 24, 0x06),
      CONTINUE: encoded(read + write, 32, 0x07),
      POISON: encoded(read + write, 32, 0x08),
    });
  });
});

describe('featuresInWords', () => {
  it('names all 17 known features, lowest bit first', () => {
    assert.equal(
      featuresInWords(0x1ffffn).join(' '),
      'PAGEFAULT_FLAG_WP EVENT_FORK EVENT_REMAP EVENT_REMOVE MISSING_HUGETLBFS MISSING_SHMEM EVENT_UNMAP SIGBUS ' +
        'THREAD_ID MINOR_HUGETLBFS MINOR_SHMEM EXACT_ADDRESS WP_HUGETLBFS_SHMEM WP_UNPOPULATED POISON WP_ASYNC MOVE',
    );
    assert.deepEqual(featuresInWords(FEATURE_THREAD_ID), ['THREAD_ID']);
  });

  it('shows unknown bits as hex', () => {
    assert.deepEqual(featuresInWords((1n << 17n) | (1n << 63n) | 1n), [
      'PAGEFAULT_FLAG_WP',
      '0x20000',
      '0x8000000000000000',
    ]);
  });

  it('does not show the initialised mark of bit 31, and only that', () => {
    assert.deepEqual(featuresInWords(0x80000000n), []);
    assert.deepEqual(featuresInWords(0x1c0000000n), ['0x40000000', '0x100000000']);
  });

  it('gives nothing for no features', () => {
    assert.deepEqual(featuresInWords(0n), []);
  });
});

describe('ioctlsInWords', () => {
  it('names what kernel 6.18 has, and what its ranges take', () => {
    assert.equal(
      ioctlsInWords(0x80000000000001ffn).join(' '),
      'REGISTER UNREGISTER WAKE COPY ZEROPAGE MOVE WRITEPROTECT CONTINUE POISON API',
    );
    assert.deepEqual(ioctlsInWords(0x13cn), ['WAKE', 'COPY', 'ZEROPAGE', 'MOVE', 'POISON']);
  });

  it('shows unknown bits as hex', () => {
    assert.deepEqual(ioctlsInWords(0x604n), ['WAKE', '0x200', '0x400']);
  });
});

describe('isApiDone', () => {
  it('is told by bit 31 alone', () => {
    assert.equal(isApiDone(0x80000000n), true);
    assert.equal(isApiDone(0x80000100n), true);
    assert.equal(isApiDone(0x17fffffffn), false);
    assert.equal(isApiDone(0n), false);
  });
});

describe('faultFlagsInWords', () => {
  it('calls a fault that is neither WP nor MINOR a missing one', () => {
    assert.deepEqual(faultFlagsInWords(0n), ['MISSING']);
    assert.deepEqual(faultFlagsInWords(1n), ['MISSING', 'WRITE']);
    assert.deepEqual(faultFlagsInWords(2n), ['WP']);
    assert.deepEqual(faultFlagsInWords(3n), ['WRITE', 'WP']);
    assert.deepEqual(faultFlagsInWords(4n), ['MINOR']);
    assert.deepEqual(faultFlagsInWords(5n), ['WRITE', 'MINOR']);
  });

  it('shows unknown bits as hex', () => {
    assert.deepEqual(faultFlagsInWords((1n << 63n) | 9n), ['WRITE', '0x8', '0x8000000000000000']);
  });
});

describe('modes of ioctls', () => {
  it('have DONTWAKE in bit 0, WRITEPROTECT in bit 1', () => {
    for (const ioctl of ['copy', 'zeropage', 'continue', 'poison', 'move']) {
      assert.deepEqual(
        [0n, 1n, 2n, 3n].map((mode) => isWakeSuppressed(ioctl, mode)),
        [false, true, false, true],
        ioctl,
      );
    }
    assert.deepEqual(
      [0n, 1n, 2n, 3n].map((mode) => isWakeSuppressed('writeprotect', mode)),
      [false, false, true, true],
    );
  });

  it('arm write protection with bit 0 of WRITEPROTECT', () => {
    assert.deepEqual(
      [0n, 1n, 2n, 3n].map((mode) => isWriteProtecting(mode)),
      [false, true, false, true],
    );
  });

  it('are named in the words of each ioctl', () => {
    assert.deepEqual(modeInWords('copy', 3n), ['DONTWAKE', 'WP']);
    assert.deepEqual(modeInWords('continue', 2n), ['WP']);
    assert.deepEqual(modeInWords('move', 3n), ['DONTWAKE', 'ALLOW_SRC_HOLES']);
    assert.deepEqual(modeInWords('writeprotect', 1n), ['WP']);
    assert.deepEqual(modeInWords('writeprotect', 2n), ['DONTWAKE']);
    assert.deepEqual(modeInWords('zeropage', 0n), []);
    assert.deepEqual(modeInWords('register', 15n), ['MISSING', 'WP', 'MINOR', '0x8']);
  });

  it('show unknown bits as hex', () => {
    assert.deepEqual(modeInWords('copy', (1n << 40n) | 4n), ['0x4', '0x10000000000']);
  });
});
