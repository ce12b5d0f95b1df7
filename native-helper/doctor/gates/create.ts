/** Gates before a program that wants a uffd: the system call, the sysctl, the device. */
import { statSync } from 'node:fs';
import { Errno, errnoName } from '../../abi/errnoText.ts';
import type { GateDto, RemedyDto } from '../../protocol/doctor.ts';
import { procText } from '../../inspect/procFile.ts';
import { isInFirstNamespace, isTarget, type AccessFacts, type ProcessFacts } from '../accessFacts.ts';
import { CAP_SYS_PTRACE, has, type Credentials } from '../credentials.ts';
import { loosenFilter } from '../remedies.ts';

const gate = (
  id: GateDto['id'],
  name: string,
  state: GateDto['state'],
  found: string,
  remedies: readonly RemedyDto[] = [],
): GateDto => ({ id, question: 'create', name, state, found, remedies });

export function featuresGate(facts: AccessFacts): GateDto {
  const { system, own } = facts;
  const name = 'userfaultfd(2)';
  const tried = system.tryUserfaultfd();
  if ('features' in tried) {
    return gate(
      'features',
      name,
      'open',
      `The call works, and the kernel has ${tried.features.length} features: ${tried.features.join(', ')}.`,
    );
  }
  const isBuiltIn = procText(`${system.procRoot}/sys/vm/unprivileged_userfaultfd`) !== undefined;
  const failed = `The call fails with ${errnoName(tried.errno)}`;
  if (tried.errno === Errno.ENOSYS && !isBuiltIn) {
    return gate('features', name, 'closed', `${failed}: this kernel was built without CONFIG_USERFAULTFD.`);
  }
  return own.seccompMode === 0
    ? gate('features', name, 'unknown', `${failed}, in the helper.`)
    : gate(
        'features',
        name,
        'closed',
        `${failed} even for user-mode faults: a seccomp filter refuses it, in the helper and in what is started beside it.`,
        loosenFilter(facts, 'userfaultfd'),
      );
}

/** Who would make the uffd, in words. */
function subject({ own, target }: AccessFacts): { facts: ProcessFacts; words: string } {
  return isTarget(target)
    ? { facts: target, words: `process ${target.pid}` }
    : { facts: own, words: `a program of uid ${own.credentials.uids[1]}` };
}

export function sysctlGate(facts: AccessFacts): GateDto {
  const id = 'unprivilegedUserfaultfd';
  const name = 'vm.unprivileged_userfaultfd';
  const value = procText(`${facts.system.procRoot}/sys/vm/unprivileged_userfaultfd`)?.trim();
  if (value === undefined) {
    return gate(id, name, 'unknown', 'There is no such setting: the kernel lacks userfaultfd, or hides it.');
  }
  if (value !== '0') {
    return gate(id, name, 'open', `It is ${value}: every program may handle faults of the kernel too.`);
  }
  const { facts: who, words } = subject(facts);
  return has(who.credentials.effective, CAP_SYS_PTRACE) && isInFirstNamespace(who)
    ? gate(id, name, 'notNeeded', `It is 0, but ${words} has CAP_SYS_PTRACE, which passes it.`)
    : gate(
        id,
        name,
        'closed',
        `It is 0: ${words} gets a userfaultfd by the system call only with UFFD_USER_MODE_ONLY, and EPERM without.`,
        [
          {
            advice: 'Ask for faults of user mode only, where the kernel never touches the memory.',
            language: 'c',
            code: 'int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);',
            cost: 'Nothing in security; a system call that touches a missing page fails with EFAULT instead of faulting.',
          },
          {
            advice: 'Let every program handle faults of the kernel.',
            language: 'sh',
            code: 'sudo sysctl vm.unprivileged_userfaultfd=1',
            cost: 'Until the next boot, any program may make the kernel wait in the middle of a system call, which has made bugs of the kernel exploitable.',
          },
        ],
      );
}

export function deviceGate(facts: AccessFacts): GateDto {
  const { system, own } = facts;
  const { facts: who, words } = subject(facts);
  const path = `${system.root}/dev/userfaultfd`;
  const id = 'deviceNode';
  const name = '/dev/userfaultfd';
  let node;
  try {
    node = statSync(path);
  } catch {
    const minor = /^\s*(\d+) userfaultfd$/m.exec(procText(`${system.procRoot}/misc`) ?? '')?.[1];
    return minor === undefined
      ? gate(id, name, 'closed', 'This kernel has no such device; it came with Linux 6.1.')
      : gate(id, name, 'closed', 'The kernel has the device, but there is no node for it.', [
          own.container === undefined
            ? {
                advice: 'Make the node; udev or devtmpfs usually does.',
                language: 'sh',
                code: `sudo mknod -m 600 /dev/userfaultfd c 10 ${minor}`,
                cost: 'Until the next boot; only root can open it.',
              }
            : {
                advice: 'Start the container with the device, by this line in devcontainer.json.',
                language: 'jsonc',
                code: '"runArgs": ["--device", "/dev/userfaultfd"],',
                cost: 'For as long as the container lives, its root may make the kernel wait in its memory’s faults.',
              },
        ]);
  }
  const outcome = who === own ? system.tryOpen(path) : undefined;
  const mayOpen = who === own ? outcome === undefined : mayOpenByMode(node, who.credentials);
  if (mayOpen) {
    return gate(
      id,
      name,
      'open',
      `${capital(words)} may open it and make a userfaultfd for faults of every kind by it.`,
    );
  }
  const group = who.credentials.gids[1];
  const owner = `uid ${node.uid}, group ${node.gid}, mode 0${(node.mode & 0o777).toString(8)}`;
  return gate(
    id,
    name,
    'closed',
    outcome === Errno.EPERM
      ? 'It may not be opened (EPERM): the device is not allowed in this control group, as in a container that was not given it.'
      : `${capital(words)} may not open it: it belongs to ${owner}.`,
    [
      {
        advice: 'Give it to a group that the program is in; a rule of udev keeps that beyond the next boot.',
        language: 'sh',
        code: `sudo chgrp ${group} /dev/userfaultfd && sudo chmod 660 /dev/userfaultfd`,
        cost: `Until the next boot, programs of group ${group} may make the kernel wait in faults of their memory, and no others.`,
      },
    ],
  );
}

/** By owner, group and mode; an access list would be seen only by opening it as that user. */
function mayOpenByMode(
  { uid, gid, mode }: { uid: number; gid: number; mode: number },
  { uids, gids, groups, effective }: Credentials,
): boolean {
  const CAP_DAC_OVERRIDE = 1;
  if (has(effective, CAP_DAC_OVERRIDE)) {
    return true;
  }
  const shift = uids[1] === uid ? 6 : gids[1] === gid || groups.includes(gid) ? 3 : 0;
  return ((mode >> shift) & 0o6) === 0o6;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
