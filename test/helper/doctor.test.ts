/**
 * The attach doctor on the real kernel: each gate that can be closed here is, by a real target or
 * helper, and each remedy that can be tried is, in a corner of the machine. Yama is judged by
 * made-up machines only (test/unit/helper/doctorGates.test.ts): kernels to test on may lack it.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DoctorReportDto, GateDto, GateId } from '../../native-helper/protocol/doctor.ts';
import { targetFolder } from '../workbench/paths.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { refused } from './refused.ts';
import { uffdbgProgram } from './uffdbgProcess.ts';

const isRoot = process.getuid!() === 0;
const nobody = 65534;
const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
/** Ours, where tests run as an ordinary user. */
const asUser = isRoot ? asNobody : [];
const SYS_pidfd_getfd = 438;
const SYS_userfaultfd = process.arch === 'arm64' ? 282 : 323;
const EPERM = 1;
const ENOSYS = 38;

interface Examined {
  readonly report: DoctorReportDto;
  readonly exitCode: number | null;
}

describe('the attach doctor', function () {
  this.timeout(60_000);
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  /** `uffdbg doctor`, by a command that becomes it, on a Node. */
  function examine(
    pid: number | undefined,
    wrapper: readonly string[] = [],
    node = process.execPath,
  ): Examined {
    const args = [uffdbgProgram, 'doctor', '--json', ...(pid === undefined ? [] : ['--pid', String(pid)])];
    const [command, ...rest] = [...wrapper, node, ...args];
    const { stdout, stderr, status } = spawnSync(command!, rest, { encoding: 'utf8' });
    assert.equal(stderr, '');
    const report = JSON.parse(stdout) as DoctorReportDto;
    assert.equal(status, report.refusedBy === null ? 0 : 3);
    return { report, exitCode: status };
  }

  function gateOf({ gates }: DoctorReportDto, id: GateId): GateDto {
    return gates.find((gate) => gate.id === id)!;
  }

  function assertRefused(report: DoctorReportDto, by: GateId, found: RegExp): GateDto {
    assert.equal(report.refusedBy, by, report.text);
    const gate = gateOf(report, by);
    assert.match(gate.found, found);
    return gate;
  }

  function assertPassed(report: DoctorReportDto, gate: GateId): void {
    assert.equal(report.refusedBy, null, report.text);
    assert.equal(gateOf(report, gate).state, 'notNeeded', gateOf(report, gate).found);
  }

  /** A remedy as it stands, without asking for root: run it as root. */
  function apply(code: string, before = ''): void {
    const { status, stderr } = spawnSync('sh', ['-ec', before + code.replaceAll('sudo ', '')], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  }

  it('allows our own target, and leaves no trace: nothing is read, held or kept open', async () => {
    const target = await fixture.target('missing');
    await target.asleep(1);
    const helper = await fixture.helper();
    const openBefore = readdirSync(`/proc/${helper.pid}/fd`).length;
    for (let i = 0; i < 20; i++) {
      const report = await helper.doctor(target.pid);
      assert.equal(report.refusedBy, null, report.text);
      assert.equal(report.comm, 'missing');
      assert.match(gateOf(report, 'duplicate').found, /could be duplicated/);
    }
    assert.equal(readdirSync(`/proc/${helper.pid}/fd`).length, openBefore);
    assert.deepEqual(target.faultCounts(), { pending: 1, total: 1 });
    assert.equal((await helper.attach(target.pid)).pid, target.pid, 'as it said');
  });

  it('without a process knows the machine, and says exit code 0', async () => {
    const { report, exitCode } = examine(undefined);
    assert.equal(exitCode, 0);
    assert.equal(report.pid, null);
    assert.equal(gateOf(report, 'kernel').state, 'open');
    assert.match(gateOf(report, 'features').found, /THREAD_ID/);
    assert.equal(gateOf(report, 'capabilities').state, isRoot ? 'open' : 'notNeeded');
    const helper = await fixture.helper();
    const { gates } = await helper.doctor();
    assert.deepEqual(
      gates.map(({ id, state }) => [id, state]),
      report.gates.map(({ id, state }) => [id, state]),
      'the helper says the same',
    );
  });

  it('prints text with each gate’s state in words', () => {
    const { stdout, status } = spawnSync(
      process.execPath,
      [uffdbgProgram, 'doctor', '--pid', String(0x3ffffe)],
      {
        encoding: 'utf8',
      },
    );
    assert.equal(status, 3);
    assert.match(
      stdout,
      /^Attaching to process 4194302 is refused by the gate “Process”: there is no process/,
    );
    assert.match(stdout, /^ {2}OPEN {5}Kernel: Linux/m);
    assert.match(stdout, /^ {2}CLOSED {3}Process: /m);
  });

  it('refuses requests that are not of the protocol', async () => {
    const helper = await fixture.helper();
    await refused(helper.doctor(0), 'invalidParams', /pid/);
    await refused(helper.doctor('1' as unknown as number), 'invalidParams', /pid/);
  });

  describe('names what is no target:', () => {
    it('a process that does not exist', () => {
      assertRefused(examine(0x3ffffe).report, 'process', /There is no process 4194302/);
    });

    it('a thread', async () => {
      const target = await fixture.target('missing');
      const [tid] = await target.asleep(1);
      const { report } = examine(tid);
      assertRefused(report, 'process', new RegExp(`is a thread of process ${target.pid}`));
    });

    it('a process that has ended', async () => {
      // Its parent, sleep, never waits for it.
      const child = await fixture.targetBy(['sh', '-c', 'sleep 0 & exec "$@"', 'sh'], 'missing');
      const zombie = await eventually('its child has ended', () =>
        readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'latin1')
          .split(' ')
          .filter((pid) => pid !== '')
          .find((pid) => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')),
      );
      assertRefused(examine(Number(zombie)).report, 'process', /has ended, or is about to/);
    });

    it('a thread of the kernel', function () {
      const kthread = readdirSync('/proc').find(
        (pid) => /^\d+$/.test(pid) && parentOf(pid).includes(' 2 ') && Number(pid) > 2,
      );
      if (kthread === undefined) {
        console.log('      skipped: no thread of the kernel can be seen from here');
        this.skip();
      }
      assertRefused(examine(Number(kthread)).report, 'process', /is a thread of the kernel/);
    });

    it('itself', async () => {
      const helper = await fixture.helper();
      assertRefused(await helper.doctor(helper.pid), 'process', /is a debugger of userfaultfds itself/);
    });

    it('a process without a userfaultfd, to which access is granted', () => {
      const { report } = examine(process.pid);
      assertRefused(report, 'descriptor', /has no userfaultfd open/);
      assert.equal(gateOf(report, 'duplicate').state, 'open');
    });

    it('a uffd before UFFDIO_API', async () => {
      const target = await fixture.target('missing', '--no-api');
      assertRefused(examine(target.pid).report, 'descriptor', /not been through UFFDIO_API/);
    });
  });

  it('judges pid 1 as the kernel does', () => {
    const { report } = examine(1);
    const isReadable = spawnSync('readlink', ['/proc/1/fd/0']).status === 0;
    if (!isRoot) {
      assertRefused(report, 'uid', /runs as uid 0 and the helper as uid \d+ without CAP_SYS_PTRACE/);
    } else if (isReadable) {
      assert.equal(gateOf(report, 'duplicate').state, 'open');
    } else {
      assertRefused(report, 'duplicate', /a security module/);
    }
  });

  describe('a target that is not dumpable', () => {
    it('is refused by that, and its own prctl opens it', async () => {
      const target = await fixture.targetBy(asUser, 'missing', '--not-dumpable');
      const { report } = examine(target.pid, asUser);
      const gate = assertRefused(report, 'dumpable', /PR_SET_DUMPABLE is 0.*lacks CAP_SYS_PTRACE/);
      assert.match(gate.remedies[0]!.code, /^prctl\(PR_SET_DUMPABLE, 1/);
      await target.ask('dumpable');
      assert.equal(examine(target.pid, asUser).report.refusedBy, null);
    });

    it('is passed by root', async function () {
      if (!isRoot) {
        this.skip();
      }
      const target = await fixture.targetBy(asNobody, 'missing', '--not-dumpable');
      const { report } = examine(target.pid);
      assertPassed(report, 'dumpable');
      assertPassed(report, 'uid');
    });
  });

  describe('user namespaces', () => {
    const inNamespace = ['unshare', '--user', '--map-current-user'];

    it('refuse a helper inside with all its capabilities there; outside, it may', async () => {
      const target = await fixture.targetBy(asUser, 'missing');
      const inside = [...asUser, 'unshare', '--user', '--map-root-user'];
      const { report } = examine(target.pid, inside);
      assert.ok(report.refusedBy === 'userNamespace' || report.refusedBy === 'uid', report.text);
      const gate = gateOf(report, 'userNamespace');
      assert.equal(gate.state, 'closed');
      assert.match(gate.found, /helper’s CAP_SYS_PTRACE does not count there/);
      assert.equal(examine(target.pid, asUser).report.refusedBy, null, 'its remedy: outside');
    });

    it('refuse a sibling of the same user', async () => {
      const target = await fixture.targetBy([...asUser, ...inNamespace], 'missing');
      const { report } = examine(target.pid, [...asUser, ...inNamespace]);
      assertRefused(report, 'duplicate', /user namespace or a security module/);
      assert.equal(gateOf(report, 'userNamespace').state, 'unknown', 'their maps look the same');
    });

    it('let in who has made them', async () => {
      const target = await fixture.targetBy([...asUser, ...inNamespace], 'missing');
      assertPassed(examine(target.pid, asUser).report, 'userNamespace');
    });
  });

  describe('seccomp', () => {
    const refuse = (call: number, errno: number): string[] => [
      path.join(targetFolder, 'refuse'),
      String(call),
      String(errno),
    ];

    for (const [name, errno] of [
      ['EPERM', EPERM],
      ['ENOSYS', ENOSYS],
    ] as const) {
      it(`that refuses pidfd_getfd with ${name} is told from rights over the target`, async () => {
        const target = await fixture.target('missing');
        const { report } = examine(target.pid, refuse(SYS_pidfd_getfd, errno));
        assertRefused(report, 'seccomp', new RegExp(`${name} even on the helper itself.*seccomp filters`));
        assert.equal(gateOf(report, 'kernel').state === 'closed', false);
        assert.equal(gateOf(report, 'duplicate').state, 'unknown');
      });
    }

    it('that refuses userfaultfd is named for those who want one', () => {
      const { report } = examine(undefined, refuse(SYS_userfaultfd, EPERM));
      const gate = gateOf(report, 'features');
      assert.equal(gate.state, 'closed');
      assert.match(gate.found, /EPERM even for user-mode faults: a seccomp filter/);
      assert.equal(report.refusedBy, null);
    });
  });

  it('another tracer refuses to freeze, not to attach; without it, nothing does', async () => {
    const target = await fixture.target('missing', '--no-api');
    const tracer = await fixture.target('tracer', String(target.pid));
    const { report } = examine(target.pid);
    const gate = gateOf(report, 'tracer');
    assert.equal(gate.state, 'closed');
    assert.match(gate.found, new RegExp(`Process ${tracer.pid} \\(tracer\\) traces thread ${target.pid}:`));
    assert.equal(gateOf(report, 'duplicate').state, 'open');
    await tracer.stop();
    assert.equal(gateOf(examine(target.pid).report, 'tracer').state, 'open');
  });

  if (!isRoot) {
    return;
  }

  describe('what only root can set up:', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'uffd-doctor-'));
      chmodSync(folder, 0o755);
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('a target of another user, and the remedy’s Node, by which it is served', async function () {
      if (spawnSync('setcap', ['-h']).error !== undefined) {
        console.log('      skipped: there is no setcap');
        this.skip();
      }
      const target = await fixture.target('missing');
      const { report } = examine(target.pid, asNobody);
      const gate = assertRefused(
        report,
        'uid',
        /runs as uid 0 and the helper as uid 65534 without CAP_SYS_PTRACE/,
      );
      const { code } = gate.remedies.find(({ language }) => language === 'sh')!;
      const node = /\S+\/node$/.exec(code)![0];
      apply(code.replaceAll(node, `${folder}/node`).replaceAll('$(id -g)', String(nobody)));
      const opened = examine(target.pid, asNobody, `${folder}/node`).report;
      assertPassed(opened, 'uid');
      assert.match(gateOf(opened, 'duplicate').found, /could be duplicated/);
      const rules = path.join(folder, 'rules.json');
      const zeropage = { do: 'resolve', action: { ioctl: 'zeropage' } };
      writeFileSync(rules, JSON.stringify({ rules: [{ action: zeropage }] }));
      const serve = [uffdbgProgram, 'serve', '--pid', String(target.pid), '--rules', rules];
      const serving = spawn(asNobody[0]!, [...asNobody.slice(1), `${folder}/node`, ...serve], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const ended = once(serving, 'exit');
      await eventually('every fault of the target is served', () => target.finished === 1);
      serving.kill('SIGINT');
      assert.deepEqual(await ended, [0, null]);
      const other = [
        'setpriv',
        '--reuid=65533',
        '--regid=65533',
        '--clear-groups',
        'test',
        '-x',
        `${folder}/node`,
      ];
      assert.equal(spawnSync(other[0]!, other.slice(1)).status, 1, 'and no one beyond the group may run it');
    });

    it('root without CAP_SYS_PTRACE, by what it lacks', async () => {
      const target = await fixture.target('missing');
      const without = ['setpriv', '--bounding-set=-sys_ptrace', '--inh-caps=-sys_ptrace'];
      const { report } = examine(target.pid, without);
      assertRefused(report, 'capabilities', /has CAP_SYS_PTRACE that the helper has not/);
      assert.equal(examine(target.pid).report.refusedBy, null);
    });

    it('CAP_SYS_PTRACE that cannot find descriptors, and the capability for that', async () => {
      const target = await fixture.target('missing');
      const having = (capabilities: string): string[] => [
        ...asNobody,
        `--inh-caps=${capabilities}`,
        `--ambient-caps=${capabilities}`,
      ];
      const { report } = examine(target.pid, having('+sys_ptrace'));
      assertRefused(report, 'descriptor', /Access is granted, but \/proc\/\d+\/fd.*CAP_DAC_READ_SEARCH/);
      assertPassed(examine(target.pid, having('+sys_ptrace,+dac_read_search')).report, 'uid');
    });

    it('a capability that the target has and we have not, and the attach says so too', async () => {
      const target = await fixture.targetBy(
        [...asNobody, '--inh-caps=+net_raw', '--ambient-caps=+net_raw'],
        'missing',
      );
      assertRefused(
        examine(target.pid, asNobody).report,
        'capabilities',
        /has CAP_NET_RAW that the helper has not/,
      );
      const helper = await fixture.helper(nobody);
      await refused(helper.attach(target.pid), 'notPermitted', /has CAP_NET_RAW that the helper has not/);
      assert.equal(target.faultCounts().pending, 1);
    });

    it('a target of the same user in another group', async () => {
      const target = await fixture.targetBy(
        ['setpriv', `--reuid=${nobody}`, '--regid=65533', '--clear-groups'],
        'missing',
      );
      assertRefused(
        examine(target.pid, asNobody).report,
        'uid',
        /group 65533 and the helper with group 65534/,
      );
    });

    it('a device that is closed, absent or opened by its remedy, in a mount namespace of its own', () => {
      const node = path.join(folder, 'userfaultfd');
      const minor = /^\s*(\d+) userfaultfd$/m.exec(readFileSync('/proc/misc', 'latin1'))![1]!;
      assert.equal(spawnSync('mknod', ['-m', '600', node, 'c', '10', minor]).status, 0);
      const script = 'mount --bind "$1" /dev/userfaultfd && shift && exec "$@"';
      const inCorner = ['unshare', '--mount', 'sh', '-ec', script, 'sh', node, ...asNobody];
      const closed = gateOf(examine(undefined, inCorner).report, 'deviceNode');
      assert.equal(closed.state, 'closed');
      assert.match(
        closed.found,
        /A program of uid 65534 may not open it: it belongs to uid 0, group 0, mode 0600/,
      );
      apply(closed.remedies[0]!.code.replaceAll('/dev/userfaultfd', node));
      assert.equal(gateOf(examine(undefined, inCorner).report, 'deviceNode').state, 'open');
    });

    it('each remedy’s command is one that a shell can read', async () => {
      const target = await fixture.target('missing');
      const file = path.join(folder, 'remedy.sh');
      for (const { remedies } of examine(target.pid, asNobody).report.gates) {
        for (const { code } of remedies.filter(({ language }) => language === 'sh')) {
          writeFileSync(file, code);
          assert.equal(spawnSync('sh', ['-n', file]).status, 0, code);
        }
      }
    });
  });
});

function parentOf(pid: string): string {
  try {
    return ` ${/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]!} `;
  } catch {
    return '';
  }
}
