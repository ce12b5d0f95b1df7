import assert from 'node:assert/strict';
import { changedNodes } from '../../../extension/inspect/changedNodes.ts';
import { inspectNodes } from '../../../extension/inspect/inspectNodes.ts';
import { findingText } from '../../../extension/inspect/nodes/findingNode.ts';
import { spokenText, type InspectNode } from '../../../extension/inspect/nodes/inspectNode.ts';
import type { CodeNames } from '../../../extension/inspect/nodes/waiterNode.ts';
import { sizeWords, sleepWords } from '../../../extension/inspect/quantityWords.ts';
import type { CtxDto, HandlerThreadDto } from '../../../native-helper/protocol/inspect.ts';
import { sampleCtx, sampleFinding, sampleWaiter } from './sampleInspection.ts';

const t = (message: string, ...args: (string | number)[]): string =>
  message.replaceAll(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));

function nodes(ctxs: readonly CtxDto[], names: CodeNames = new Map()): InspectNode[] {
  return inspectNodes({ ctxs, unreadableProcesses: 0 }, names, t);
}

/** Every node of a tree, parents first. */
function flat(roots: readonly InspectNode[]): InspectNode[] {
  return roots.flatMap((node) => [node, ...flat(node.children)]);
}

function row(roots: readonly InspectNode[], label: string): InspectNode {
  const found = flat(roots).find((node) => node.label === label);
  assert.ok(
    found,
    `a row "${label}" among ${flat(roots)
      .map((node) => node.label)
      .join(', ')}`,
  );
  return found;
}

const tooltipText = ({ tooltip }: InspectNode): string => tooltip.map(({ text }) => text).join('\n');

