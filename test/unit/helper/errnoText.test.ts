import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { Errno, errnoMeaning, errnoName, ioctlResultText } from '../../../native-helper/abi/errnoText.ts';

const ioctls = [
  'copy',
  'zeropage',
  'continue',
  'writeprotect',
  'poison',
  'move',
  'wake',
  'register',
  'unregister',
];
const numbers = Object.values(constants.errno);

describe('errnoName', () => {
  it('agrees with the names of this system wherever it gives one', () => {
    const named = Array.from({ length: 200 }, (_, errno) => errno).filter((errno) =>
      errnoName(errno).startsWith('E'),
    );
    assert.ok(named.length > 10);
    for (const errno of named) {
      const name = errnoName(errno);
      assert.equal(constants.errno[name as keyof typeof constants.errno], errno, name);
    }
  });

  it('shows an errno it does not know by its number', () => {
    assert.equal(errnoName(133), 'errno 133');
  });

  it('knows every errno that code compares with', () => {
    for (const [name, errno] of Object.entries(Errno)) {
      assert.equal(errnoName(errno), name);
    }
  });
});

describe('errnoMeaning', () => {
  it('says of EEXIST that nobody was woken and offers Wake', () => {
    for (const ioctl of ['copy', 'zeropage', 'continue', 'poison']) {
      assert.match(errnoMeaning(ioctl, Errno.EEXIST), /already .*; nobody was woken. Use Wake/);
    }
  });

  it('tells partial progress from a map that is changing by the out field', () => {
    assert.match(errnoMeaning('copy', Errno.EAGAIN, 4096n), /^partial progress/);
    for (const out of [-11n, 0n]) {
      assert.match(errnoMeaning('copy', Errno.EAGAIN, out), /^the memory map is changing/);
    }
  });

  it('prefers what an errno means for one ioctl to what it means in general', () => {
    assert.equal(new Set(ioctls.map((ioctl) => errnoMeaning(ioctl, Errno.EINVAL))).size, ioctls.length);
  });

  it('has a clause without a full stop for every errno and ioctl', () => {
    for (const ioctl of [...ioctls, 'constructor']) {
      for (const errno of numbers) {
        assert.match(errnoMeaning(ioctl, errno), /^[a-z][^\n]*[^.\n]$/, `${ioctl} ${errnoName(errno)}`);
      }
    }
  });
});

describe('ioctlResultText', () => {
  it('tells success with the bytes done, of WAKE without', () => {
    assert.equal(ioctlResultText('copy', 0, 4096n, 4096, 4096), 'UFFDIO_COPY succeeded: 4096 bytes.');
    assert.equal(ioctlResultText('wake', 0, 0n, 4096, 4096), 'UFFDIO_WAKE succeeded.');
  });

  it('tells EAGAIN without progress as a map that is changing', () => {
    assert.match(
      ioctlResultText('zeropage', Errno.EAGAIN, -11n, 4096, 0),
      /^UFFDIO_ZEROPAGE failed with EAGAIN \(out -11\): the memory map is changing/,
    );
  });

  it('tells a failure by the name of its errno, or its number, with the signed out field and what was done', () => {
    assert.match(
      ioctlResultText('copy', Errno.EEXIST, -17n, 8192, 4096),
      /^UFFDIO_COPY failed with EEXIST \(out -17\) after 4096 of 8192 bytes: the page/,
    );
    assert.match(
      ioctlResultText('copy', 133, -133n, 4096, 0),
      /^UFFDIO_COPY failed with errno 133 \(out -133\): .*\.$/,
    );
  });

  it('tells no out field of ioctls that have none', () => {
    for (const ioctl of ['wake', 'writeprotect', 'register', 'unregister']) {
      assert.ok(!ioctlResultText(ioctl, Errno.EINVAL, 0n, 4096, 0).includes('(out'), ioctl);
    }
  });
});
