/** The attach doctor on made-up machines: each gate open, closed, passed and unknown. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Errno } from '../../../native-helper/abi/errnoText.ts';
import type { DoctorSystem } from '../../../native-helper/doctor/accessFacts.ts';
import { checkGates, refusalReason } from '../../../native-helper/doctor/checkGates.ts';
import type { DoctorReportDto, GateDto, GateId } from '../../../native-helper/protocol/doctor.ts';
import { ProcTree, uffdInfo } from './procTree.ts';

/** The owner of the tree's files, and so the uid of a dumpable process in it. */
const me = process.getuid!();
/** Another uid than that. */
const other = me + 1;
const ptrace = '0000000000080000';
const noCapabilities = '0000000000000000';
const wholeMap = '         0          0 4294967295\n';

interface Made {
  uid?: number;
  saved?: number;
  gid?: number;
  groups?: string;
  permitted?: string;
  effective?: string;
  ppid?: number;
  uidMap?: string;
  nspid?: string;
  cgroup?: string;
  seccomp?: number;
  memory?: boolean;
  tgid?: number;
}

describe('the attach doctor’s gates', () => {
  let tree: ProcTree;
  beforeEach(() => {
    tree = new ProcTree();
    made('self', { uid: 1000 }, 50);
    tree.file('sys/kernel/osrelease', '6.18.1-generic\n');
    tree.file('sys/vm/unprivileged_userfaultfd', '0\n');
    tree.file('2/comm', 'kthreadd\n');
  });
  afterEach(() => tree.remove());

  /** A process; by default of uid 1000, without capabilities, in the first user namespace. */
  function made(pid: number | 'self', options: Made = {}, number = Number(pid)): void {
    const { uid = 1000, saved = uid, gid = 100, groups = '', permitted = noCapabilities } = options;
    const { effective = permitted, ppid = 1, seccomp = 0, memory = true, tgid = number } = options;
    tree.file(
      `${pid}/status`,
      `Name:\tx\nState:\tS (sleeping)\nTgid:\t${tgid}\nPid:\t${number}\nPPid:\t${ppid}\nTracerPid:\t0\n` +
        `Uid:\t${uid}\t${uid}\t${saved}\t${uid}\nGid:\t${gid}\t${gid}\t${gid}\t${gid}\nGroups:\t${groups} \n` +
        `NSpid:\t${options.nspid ?? number}\n${memory ? 'VmSize:\t  100 kB\n' : ''}` +
        `CapInh:\t${noCapabilities}\nCapPrm:\t${permitted}\nCapEff:\t${effective}\n` +
        `Seccomp:\t${seccomp}\nSeccomp_filters:\t${seccomp === 2 ? 3 : 0}\n`,
    );
    tree.file(`${pid}/comm`, `${pid === 'self' ? 'uffdbg' : 'vmm'}\n`);
    tree.file(`${pid}/stat`, '');
    tree.file(`${pid}/uid_map`, options.uidMap ?? wholeMap);
    tree.file(`${pid}/cgroup`, options.cgroup ?? '0::/user.slice\n');
    mkdirSync(join(tree.root, `${pid}/fd`), { recursive: true });
  }

  /** The target, 77, with a uffd. */
  function madeTarget(options: Made = {}, info: Parameters<typeof uffdInfo>[0] = {}): void {
    made(77, options);
    tree.descriptor(77, 5, 'anon_inode:[userfaultfd]', uffdInfo(info));
    tree.thread(77, 77, 'vmm', {});
  }

  function check(pid: number | undefined, system: Partial<DoctorSystem> = {}): DoctorReportDto {
    return checkGates(systemOf(system), pid);
  }

  /** What the kernel would answer is given: that it does is the helper ring's to show. */
  function systemOf(system: Partial<DoctorSystem>): DoctorSystem {
    return {
      procRoot: tree.root,
      root: join(tree.root, 'root'),
      nodePath: '/opt/my node/node',
      tryOwnDuplicate: () => undefined,
      tryDuplicate: () => undefined,
      tryNowait: () => true,
      tryUserfaultfd: () => ({ features: ['SIGBUS', 'THREAD_ID'] }),
      tryOpen: () => undefined,
      ...system,
    };
  }

  const refused = { tryDuplicate: () => Errno.EPERM };

  function gateOf({ gates }: DoctorReportDto, id: GateId): GateDto {
    const found = gates.find((gate) => gate.id === id);
    assert.ok(found, `there is a gate ${id}`);
    return found;
  }

  function assertGate(report: DoctorReportDto, id: GateId, state: GateDto['state'], found: RegExp): GateDto {
    const gate = gateOf(report, id);
    assert.equal(gate.state, state, `${gate.name}: ${gate.found}`);
    assert.match(gate.found, found);
    return gate;
  }

  it('are all open or passed for a process of our own, and each is there once, in one order', () => {
    madeTarget();
    const report = check(77);
    assert.deepEqual(
      report.gates.map(({ id }) => id),
      [
        'kernel',
        'seccomp',
        'process',
        'uid',
        'dumpable',
        'userNamespace',
        'capabilities',
        'yama',
        'container',
        'duplicate',
        'descriptor',
        'tracer',
        'features',
        'unprivilegedUserfaultfd',
        'deviceNode',
      ],
    );
    assert.equal(report.refusedBy, null);
    assert.equal(report.text, 'Attaching to process 77 is allowed.');
    assert.ok(
      report.gates.filter(({ question }) => question === 'attach').every(({ state }) => state !== 'closed'),
    );
  });

  it('without a process are those of the machine', () => {
    const report = check(undefined);
    assert.deepEqual(
      report.gates.map(({ id }) => id),
      [
        'kernel',
        'seccomp',
        'capabilities',
        'yama',
        'container',
        'features',
        'unprivilegedUserfaultfd',
        'deviceNode',
      ],
    );
    assert.equal(report.refusedBy, null);
    assertGate(report, 'capabilities', 'notNeeded', /only processes of uid 1000/);
  });

  it('explain themselves: what refuses has a sentence, and what it costs to open it', () => {
    madeTarget({ uid: other, saved: other, permitted: ptrace });
    tree.file('sys/kernel/yama/ptrace_scope', '1\n');
    for (const gate of check(77, refused).gates) {
      assert.match(gate.found, /^[A-Z0-9].*\.$/s, gate.name);
      assert.ok(gate.state === 'closed' || gate.remedies.length === 0, gate.name);
      for (const { advice, cost, code } of gate.remedies) {
        assert.match(advice, /\.$/);
        assert.match(cost, /^[A-Z].*\.$/);
        assert.ok(!code.includes('\n') && code !== '');
      }
    }
  });

  describe('kernel', () => {
    it('is open where pidfd_getfd works', () => {
      assertGate(check(undefined), 'kernel', 'open', /Linux 6\.18\.1-generic, which has pidfd_getfd/);
    });

    for (const release of ['5.5.19', '4.18.0-553.el8']) {
      it(`is closed on ${release}, and seccomp is not blamed`, () => {
        tree.file('sys/kernel/osrelease', `${release}\n`);
        made('self', { seccomp: 2 }, 50);
        const report = check(undefined, { tryOwnDuplicate: () => Errno.ENOSYS });
        assertGate(report, 'kernel', 'closed', /needs 5\.6 or newer/);
        assertGate(report, 'seccomp', 'open', /3 seccomp filters/);
        assert.equal(report.refusedBy, 'kernel');
        assert.match(report.text, /^Attaching is refused by the gate “Kernel”: Linux /);
      });
    }
  });

  describe('seccomp', () => {
    for (const [name, errno] of [
      ['EPERM', Errno.EPERM],
      ['ENOSYS', Errno.ENOSYS],
    ] as const) {
      it(`is closed when the call fails with ${name} on ourselves`, () => {
        made('self', { seccomp: 2 }, 50);
        madeTarget();
        const report = check(77, { tryOwnDuplicate: () => errno, tryDuplicate: () => assert.fail('tried') });
        const gate = assertGate(
          report,
          'seccomp',
          'closed',
          new RegExp(`${name} even on the helper itself.*3 seccomp filters`),
        );
        assert.equal(report.refusedBy, 'seccomp');
        assert.deepEqual(gate.remedies, [], 'who made the filter cannot be known');
        assertGate(report, 'duplicate', 'unknown', /not tried/);
      });
    }

    it('in a container names the capability that its profile asks for first', () => {
      made('self', { seccomp: 2, cgroup: `0::/docker/${'ab'.repeat(32)}\n` }, 50);
      tree.file('2/comm', 'sleep\n');
      const { remedies } = gateOf(check(undefined, { tryOwnDuplicate: () => Errno.EPERM }), 'seccomp');
      assert.deepEqual(
        remedies.map(({ code }) => code),
        ['"capAdd": ["SYS_PTRACE"],', '"runArgs": ["--security-opt", "seccomp=unconfined"],'],
      );
    });
  });

  describe('process', () => {
    it('is closed where there is none', () => {
      const report = check(78);
      assertGate(report, 'process', 'closed', /There is no process 78\./);
      assert.equal(report.refusedBy, 'process');
      assert.ok(!report.gates.some(({ id }) => id === 'uid'), 'nothing more can be said');
    });

    it('hints at what a container hides', () => {
      tree.file('root/.dockerenv', '');
      tree.file('2/comm', 'sleep\n');
      assertGate(check(78), 'process', 'closed', /from which those outside cannot be seen/);
    });

    it('is closed for a thread of the kernel', () => {
      made(9, { memory: false, ppid: 2 });
      assertGate(check(9), 'process', 'closed', /thread of the kernel/);
    });

    it('is closed for a process without memory any more', () => {
      made(9, { memory: false });
      assertGate(check(9), 'process', 'closed', /has ended, or is about to/);
    });

    it('is closed for a thread, and names its process', () => {
      made(9, { tgid: 8 });
      assertGate(check(9), 'process', 'closed', /thread of process 8/);
    });

    it('is closed for a helper', () => {
      madeTarget();
      tree.file('77/comm', 'uffd-helper\n');
      assertGate(check(77), 'process', 'closed', /is a debugger of userfaultfds itself/);
    });
  });

  describe('uid', () => {
    it('is open when all ids are ours', () => {
      madeTarget();
      assertGate(check(77), 'uid', 'open', /Both run as uid 1000 and group 100/);
    });

    for (const [what, options, found] of [
      ['uid', { uid: 0 }, /runs as uid 0 and the helper as uid 1000 without CAP_SYS_PTRACE/],
      ['saved uid', { saved: 0 }, /without CAP_SYS_PTRACE/],
      ['group', { gid: 5 }, /group 5 and the helper with group 100 without CAP_SYS_PTRACE/],
    ] as const) {
      it(`is closed for another ${what}, and opened by a Node with the capability`, () => {
        madeTarget(options);
        const report = check(77, refused);
        assert.equal(report.refusedBy, 'uid');
        const { remedies } = assertGate(report, 'uid', 'closed', found);
        assert.match(
          remedies[0]!.code,
          /^sudo install .* '\/opt\/my node\/node' .* && sudo setcap cap_sys_ptrace,cap_dac_read_search=ep /,
        );
        assert.match(remedies[0]!.cost, /read and change every process/);
        assertGate(report, 'capabilities', 'closed', /not effective, which would pass what is closed here/);
      });
    }

    it('is passed with CAP_SYS_PTRACE', () => {
      made('self', { permitted: ptrace }, 50);
      madeTarget({ uid: 0 });
      const report = check(77);
      assertGate(report, 'uid', 'notNeeded', /runs as uid 0 and the helper as uid 1000\./);
      assertGate(report, 'capabilities', 'open', /effective, and counts/);
      assert.equal(report.refusedBy, null);
    });

    it('asks for an effective capability, not a permitted one', () => {
      made('self', { permitted: ptrace, effective: noCapabilities }, 50);
      madeTarget({ uid: 0 });
      assert.equal(check(77, refused).refusedBy, 'uid');
    });
  });

  describe('dumpable', () => {
    // The files of the tree belong to us, so that a process of another uid seems not dumpable.
    it('is closed when /proc/PID belongs to another than its effective uid', () => {
      made('self', { uid: other, saved: other }, 50);
      madeTarget({ uid: other, saved: other });
      const report = check(77, refused);
      assert.equal(report.refusedBy, 'dumpable');
      const { remedies } = assertGate(
        report,
        'dumpable',
        'closed',
        /not dumpable .* and the helper lacks CAP_SYS_PTRACE/,
      );
      assert.equal(remedies[0]!.code, 'prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);');
      assert.equal(remedies[0]!.language, 'c');
      assert.match(refusalReason(systemOf(refused), 77), /^it is not dumpable.*PR_SET_DUMPABLE/);
    });

    it('is passed with CAP_SYS_PTRACE', () => {
      made('self', { uid: other, saved: other, permitted: ptrace }, 50);
      madeTarget({ uid: other, saved: other });
      assertGate(check(77), 'dumpable', 'notNeeded', /not dumpable/);
    });

    it('is open or, for root, cannot be seen', () => {
      made('self', { uid: me, saved: me }, 50);
      madeTarget({ uid: me, saved: me });
      const gate = gateOf(check(77, refused), 'dumpable');
      assert.equal(gate.state, me === 0 ? 'unknown' : 'open');
    });
  });

  describe('user namespace', () => {
    const inner = { uidMap: '         0       1000          1\n' };

    it('is open when the maps are the same', () => {
      madeTarget();
      assertGate(check(77), 'userNamespace', 'open', /Both are in the same user namespace/);
    });

    it('is closed when it is another and the attempt is refused, whatever we may in our own', () => {
      made('self', { permitted: ptrace }, 50);
      madeTarget(inner);
      const report = check(77, refused);
      assertGate(report, 'userNamespace', 'closed', /helper’s CAP_SYS_PTRACE does not count there/);
      assert.match(gateOf(report, 'capabilities').found, /perhaps not in the user namespace/);
    });

    it('is passed when the attempt is granted', () => {
      madeTarget(inner);
      assertGate(check(77), 'userNamespace', 'notNeeded', /over which the helper has the rights/);
    });

    it('is unknown where two namespaces with one map cannot be told apart', () => {
      made('self', { ...inner, permitted: ptrace, uid: me, saved: me }, 50);
      madeTarget({ ...inner, uid: me, saved: me });
      const report = check(77, refused);
      assertGate(report, 'userNamespace', 'unknown', /maps of uids are the same/);
      assertGate(report, 'duplicate', 'closed', /user namespace or a security module/);
    });

    it('says when no uid has been mapped yet', () => {
      madeTarget({ uidMap: '' });
      assertGate(check(77, refused), 'userNamespace', 'closed', /one without any uid.*The helper has none/);
    });
  });

  describe('capabilities', () => {
    it('are closed when the process has one that we have not', () => {
      made('self', { uid: me, saved: me }, 50);
      madeTarget({ uid: me, saved: me, permitted: '0000000000003000' });
      const report = check(77, refused);
      assert.equal(report.refusedBy, 'capabilities');
      assertGate(report, 'capabilities', 'closed', /has CAP_NET_ADMIN, CAP_NET_RAW that the helper has not/);
    });

    it('are not needed when ours include those of the process', () => {
      made('self', { permitted: '0000000000003000' }, 50);
      madeTarget({ permitted: '0000000000001000' });
      assertGate(check(77), 'capabilities', 'notNeeded', /not effective; access is granted all the same/);
    });
  });

  describe('Yama', () => {
    const scope = (value: number): void => tree.file('sys/kernel/yama/ptrace_scope', `${value}\n`);
    beforeEach(() => made('self', { uid: me, saved: me }, 50));

    it('is open without Yama, and at 0', () => {
      assertGate(check(undefined), 'yama', 'open', /no Yama/);
      scope(0);
      assertGate(check(undefined), 'yama', 'open', /It is 0/);
    });

    it('at 1 is closed for a stranger, with three ways out, the narrowest first', () => {
      scope(1);
      madeTarget({ uid: me, saved: me });
      const report = check(77, refused);
      assert.equal(report.refusedBy, 'yama');
      const { remedies } = assertGate(report, 'yama', 'closed', /only an ancestor may attach/);
      assert.match(remedies[0]!.code, /PR_SET_PTRACER/);
      assert.equal(remedies[1]!.code, 'sudo sysctl kernel.yama.ptrace_scope=0');
      assert.match(remedies[1]!.cost, /^Until the next boot, every program/);
      assert.match(remedies[2]!.code, /setcap/);
    });

    it('at 1 is passed when the attempt is granted, and says by what', () => {
      scope(1);
      madeTarget({ uid: me, saved: me });
      assertGate(check(77), 'yama', 'notNeeded', /PR_SET_PTRACER/);
      made(60, { ppid: 50 });
      madeChildOf(60);
      assertGate(check(77), 'yama', 'notNeeded', /the helper is an ancestor/);
    });

    function madeChildOf(ppid: number): void {
      made(77, { uid: me, saved: me, ppid });
    }

    it('at 1 does not refuse a descendant that something else refuses', () => {
      scope(1);
      madeTarget({ uid: me, saved: me });
      madeChildOf(50);
      assertGate(check(77, refused), 'yama', 'open', /ancestor/);
    });

    it('at 2 is closed without CAP_SYS_PTRACE and passed with it', () => {
      scope(2);
      madeTarget({ uid: me, saved: me });
      assertGate(check(77, refused), 'yama', 'closed', /only CAP_SYS_PTRACE/);
      made('self', { uid: me, saved: me, permitted: ptrace }, 50);
      assertGate(check(77), 'yama', 'notNeeded', /which CAP_SYS_PTRACE passes/);
    });

    it('at 3 is closed for everybody', () => {
      scope(3);
      made('self', { uid: me, saved: me, permitted: ptrace }, 50);
      madeTarget({ uid: me, saved: me });
      const report = check(77, refused);
      assert.equal(report.refusedBy, 'yama');
      assertGate(report, 'yama', 'closed', /nobody may attach until the next boot/);
    });

    it('refuses without a process too', () => {
      scope(1);
      assert.equal(check(undefined).refusedBy, 'yama');
      made('self', { permitted: ptrace }, 50);
      assert.equal(check(undefined).refusedBy, null);
    });
  });

  describe('container', () => {
    const id = '0123456789ab'.padEnd(64, 'c');
    for (const [cgroup, words] of [
      [`0::/system.slice/docker-${id}.scope`, /\(Docker 0123456789ab, by its control group\)/],
      [`0::/docker/${id}`, /\(Docker 0123456789ab,/],
      [`0::/user.slice/user@1000.service/libpod-${id}.scope/container`, /\(Podman 0123456789ab,/],
      [`0::/kubepods.slice/kubepods-pod9.slice/cri-containerd-${id}.scope`, /\(Kubernetes 0123456789ab,/],
      [`5:cpu:/kubepods/burstable/pod9/${id}\n`, /\(Kubernetes 0123456789ab,/],
      ['0::/lxc.payload.web/init.scope', /\(LXC web,/],
      ['0::/machine.slice/machine-buster.scope', /\(systemd-nspawn buster,/],
    ] as const) {
      it(`of ours is known by ${cgroup.replaceAll(/[c]{9,}/g, '…').trim()}`, () => {
        made('self', { cgroup }, 50);
        assertGate(check(undefined), 'container', 'open', words);
      });
    }

    for (const [file, content, words] of [
      ['.dockerenv', '', /\(Docker, by \/\.dockerenv\)/],
      ['run/.containerenv', '', /\(Podman, by/],
      ['run/systemd/container', 'lxc\n', /\(lxc, by/],
    ] as const) {
      it(`of ours is known by /${file}`, () => {
        tree.file(`root/${file}`, content);
        assertGate(check(undefined), 'container', 'open', words);
      });
    }

    it('of the process is named, with its pid inside', () => {
      madeTarget({ cgroup: `0::/docker/${id}`, nspid: '77\t7' });
      assertGate(
        check(77),
        'container',
        'open',
        /no sign that the helper.*runs in Docker 0123456789ab.*It is pid 7/,
      );
    });

    it('changes how to get the capability, unless it sees the whole machine', () => {
      made('self', { cgroup: `0::/docker/${id}` }, 50);
      madeTarget({ uid: 0 });
      const languages = (): string[] =>
        gateOf(check(77, refused), 'uid').remedies.map(({ language }) => language);
      assert.deepEqual(languages(), ['sh', 'jsonc']);
      tree.file('2/comm', 'sleep\n');
      assert.deepEqual(languages(), ['jsonc']);
    });
  });

  describe('the attempt', () => {
    it('is asked for the uffd that an attach would take', () => {
      madeTarget();
      const asked: unknown[] = [];
      check(77, { tryDuplicate: (...what) => void asked.push(what) });
      assert.deepEqual(asked, [[77, 5]]);
    });

    it('is granted also where there is no descriptor to duplicate', () => {
      made(77);
      const report = check(77, { tryDuplicate: () => Errno.EBADF });
      assertGate(report, 'duplicate', 'open', /no userfaultfd that could be duplicated/);
      assert.equal(report.refusedBy, 'descriptor');
    });

    it('blames a security module when nothing else is closed, by the names that can be seen', () => {
      made('self', { uid: 0, permitted: ptrace }, 50);
      madeTarget();
      assertGate(check(77, refused), 'duplicate', 'closed', /a security module \(such as Landlock/);
      tree.file('root/sys/kernel/security/lsm', 'lockdown,capability,landlock,apparmor');
      tree.file('77/attr/current', 'snap.vmm (enforce)\n');
      const report = check(77, refused);
      assertGate(
        report,
        'duplicate',
        'closed',
        /\(lockdown, capability, landlock, apparmor; the process runs as snap\.vmm/,
      );
      assert.match(
        report.text,
        /^Attaching to process 77 is refused: the attempt, pidfd_getfd, fails with EPERM/,
      );
    });

    it('that fails for another reason is no matter of rights', () => {
      madeTarget();
      assertGate(
        check(77, { tryDuplicate: () => Errno.EMFILE }),
        'duplicate',
        'closed',
        /EMFILE, which is no matter of rights/,
      );
    });
  });

  describe('the descriptor', () => {
    it('is closed before UFFDIO_API', () => {
      madeTarget({}, { api: '0' });
      const report = check(77);
      assert.equal(report.refusedBy, 'descriptor');
      assertGate(report, 'descriptor', 'closed', /has not been through UFFDIO_API/);
    });

    it('that blocks is told of, and closed where the kernel cannot read it without waiting', () => {
      madeTarget({}, { flags: '02000000' });
      assertGate(check(77), 'descriptor', 'open', /POLLERR on it for ever/);
      assertGate(check(77, { tryNowait: () => false }), 'descriptor', 'closed', /RWF_NOWAIT came with 6\.10/);
    });
  });

  it('another tracer refuses freezing, not attaching', () => {
    madeTarget();
    tree.file('77/task/77/status', 'TracerPid:\t99\n');
    tree.file('99/comm', 'gdb\n');
    const report = check(77);
    assert.equal(report.refusedBy, null);
    assert.match(report.text, /allowed, but not freezing its handler/);
    const { remedies } = assertGate(report, 'tracer', 'closed', /Process 99 \(gdb\) traces thread 77/);
    assert.equal(remedies[0]!.code, 'kill -INT 99');
  });

  describe('for making a uffd', () => {
    it('the call is open with its features', () => {
      assertGate(check(undefined), 'features', 'open', /2 features: SIGBUS, THREAD_ID/);
    });

    it('the call is closed by a kernel without it, by a filter, or for a reason unknown', () => {
      const fails = (errno: number) => ({ tryUserfaultfd: () => ({ errno }) });
      assertGate(check(undefined, fails(Errno.EPERM)), 'features', 'unknown', /EPERM/);
      made('self', { seccomp: 2 }, 50);
      assertGate(check(undefined, fails(Errno.ENOSYS)), 'features', 'closed', /a seccomp filter refuses it/);
      const bare = new ProcTree();
      try {
        bare.file(
          'self/status',
          'Pid:\t5\nUid:\t1\t1\t1\nGid:\t1\t1\t1\nCapPrm:\t0\nCapEff:\t0\nSeccomp:\t0\n',
        );
        const report = checkGates({ ...systemOf(fails(Errno.ENOSYS)), procRoot: bare.root }, undefined);
        assertGate(report, 'features', 'closed', /built without CONFIG_USERFAULTFD/);
        assertGate(report, 'unprivilegedUserfaultfd', 'unknown', /no such setting/);
      } finally {
        bare.remove();
      }
    });

    it('the sysctl is open at 1', () => {
      tree.file('sys/vm/unprivileged_userfaultfd', '1\n');
      assertGate(check(undefined), 'unprivilegedUserfaultfd', 'open', /It is 1/);
    });

    it('the sysctl at 0 is closed, and passed with CAP_SYS_PTRACE of the first user namespace only', () => {
      const { remedies } = assertGate(
        check(undefined),
        'unprivilegedUserfaultfd',
        'closed',
        /only with UFFD_USER_MODE_ONLY/,
      );
      assert.equal(remedies[1]!.code, 'sudo sysctl vm.unprivileged_userfaultfd=1');
      made('self', { permitted: ptrace }, 50);
      assertGate(check(undefined), 'unprivilegedUserfaultfd', 'notNeeded', /CAP_SYS_PTRACE/);
      made('self', { permitted: ptrace, uidMap: '0 1000 1\n' }, 50);
      assertGate(check(undefined), 'unprivilegedUserfaultfd', 'closed', /UFFD_USER_MODE_ONLY/);
    });

    it('the device is closed where there is none, with the way to make it', () => {
      assertGate(check(undefined), 'deviceNode', 'closed', /came with Linux 6\.1/);
      tree.file('misc', '259 cpu_dma_latency\n257 userfaultfd\n');
      const { remedies } = assertGate(check(undefined), 'deviceNode', 'closed', /no node for it/);
      assert.equal(remedies[0]!.code, 'sudo mknod -m 600 /dev/userfaultfd c 10 257');
      tree.file('root/.dockerenv', '');
      assert.match(gateOf(check(undefined), 'deviceNode').remedies[0]!.code, /--device/);
    });

    it('the device is tried for ourselves', () => {
      tree.file('root/dev/userfaultfd', '');
      assertGate(check(undefined), 'deviceNode', 'open', /A program of uid 1000 may open it/);
      const { remedies } = assertGate(
        check(undefined, { tryOpen: () => Errno.EACCES }),
        'deviceNode',
        'closed',
        new RegExp(`may not open it: it belongs to uid ${me}, group`),
      );
      assert.equal(remedies[0]!.code, 'sudo chgrp 100 /dev/userfaultfd && sudo chmod 660 /dev/userfaultfd');
      assertGate(
        check(undefined, { tryOpen: () => Errno.EPERM }),
        'deviceNode',
        'closed',
        /not allowed in this control group/,
      );
    });

    it('the device is judged by its mode for another process', () => {
      tree.file('root/dev/userfaultfd', '');
      madeTarget({ uid: me, saved: me });
      assertGate(check(77), 'deviceNode', 'open', /Process 77 may open it/);
      madeTarget2();
      assertGate(check(78), 'deviceNode', 'closed', /Process 78 may not open it/);
    });

    function madeTarget2(): void {
      made(78, { uid: other, saved: other, gid: 12345 });
      tree.thread(78, 78, 'x', {});
    }
  });
});