describe('the tree of Inspect', () => {
  it('has processes, their userfaultfds, and what each consists of', () => {
    const roots = nodes([sampleCtx()]);
    assert.deepEqual(
      roots.map(({ label, description }) => [label, description]),
      [['vmm', '100 · 1 thread asleep']],
    );
    const [uffd] = roots[0]!.children;
    assert.deepEqual(
      uffd!.children.map(({ label, description }) => `${label}: ${description}`),
      [
        `Read, never woken: ${sampleFinding.text}`,
        'Sleeping Threads: 1',
        'Handler Threads: 1',
        'Holders: 1',
        'Ranges: 1',
        'Features: 2',
        'Flags: O_NONBLOCK',
      ],
    );
    assert.equal(uffd!.description, '1 read, not woken');
    assert.equal(row(roots, 'pager 101').description, 'waits in ppoll');
    assert.equal(row(roots, 'vmm 100').description, 'descriptor 5, 9 · its memory');
    assert.equal(row(roots, '0x7f0000000000').description, '1.5 GiB, MISSING WP, shmem');
    assert.match(row(roots, 'EVENT_REMOVE').description, /waits until it is read/);
  });

  it('tells a finding in full in its tooltip, aloud, and to whoever chooses the row', () => {
    const stacks = [{ pid: 100, tid: 101, comm: 'pager', frames: ['futex_wait', 'do_syscall_64'] }];
    const roots = nodes([sampleCtx({ findings: [{ ...sampleFinding, stacks }] })]);
    const finding = row(roots, 'Read, never woken');
    assert.equal(finding.context, 'finding');
    assert.equal(finding.isExpanded, true);
    assert.equal(finding.finding?.text, sampleFinding.text);
    for (const text of [sampleFinding.text, sampleFinding.advice, 'futex_wait\ndo_syscall_64']) {
      assert.ok(tooltipText(finding).includes(text), text);
    }
    assert.equal(spokenText(finding, t), `Read, never woken, ${sampleFinding.text}`);
    assert.equal(row(roots, 'What to try').description, sampleFinding.advice);
    assert.deepEqual(
      row(roots, 'Kernel stack of pager 101').children.map(({ label }) => label),
      ['futex_wait', 'do_syscall_64'],
    );
    assert.equal(
      findingText(roots[0]!.ctx!, finding.finding),
      `vmm (100), descriptor 5: ${sampleFinding.text}\n${sampleFinding.advice}\n101 (pager): futex_wait < do_syscall_64`,
    );
  });

  it('says of a sleeping thread where it faulted, in which mode, and for how long', () => {
    const source = { path: '/src/vcpu.c', line: 42 };
    const names = new Map([['0x401005', { symbol: 'run+0x5', source }]]);
    const user = row(nodes([sampleCtx()], names), 'vcpu-0 102');
    assert.equal(user.description, 'run+0x5 · vcpu.c:42 · 12 s');
    assert.deepEqual([user.context, user.source], ['waiterWithSource', source]);
    assert.match(tooltipText(user), /user mode[^]*0x401005 run\+0x5\n\/usr\/bin\/vmm\n\/src\/vcpu\.c:42/);

    const nameless = row(nodes([sampleCtx()]), 'vcpu-0 102');
    assert.equal(nameless.description, '0x401005 · 12 s');
    assert.equal(nameless.context, 'waiter');

    const kernel = { ...sampleWaiter, mode: 'kernel', syscall: 'read', asleepNs: null } as const;
    const inKernel = row(nodes([sampleCtx({ waiters: [kernel] })]), 'vcpu-0 102');
    assert.equal(inKernel.description, 'kernel mode, in read');
    assert.match(tooltipText(inKernel), /kernel mode: read touched the page\. A debugger .* makes it spin/);

    const event = { ...sampleWaiter, mode: 'event', syscall: 'madvise(0x1000, 4096)' } as const;
    const changing = row(nodes([sampleCtx({ waiters: [event] })]), 'vcpu-0 102');
    assert.match(changing.description, /^in madvise\(0x1000, 4096\) until its event is read/);

    const inferred = { ...sampleWaiter, isInferred: true };
    assert.match(tooltipText(row(nodes([sampleCtx({ waiters: [inferred] })]), 'vcpu-0 102')), /a conclusion/);
  });

  for (const [activity, syscall, tracerPid, words] of [
    ['epoll', 'epoll_wait', 0, 'waits in epoll_wait'],
    ['ioUring', 'io_uring_enter', 0, 'waits in io_uring_enter'],
    ['running', '', 0, 'busy'],
    ['blocked', 'futex', 0, 'asleep in futex'],
    ['fault', '', 0, 'asleep in a page fault itself'],
    ['stopped', 'poll', 0, 'stopped'],
    ['stopped', 'poll', 9, 'stopped by process 9'],
    ['gone', '', 0, 'gone'],
  ] as const) {
    it(`says that a handler is ${words}`, () => {
      const handler: HandlerThreadDto = {
        ...sampleCtx().handlers[0]!,
        activity,
        syscall,
        tracerPid,
        isCertain: false,
      };
      assert.equal(
        row(nodes([sampleCtx({ handlers: [handler] })]), 'pager 101').description,
        `${words} · likely`,
      );
    });
  }

  it('says what is missing instead of leaving it out', () => {
    const { uffd } = sampleCtx();
    const roots = nodes([
      sampleCtx({
        findings: [],
        waiters: [],
        handlers: [],
        ranges: [],
        unreadable: ['registered ranges'],
        uffd: { ...uffd, total: 0, features: [], isApiDone: false, isBlocking: true },
      }),
    ]);
    assert.equal(roots[0]!.description, '100 · not stuck');
    assert.equal(roots[0]!.isExpanded, false);
    assert.deepEqual(
      roots[0]!.children[0]!.children.map(({ label, description }) => `${label}: ${description}`),
      [
        'Sleeping Threads: none',
        'Handler Threads: none seen to wait',
        'Holders: 1',
        'Ranges: none',
        'Features: UFFDIO_API not done: no fault can come',
        'Flags: blocking: poll answers POLLERR',
        'Not readable: registered ranges',
      ],
    );
    assert.equal(roots[0]!.children[0]!.description, 'no open fault');
  });

  for (const [pending, total, words] of [
    [0, 0, 'no open fault'],
    [2, 2, '2 unread'],
    [0, 3, '3 read, not woken'],
    [1, 3, '1 unread, 2 read'],
  ] as const) {
    it(`says of ${pending} pending faults of ${total}: ${words}`, () => {
      const uffd = { ...sampleCtx().uffd, pending, total };
      assert.equal(row(nodes([sampleCtx({ uffd })]), 'Descriptor 5').description, words);
    });
  }

  it('says whether a holder was confirmed, and which is this debugger', () => {
    const holders = [{ pid: 7, comm: 'uffd-helper', fds: [20], isDebugger: true, isConfirmed: false }];
    const holder = row(nodes([sampleCtx({ holders })]), 'uffd-helper 7');
    assert.equal(holder.description, 'descriptor 20 · this debugger');
    assert.match(tooltipText(holder), /kcmp is not permitted/);
  });

  it('puts stuck processes first, and offers Wake only where it helps', () => {
    const healthy = sampleCtx({ inode: 1, pid: 1, comm: 'healthy', findings: [] });
    const note = { ...sampleFinding, isStuck: false, offersWake: false };
    const noted = sampleCtx({ inode: 2, pid: 2, comm: 'noted', findings: [note] });
    const roots = nodes([healthy, noted, sampleCtx()]);
    assert.deepEqual(
      roots.map(({ label, icon }) => [label, icon]),
      [
        ['vmm', 'warning'],
        ['healthy', 'server-process'],
        ['noted', 'server-process'],
      ],
    );
    assert.deepEqual(
      roots.map(({ children }) => children[0]!.context),
      ['uffdToWake', 'uffd', 'uffd'],
    );
    assert.equal(spokenText(roots[0]!, t), 'vmm, 100 · 1 thread asleep, stuck');
    assert.equal(spokenText(roots[1]!, t), 'healthy, 1 · not stuck');
    assert.equal(row([roots[2]!], 'Read, never woken').icon, 'info');
  });

  it('has each userfaultfd of a process below it, and no id twice', () => {
    const roots = nodes([
      sampleCtx(),
      sampleCtx({ inode: 78, findings: [], uffd: { ...sampleCtx().uffd, fd: 6 } }),
    ]);
    assert.deepEqual(
      roots[0]!.children.map(({ label }) => label),
      ['Descriptor 5', 'Descriptor 6'],
    );
    const ids = flat(roots).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });
});

