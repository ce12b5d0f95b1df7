/** Gates of the machine and of our own process, whatever the target: kernel, seccomp, container. */
import { Errno, errnoName } from '../../abi/errnoText.ts';
import type { GateDto } from '../../protocol/doctor.ts';
import { procText } from '../../inspect/procFile.ts';
import { isTarget, type AccessFacts } from '../accessFacts.ts';
import type { Container } from '../containerSigns.ts';
import { grantPtrace, loosenFilter } from '../remedies.ts';

/** pidfd_getfd(2) came with 5.6. */
const firstKernel = [5, 6] as const;

export function kernelGate({ system, ownDuplicate }: AccessFacts): GateDto {
  const release = procText(`${system.procRoot}/sys/kernel/osrelease`)?.trim() ?? '';
  const isTooOld = ownDuplicate === Errno.ENOSYS && isOlder(release);
  return {
    id: 'kernel',
    question: 'attach',
    name: 'Kernel',
    state: isTooOld ? 'closed' : ownDuplicate === Errno.ENOSYS ? 'unknown' : 'open',
    found: isTooOld
      ? `Linux ${release} has no pidfd_getfd: attaching needs 5.6 or newer.`
      : `Linux ${release}, which ${ownDuplicate === Errno.ENOSYS ? 'should have' : 'has'} pidfd_getfd.`,
    remedies: [],
  };
}

function isOlder(release: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return major < firstKernel[0] || (major === firstKernel[0] && minor < firstKernel[1]);
}

export function seccompGate(facts: AccessFacts): GateDto {
  const { own, ownDuplicate } = facts;
  const filters = own.seccompMode === 0 ? 'no seccomp filter' : `${own.seccompFilters} seccomp filters`;
  const isRefused =
    ownDuplicate !== undefined && (ownDuplicate !== Errno.ENOSYS || kernelGate(facts).state !== 'closed');
  const isOfFilter = own.seccompMode !== 0;
  return {
    id: 'seccomp',
    question: 'attach',
    name: 'seccomp',
    state: isRefused ? 'closed' : 'open',
    found: isRefused
      ? `pidfd_getfd fails with ${errnoName(ownDuplicate)} even on the helper itself` +
        (isOfFilter ? `, which runs under ${filters}: one of them refuses the call.` : '.')
      : `The helper runs under ${filters}, and pidfd_getfd on itself is let through.`,
    remedies:
      isRefused && isOfFilter
        ? // Docker's and Podman's own profile lets this call through for those who have the capability.
          [
            ...(own.container === undefined ? [] : grantPtrace(facts)),
            ...loosenFilter(facts, 'pidfd_open and pidfd_getfd'),
          ]
        : [],
  };
}

export function containerGate({ own, target, seesMachine }: AccessFacts): GateDto {
  const sentences = [
    own.container === undefined
      ? 'There is no sign that the helper runs in a container.'
      : `The helper runs in a container (${containerWords(own.container)})${
          seesMachine ? ', which sees every process of the machine.' : ': it sees only the processes inside.'
        }`,
  ];
  if (isTarget(target)) {
    const innerPid = target.nestedPids.length > 1 ? target.nestedPids.at(-1) : undefined;
    if (target.container !== undefined && target.container.name !== own.container?.name) {
      sentences.push(`The process runs in ${containerWords(target.container)}.`);
    }
    if (innerPid !== undefined) {
      sentences.push(`It is pid ${innerPid} in a pid namespace of its own.`);
    }
  }
  return {
    id: 'container',
    question: 'attach',
    name: 'Container',
    state: 'open',
    found: sentences.join(' '),
    remedies: [],
  };
}

function containerWords({ runtime, name, seenIn }: Container): string {
  return `${runtime}${name === '' ? '' : ` ${name}`}, by ${seenIn}`;
}
