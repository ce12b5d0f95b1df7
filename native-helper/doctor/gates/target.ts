/** Gates at the target itself: whether it is one, the attempt, its uffd, and other tracers. */
import { errnoName } from '../../abi/errnoText.ts';
import type { GateDto, RemedyDto } from '../../protocol/doctor.ts';
import { procText } from '../../inspect/procFile.ts';
import type { AccessFacts, NoTarget, TargetFacts } from '../accessFacts.ts';
import { grantPtrace } from '../remedies.ts';

export function processGate(
  pid: number,
  target: TargetFacts | NoTarget,
  { own, seesMachine }: AccessFacts,
): GateDto {
  const gate = (state: GateDto['state'], found: string): GateDto => ({
    id: 'process',
    question: 'attach',
    name: 'Process',
    state,
    found,
    remedies: [],
  });
  if ('why' in target) {
    switch (target.why) {
      case 'gone':
        return gate(
          'closed',
          `There is no process ${pid}${own.container === undefined || seesMachine ? '' : ' in this container, from which those outside cannot be seen'}.`,
        );
      case 'ending':
        return gate('closed', `Process ${pid} (${target.comm}) has ended, or is about to: it has no memory.`);
      case 'kernelThread':
        return gate(
          'closed',
          `${pid} (${target.comm}) is a thread of the kernel: it has no memory of its own.`,
        );
      case 'thread':
        return gate(
          'closed',
          `${pid} (${target.comm}) is a thread of process ${target.tgid}: attach to that process.`,
        );
    }
  }
  return target.isDebugger
    ? gate(
        'closed',
        `Process ${pid} (${target.comm}) is a debugger of userfaultfds itself, such as this helper.`,
      )
    : gate('open', `Process ${pid} (${target.comm}) is there.`);
}

/** @param before the gates that the attempt comes to before */
export function duplicateGate(
  { system }: AccessFacts,
  target: TargetFacts,
  before: readonly GateDto[],
): GateDto {
  const gate = (state: GateDto['state'], found: string): GateDto => ({
    id: 'duplicate',
    question: 'attach',
    name: 'pidfd_getfd',
    state,
    found,
    remedies: [],
  });
  if (target.access === 'granted') {
    return gate(
      'open',
      target.accessErrno === undefined
        ? 'Its userfaultfd could be duplicated; the duplicate is closed again, and nothing was read.'
        : 'Access is granted; there is no userfaultfd that could be duplicated.',
    );
  }
  const call = `The attempt, pidfd_getfd, fails with ${errnoName(target.accessErrno ?? 0)}`;
  if (target.access === 'untried') {
    return gate('unknown', 'It was not tried, because the call is refused whatever the process.');
  }
  if (target.access === 'failed') {
    return gate('closed', `${call}, which is no matter of rights.`);
  }
  if (before.some(({ state }) => state === 'closed')) {
    return gate('closed', `${call}, for what is closed above.`);
  }
  const hidden = before.filter(({ state }) => state === 'unknown').map(({ name }) => name.toLowerCase());
  return gate(
    'closed',
    `${call} although nothing above is closed: ${[...hidden, `a security module${modulesInWords(system.root, target.pid, system.procRoot)}`].join(' or ')} refused.`,
  );
}

/** Which security modules there are, where this can be seen: ` (landlock, apparmor; it runs as snap.x)`. */
function modulesInWords(root: string, pid: number, procRoot: string): string {
  const modules = procText(`${root}/sys/kernel/security/lsm`)?.trim().split(',').join(', ');
  const label = procText(`${procRoot}/${pid}/attr/current`)?.replace(/\0/g, '').trim();
  const facts = [
    ...(modules === undefined || modules === '' ? [] : [modules]),
    ...(label === undefined || label === '' ? [] : [`the process runs as ${label}`]),
  ];
  return facts.length === 0
    ? ' (such as Landlock, AppArmor, SELinux or a BPF program)'
    : ` (${facts.join('; ')})`;
}

/** The uffd that an attach would take over. */
export function descriptorGate(facts: AccessFacts, { pid, uffds, access }: TargetFacts): GateDto {
  const gate = (state: GateDto['state'], found: string, remedies: readonly RemedyDto[] = []): GateDto => ({
    id: 'descriptor',
    question: 'attach',
    name: 'Userfaultfd',
    state,
    found,
    remedies,
  });
  if (uffds === undefined) {
    return access === 'granted'
      ? gate(
          'closed',
          `Access is granted, but /proc/${pid}/fd, where its userfaultfd is found, may not be listed: that takes its uid, or CAP_DAC_READ_SEARCH.`,
          grantPtrace(facts),
        )
      : gate('unknown', 'Its descriptors may not be looked at.');
  }
  const [uffd] = uffds;
  if (uffd === undefined) {
    return gate(
      'closed',
      'It has no userfaultfd open. If its memory is served from another process, attach to that one; if it could not make one, see below.',
    );
  }
  if (uffds.every(({ isApiDone }) => !isApiDone)) {
    return gate(
      'closed',
      `Descriptor ${uffd.fd} has not been through UFFDIO_API yet, so that no fault can arrive${uffd.isBlocking ? ', and poll(2) reports POLLERR on it' : ''}.`,
    );
  }
  const named =
    uffds.length === 1
      ? `Descriptor ${uffd.fd} is one`
      : `Descriptors ${uffds.map(({ fd }) => fd).join(', ')} are some`;
  const blocking = uffds.find(({ isBlocking }) => isBlocking);
  if (blocking === undefined) {
    return gate('open', `${named}, after UFFDIO_API and with O_NONBLOCK.`);
  }
  const found = `${named}, and ${blocking.fd} is without O_NONBLOCK: poll(2) reports POLLERR on it for ever.`;
  const canRead = facts.system.tryNowait(pid, blocking.fd);
  return canRead === false && uffds.every(({ isBlocking }) => isBlocking)
    ? gate(
        'closed',
        `${found} This kernel cannot read such a descriptor without the risk of hanging (preadv2 with RWF_NOWAIT came with 6.10): create it with O_NONBLOCK.`,
      )
    : gate('open', found);
}

/** Another tracer does not refuse an attach, but only one can stop a live handler. */
export function tracerGate(target: TargetFacts): GateDto {
  const [first] = target.tracers;
  return {
    id: 'tracer',
    question: 'freeze',
    name: 'Another tracer',
    state: first === undefined ? 'open' : 'closed',
    found:
      first === undefined
        ? 'No thread of the process is traced.'
        : `Process ${first.tracerPid} (${first.comm}) traces ${target.tracers.length === 1 ? `thread ${first.tid}` : `${target.tracers.length} threads`}: attaching works, but a traced thread of the handler cannot be frozen.`,
    remedies:
      first === undefined
        ? []
        : [
            {
              advice: 'Detach in that debugger, or interrupt it.',
              language: 'sh',
              code: `kill -INT ${first.tracerPid}`,
              cost: 'Nothing in security; a debugger that asked for PTRACE_O_EXITKILL ends the process with itself.',
            },
          ],
  };
}