describe('changedNodes', () => {
  it('names only the rows that show something else', () => {
    const later = sampleCtx({ waiters: [{ ...sampleWaiter, asleepNs: 14e9 }] });
    assert.deepEqual(changedNodes(nodes([sampleCtx()]), nodes([sampleCtx()])), []);
    assert.deepEqual(changedNodes(nodes([sampleCtx()]), nodes([later])), ['uffd 77 waiter 102']);
  });

  it('names the row whose children are others, once', () => {
    const more = sampleCtx({ waiters: [sampleWaiter, { ...sampleWaiter, tid: 103 }] });
    assert.deepEqual(changedNodes(nodes([sampleCtx()]), nodes([more])), ['process 100']);
    const unstuck = sampleCtx({ findings: [], waiters: [] });
    const quiet = changedNodes(nodes([unstuck]), nodes([{ ...unstuck, waiters: [sampleWaiter] }]));
    assert.deepEqual(quiet, ['uffd 77 waiters']);
  });

  it('names all when a process comes or goes', () => {
    assert.equal(changedNodes(nodes([sampleCtx()]), []), 'all');
    assert.equal(changedNodes([], nodes([sampleCtx()])), 'all');
    assert.deepEqual(changedNodes([], []), []);
  });
});

describe('words for sizes and times', () => {
  it('are short', () => {
    assert.deepEqual([4096, 2 ** 20, 3 * 2 ** 29, 2 ** 42, 2 ** 52].map(sizeWords), [
      '4 KiB',
      '1 MiB',
      '1.5 GiB',
      '4 TiB',
      '4096 TiB',
    ]);
    assert.deepEqual([0.26e9, 9.94e9, 12.4e9, 59e9, 61e9, 3599e9, 3600e9, 90_000e9].map(sleepWords), [
      '0.3 s',
      '9.9 s',
      '12 s',
      '59 s',
      '1 min',
      '59 min',
      '1 h',
      '25 h',
    ]);
  });
});
