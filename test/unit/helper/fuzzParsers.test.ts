/** What the helper parses, fed with random, damaged and cut off input. Each failure names its seed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { decodeUffdMessage, pagefaultAddress, pagefaultTid } from '../../../native-helper/abi/uffdMessage.ts';
import { parseUffdInfo } from '../../../native-helper/inspect/descriptors.ts';
import { parseRegisteredRanges } from '../../../native-helper/inspect/ranges.ts';
import { expanded } from '../../../native-helper/log/servedRows.ts';
import { rowAt, rowsFrom } from '../../../native-helper/log/eventRows.ts';
import { packedRows, unpackRows } from '../../../native-helper/log/packedRows.ts';
import { OpenFaults } from '../../../native-helper/log/openFaults.ts';
import type { FaultRule } from '../../../native-helper/rules/faultRule.ts';
import { formatRules, parseRules } from '../../../native-helper/rules/parseRules.ts';
import { uffdInfo } from './procTree.ts';
import { SeededRandom } from './seededRandom.ts';

/** Runs `once` with many seeds; what it throws names the seed. */
function forSeeds(count: number, once: (random: SeededRandom) => void): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      once(new SeededRandom(seed));
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

describe('fuzz', () => {
  it('messages: whatever was read is decoded, the same way by every decoder', () => {
    forSeeds(500, (random) => {
      const bytes = random.bytes(32 * random.below(8) + random.below(32));
      const view = new DataView(bytes.buffer);
      const whole = Math.floor(bytes.length / 32);
      for (let i = 0; i < whole; i++) {
        bytes[32 * i] = random.pick([0x11, 0x12, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0xff]);
        const message = decodeUffdMessage(view, i);
        const isFault = message.event === 'pagefault';
        assert.equal(pagefaultAddress(view, i), isFault ? Number(message.address) : undefined);
        assert.equal(pagefaultTid(view, i), isFault ? message.ptid : undefined);
      }
      assert.throws(() => decodeUffdMessage(view, whole), RangeError);
    });
  });

  it('packed rows: a damaged batch is refused or read whole, and folding it ends', () => {
    let refused = 0;
    let read = 0;
    forSeeds(400, (random) => {
      const rows = rowsFrom(
        1 + random.below(1000),
        Array.from({ length: random.below(20) }, (_, i) => ({
          kind: random.pick(['raised', 'read', 'copy', 'wake', 'remap', 'unmap', 'writeprotect'] as const),
          actor: 'kernel' as const,
          timeNs: i,
          faultId: random.below(8),
          address: random.word64(),
          lengthBytes: random.below(2 ** 31),
          tid: random.below(5),
          flags: random.word64(),
          errno: random.below(140),
          out: BigInt.asIntN(64, random.word64()),
          raisedBeforeNs: random.word(),
          readBeforeNs: random.word(),
          faultFlags: random.pick([0, 0x80, 0x81, 0xff]),
        })),
      );
      const packed = new Uint8Array(packedRows(rows).slice(0));
      for (let edits = random.below(6); edits > 0; edits--) {
        packed[random.below(packed.length)] = random.below(256);
      }
      const cut = random.below(4) === 0 ? packed.slice(0, random.below(packed.length)) : packed;
      try {
        const batch = unpackRows(cut.buffer);
        read++;
        assert.ok(batch.count <= cut.length);
        for (let i = 0; i < batch.count; i++) {
          assert.equal(typeof rowAt(batch, i).kind, 'string');
          assert.ok(expanded(batch, i).length > 0);
        }
        new OpenFaults().fold(batch);
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
        refused++;
      }
    });
    assert.ok(refused > 50 && read > 50, `${refused} refused, ${read} read`);
  });

  it('smaps: of a real text, damaged or cut off, only well-formed ranges are found', () => {
    // The same mappings with every registration flag, so that there is something to find.
    const real = readFileSync('/proc/self/smaps', 'latin1').split(/(?=^[0-9a-f]+-[0-9a-f]+ )/m);
    const smaps = real.slice(0, 40).join('').replaceAll('VmFlags:', 'VmFlags: um uw ui ur');
    const whole = parseRegisteredRanges(smaps);
    assert.ok(whole.length > 10);
    let found = 0;
    forSeeds(300, (random) => {
      const text = random.below(3) === 0 ? smaps.slice(0, random.below(smaps.length)) : random.damage(smaps);
      for (const range of parseRegisteredRanges(text)) {
        found++;
        assert.match(range.start, /^0x[0-9a-f]{1,16}$/);
        assert.ok(Number.isSafeInteger(range.lengthBytes) || range.lengthBytes >= 2 ** 53);
        assert.ok(range.lengthBytes > 0 && range.modes.length > 0 && range.pageBytes > 0);
        assert.ok(range.thpBytes >= 0);
      }
    });
    assert.ok(found > 100);
  });

  it('fdinfo: random text is no uffd, damaged text is one or none', () => {
    forSeeds(1000, (random) => {
      assert.equal(
        parseUffdInfo(3, Buffer.from(random.bytes(random.below(300))).toString('latin1')),
        undefined,
      );
      const info = parseUffdInfo(
        3,
        random.damage(uffdInfo({ pending: 5, total: 7, api: 'ffffffffffffffff' })),
      );
      assert.ok(info === undefined || (info.fd === 3 && info.pending >= 0 && info.total >= 0));
    });
  });

  describe('a rules file', () => {
    const rules: FaultRule<{ path: string }>[] = [
      {
        name: 'image "äöü" \\',
        isEnabled: true,
        match: {
          ranges: ['0x7f0000000000-0x7f0000100000', '0x7f0000200000-0x7f0000300000'],
          kinds: ['missing', 'minor'],
          thread: 'worker',
          hitCondition: '% 5',
        },
        action: {
          do: 'resolve',
          action: {
            ioctl: 'copy',
            source: { kind: 'image', file: { path: 'memory.img' }, base: '0x7f0000000000' },
            dontWake: true,
            wp: false,
          },
          lengthPages: 4,
          around: true,
        },
        delayMs: 1.5,
      },
      {
        name: '',
        isEnabled: false,
        match: { thread: 7 },
        action: {
          do: 'resolve',
          action: {
            ioctl: 'copy',
            source: { kind: 'bytes', bytes: 'AQID' },
            dontWake: false,
            wp: true,
          },
          lengthPages: 1,
          around: false,
        },
        delayMs: 0,
      },
      { name: 'rest', isEnabled: true, match: {}, action: { do: 'hold' }, delayMs: 0 },
    ];
    const text = formatRules(rules);

    /** Parses; what is wrong must be said in sentences that name a line of the text. */
    function parsesOrSaysWhy(damaged: string): boolean {
      const parsed = parseRules(damaged);
      if ('rules' in parsed) {
        return true;
      }
      const lines = damaged.split('\n').length;
      assert.ok(parsed.problems.length > 0);
      for (const problem of parsed.problems) {
        assert.ok(problem.line >= 1 && problem.line <= lines, JSON.stringify(problem));
        assert.match(problem.text, new RegExp(`^Line ${problem.line}: [^]+\\.$`));
      }
      return false;
    }

    it('that is damaged is read, or every problem names its line', () => {
      assert.deepEqual(parseRules(text), { rules });
      let read = 0;
      forSeeds(400, (random) => (read += parsesOrSaysWhy(random.damage(text)) ? 1 : 0));
      assert.ok(read > 0 && read < 390, `${read} read`);
    });

    it('that is cut off anywhere says where', () => {
      for (let length = 0; length < text.trimEnd().length; length++) {
        assert.equal(parsesOrSaysWhy(text.slice(0, length)), false, `first ${length} characters`);
      }
    });

    it('of random bytes says that it is no JSON', () => {
      forSeeds(500, (random) => {
        const bytes = Buffer.from(random.bytes(1 + random.below(200)));
        parsesOrSaysWhy(bytes.toString('utf8'));
        parsesOrSaysWhy(bytes.toString('latin1'));
      });
    });

    it('of other JSON says what is wrong with it', () => {
      for (const other of [
        'null',
        '1',
        '"rules"',
        '[]',
        '{}',
        '{"rules": null}',
        '{"rules": [null, 1, [], {}]}',
      ]) {
        assert.equal(parsesOrSaysWhy(other), false, other);
      }
    });

    it('that nests without end is refused, not a crash', () => {
      for (const open of ['[', '{"rules":', '{"rules":[{"action":']) {
        assert.equal(parsesOrSaysWhy(open.repeat(100_000)), false);
      }
    });

    it('with the bytes of a huge page is read', () => {
      const bytes = Buffer.alloc(2 ** 21, 0x5a).toString('base64');
      const source = { kind: 'bytes', bytes };
      const rule = { action: { do: 'resolve', action: { ioctl: 'copy', source } } };
      assert.ok('rules' in parseRules(JSON.stringify({ rules: [rule] })));
    });
  });
});
