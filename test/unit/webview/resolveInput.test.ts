import assert from 'node:assert/strict';
import type { RangeDto } from '../../../native-helper/protocol/ranges.ts';
import {
  initialResolveInput,
  readResolveInput,
  type ResolveInput,
  type ResolvePlace,
  type ResolveReading,
} from '../../../webview/model/resolveInput.ts';

describe('the resolve form', () => {
  const range: RangeDto = {
    start: '0x10000',
    lengthBytes: 4 * 4096,
    modes: ['MISSING'],
    memory: 'anonymous',
    isShared: false,
    pageBytes: 4096,
    thpBytes: 0,
    backing: '',
  };
  /** The second of the range's four pages. */
  const place: ResolvePlace = {
    ioctl: 'copy',
    allowsWp: true,
    page: { range, page: 0x11000n, pagesLeft: 3 },
  };
  const file = { fileId: 7, path: '/image', sizeBytes: 8192 };
  const reading = (input: Partial<ResolveInput>, more: Partial<ResolvePlace> = {}): ResolveReading =>
    readResolveInput({ ...initialResolveInput, ...input }, { ...place, ...more });

  it('plans a COPY of a pattern typed as text', () => {
    const { plan } = reading({ source: 'pattern', format: 'text', bytes: 'né', dontWake: true, wp: true });
    assert.deepEqual(plan, {
      action: { ioctl: 'copy', source: { kind: 'pattern', bytes: 'bsOp' }, dontWake: true, wp: true },
      lengthPages: 1,
      around: false,
    });
  });

  it('leaves mode WP out where it is not to be had', () => {
    const { plan } = reading({ wp: true }, { allowsWp: false });
    assert.equal(plan?.action.ioctl === 'copy' && plan.action.wp, false);
  });

  it('plans the other ioctls whatever the source fields say', () => {
    const nonsense = { fillByte: 'nonsense', lengthPages: '3' };
    const actionOf = (ioctl: ResolvePlace['ioctl'], input: Partial<ResolveInput> = {}): unknown =>
      reading({ ...nonsense, ...input }, { ioctl }).plan?.action;
    assert.deepEqual(actionOf('zeropage'), { ioctl: 'zeropage', dontWake: false });
    assert.deepEqual(actionOf('continue', { wp: true }), { ioctl: 'continue', dontWake: false, wp: true });
    assert.deepEqual(actionOf('poison', { dontWake: true }), { ioctl: 'poison', dontWake: true });
    assert.deepEqual(actionOf('unprotect', { dontWake: true }), {
      ioctl: 'writeprotect',
      protect: false,
      dontWake: true,
    });
  });

  it('plans a MOVE from a page of the target, never around the fault', () => {
    const input = { moveSource: '7F0000001000', allowHoles: true, around: true, lengthPages: '3' };
    assert.deepEqual(reading(input, { ioctl: 'move' }).plan, {
      action: { ioctl: 'move', source: '0x7f0000001000', dontWake: false, allowHoles: true },
      lengthPages: 3,
      around: false,
    });
    for (const moveSource of ['', '0x7f0000001010', 'here']) {
      const { errors } = reading({ moveSource }, { ioctl: 'move' });
      assert.match(errors?.moveSource ?? '', /address of a page to take away/, moveSource);
    }
    const { errors } = reading({ ...input, lengthPages: '4' }, { ioctl: 'move' });
    assert.match(errors?.lengthPages ?? '', /The range ends after 3 pages/);
  });

  it('never asks for DONTWAKE when it arms a protection, which the kernel refuses', () => {
    const { plan } = reading({ dontWake: true }, { ioctl: 'protect' });
    assert.deepEqual(plan?.action, { ioctl: 'writeprotect', protect: true, dontWake: false });
  });

  it('reads a file at an offset, decimal or hex', () => {
    const { plan } = reading({ source: 'file', file, fileOffset: '0x1000' });
    const source = { kind: 'file', file: { fileId: 7 }, offsetBytes: 4096 };
    assert.deepEqual(plan?.action, { ioctl: 'copy', source, dontWake: false, wp: false });
  });

  it('names what is wrong with a file and its offset', () => {
    assert.deepEqual(reading({ source: 'file', fileOffset: 'x' }).errors, {
      file: 'Choose the file first.',
      fileOffset: 'The offset is a whole number of bytes, such as 4096 or 0x1000.',
    });
    assert.match(reading({ source: 'file', file, fileOffset: '8192' }).errors?.fileOffset ?? '', /has 8 KiB/);
  });

  it('maps an image from the start of the range on, or from the base that was typed', () => {
    const baseOf = (input: Partial<ResolveInput>): unknown => {
      const { plan } = reading({ source: 'image', file, ...input });
      return plan?.action.ioctl === 'copy' && plan.action.source.kind === 'image' && plan.action.source.base;
    };
    assert.equal(baseOf({}), '0x10000');
    assert.equal(baseOf({ imageBase: '11000' }), '0x11000');
  });

  it('refuses a base behind the page, and none', () => {
    const error = (imageBase: string): string =>
      reading({ source: 'image', file, imageBase }).errors?.imageBase ?? '';
    assert.match(error('0x12000'), /0x11000 lies before the image/);
    assert.match(error(''), /in hex/);
  });

  it('copies from an address of the target', () => {
    const { plan } = reading({ source: 'target', targetAddress: '7f0000001000' });
    const source = { kind: 'target', address: '0x7f0000001000' };
    assert.deepEqual(plan?.action, { ioctl: 'copy', source, dontWake: false, wp: false });
    assert.match(reading({ source: 'target' }).errors?.targetAddress ?? '', /in hex/);
  });

  it('refuses lengths that are no number of pages or beyond the range', () => {
    for (const lengthPages of ['0', '-1', '1.5', 'two', '']) {
      assert.match(reading({ lengthPages }).errors?.lengthPages ?? '', /1 or more/, lengthPages);
    }
    assert.match(reading({ lengthPages: '4' }).errors?.lengthPages ?? '', /after 3 pages/);
  });

  it('prefetches around the page whatever is left behind it: the range clips that', () => {
    assert.deepEqual(reading({ lengthPages: '64', around: true }).plan?.lengthPages, 64);
  });

  it('refuses no bytes and more bytes than the length', () => {
    assert.match(reading({ source: 'bytes', bytes: ' ' }).errors?.bytes ?? '', /at least one/);
    const bytes = 'ab'.repeat(4097);
    assert.match(
      reading({ source: 'bytes', bytes }).errors?.bytes ?? '',
      /4097 bytes are more than the 4096/,
    );
    assert.equal(reading({ source: 'bytes', bytes, lengthPages: '2' }).errors, undefined);
  });

  it('names every wrong field at once', () => {
    const { errors } = reading({ fillByte: '999', lengthPages: '0' });
    assert.deepEqual(Object.keys(errors ?? {}).sort(), ['fillByte', 'lengthPages']);
  });
});
