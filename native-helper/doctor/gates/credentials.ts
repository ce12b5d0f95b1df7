/**
 * Gates of the kernel's ptrace access check with real credentials, in its order (ptrace(2),
 * "Ptrace access mode checking"): ids, dumpable, then capabilities across user namespaces.
 */
import type { GateDto, RemedyDto } from '../../protocol/doctor.ts';
import { hasRightOver, isSameNamespace, type AccessFacts, type TargetFacts } from '../accessFacts.ts';
import { CAP_SYS_PTRACE, capabilityNames, has } from '../credentials.ts';
import { grantPtrace } from '../remedies.ts';

type GateOf = (facts: AccessFacts, target: TargetFacts) => GateDto;

const gate = (
  id: GateDto['id'],
  name: string,
  state: GateDto['state'],
  found: string,
  remedies: readonly RemedyDto[] = [],
): GateDto => ({ id, question: 'attach', name, state, found, remedies: state === 'closed' ? remedies : [] });

/** A gate that CAP_SYS_PTRACE passes, or whatever let the attempt pass. */
function passable({ own }: AccessFacts, target: TargetFacts): 'notNeeded' | 'closed' {
  return target.access === 'granted' || hasRightOver(own, target) ? 'notNeeded' : 'closed';
}

export const uidGate: GateOf = (facts, target) => {
  const [uid] = facts.own.credentials.uids;
  const [gid] = facts.own.credentials.gids;
  const name = 'User and group';
  const { uids, gids } = target.credentials;
  if (uids.some((id) => id !== uid)) {
    const state = passable(facts, target);
    return gate(
      'uid',
      name,
      state,
      `It runs as uid ${uids[1]} and the helper as uid ${uid}${state === 'closed' ? ' without CAP_SYS_PTRACE' : ''}.`,
      grantPtrace(facts),
    );
  }
  if (gids.some((id) => id !== gid)) {
    const state = passable(facts, target);
    return gate(
      'uid',
      name,
      state,
      `It runs as uid ${uid} like the helper, but with group ${gids.find((id) => id !== gid)!} and the helper with group ${gid}${state === 'closed' ? ' without CAP_SYS_PTRACE' : ''}.`,
      grantPtrace(facts),
    );
  }
  return gate('uid', name, 'open', `Both run as uid ${uid} and group ${gid}.`);
};

export const dumpableGate: GateOf = (facts, target) => {
  const [, effective] = target.credentials.uids;
  const name = 'Dumpable';
  if (target.ownerUid === undefined) {
    return gate('dumpable', name, 'unknown', 'Who owns its /proc files cannot be seen.');
  }
  if (target.ownerUid !== effective) {
    return gate(
      'dumpable',
      name,
      passable(facts, target),
      'It is not dumpable (PR_SET_DUMPABLE is 0, as after a change of uid or file capabilities)' +
        (passable(facts, target) === 'closed' ? ' and the helper lacks CAP_SYS_PTRACE.' : '.'),
      [
        {
          advice: 'Let the target call prctl(PR_SET_DUMPABLE, 1), after it has changed its uid.',
          language: 'c',
          code: 'prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);',
          cost: 'For as long as the process lives, programs of the same user may read its memory, and it leaves core dumps with all that it holds.',
        },
        ...grantPtrace(facts),
      ],
    );
  }
  if (effective !== 0) {
    return gate('dumpable', name, 'open', 'It is dumpable: its /proc files are its own.');
  }
  // Root owns the files of a process of root in either case.
  return passable(facts, target) === 'notNeeded'
    ? gate(
        'dumpable',
        name,
        'notNeeded',
        'Of a process of root this cannot be seen, and the helper may pass it.',
      )
    : gate('dumpable', name, 'unknown', 'Of a process of root this cannot be seen from outside.');
};

export const userNamespaceGate: GateOf = ({ own }, target) => {
  const name = 'User namespace';
  const isSame = isSameNamespace(own, target);
  if (isSame === true) {
    return gate('userNamespace', name, 'open', 'Both are in the same user namespace.');
  }
  if (isSame === undefined && target.access !== 'granted') {
    return gate(
      'userNamespace',
      name,
      'unknown',
      'Their maps of uids are the same, but the namespace of the process may not be looked at.',
    );
  }
  const found = `It is in another user namespace than the helper${target.uidMap === '' ? ', one without any uid' : ''}`;
  return target.access === 'granted'
    ? gate('userNamespace', name, 'notNeeded', `${found}, over which the helper has the rights.`)
    : gate(
        'userNamespace',
        name,
        'closed',
        `${found}, where capabilities count only for those who are in a namespace above it or have made it. ` +
          (has(own.credentials.effective, CAP_SYS_PTRACE)
            ? 'The helper’s CAP_SYS_PTRACE does not count there.'
            : 'The helper has none.'),
        [
          {
            advice:
              'Run the helper as root outside: VS Code’s server in the namespace that the process was started from, for instance on the host and not in the container.',
            language: 'sh',
            code: `sudo lsns --type user --output NS,PID,USER,COMMAND`,
            cost: 'The command only lists the user namespaces with the process that each began with; a helper as root may read and change every process.',
          },
        ],
      );
};

/** Without a target: whether processes of others can be attached to. */
export function ownCapabilitiesGate({ own }: AccessFacts): GateDto {
  return has(own.credentials.effective, CAP_SYS_PTRACE)
    ? capabilities('open', 'CAP_SYS_PTRACE is effective: processes of other users can be attached to.')
    : capabilities(
        'notNeeded',
        `CAP_SYS_PTRACE is not effective: only processes of uid ${own.credentials.uids[0]} can be attached to.`,
      );
}

/** @param others the gates before it, which CAP_SYS_PTRACE would pass */
export function capabilitiesGate(
  facts: AccessFacts,
  target: TargetFacts,
  others: readonly GateDto[],
): GateDto {
  const { own } = facts;
  if (hasRightOver(own, target)) {
    return capabilities('open', 'CAP_SYS_PTRACE is effective, and counts for this process.');
  }
  const isEffective = has(own.credentials.effective, CAP_SYS_PTRACE);
  const effective = isEffective
    ? 'CAP_SYS_PTRACE is effective, but perhaps not in the user namespace of the process'
    : 'CAP_SYS_PTRACE is not effective';
  if (target.access === 'granted') {
    return capabilities('notNeeded', `${effective}; access is granted all the same.`);
  }
  const surplus = capabilityNames(target.credentials.permitted & ~own.credentials.permitted);
  if (surplus.length > 0) {
    const listed = surplus.length > 3 ? `${surplus.length} capabilities` : surplus.join(', ');
    return capabilities(
      'closed',
      `The process has ${listed} that the helper has not, so that attaching takes CAP_SYS_PTRACE${isEffective ? ' in its user namespace' : ', which is not effective'}.`,
      grantPtrace(facts),
    );
  }
  return others.some(({ state }) => state === 'closed')
    ? capabilities('closed', `${effective}, which would pass what is closed here.`, grantPtrace(facts))
    : capabilities('notNeeded', `${effective}, and nothing above needs it.`);
}

function capabilities(state: GateDto['state'], found: string, remedies: readonly RemedyDto[] = []): GateDto {
  return gate('capabilities', 'Capabilities', state, found, remedies);
}
