/**
 * The attach doctor: judges every gate between us and a target's uffd. The attempt itself decides
 * whether an attach is refused; the gates say why.
 */
import type { DoctorReportDto, GateDto } from '../protocol/doctor.ts';
import { accessFacts, isTarget, type AccessFacts, type DoctorSystem } from './accessFacts.ts';
import { deviceGate, featuresGate, sysctlGate } from './gates/create.ts';
import {
  capabilitiesGate,
  dumpableGate,
  ownCapabilitiesGate,
  uidGate,
  userNamespaceGate,
} from './gates/credentials.ts';
import { containerGate, kernelGate, seccompGate } from './gates/machine.ts';
import { descriptorGate, duplicateGate, processGate, tracerGate } from './gates/target.ts';
import { yamaGate } from './gates/yama.ts';

/** @param pid without it, only the gates of this machine and of the helper */
export function checkGates(system: DoctorSystem, pid: number | undefined): DoctorReportDto {
  const facts = accessFacts(system, pid);
  const gates = [
    kernelGate(facts),
    seccompGate(facts),
    ...gatesOfTarget(facts, pid),
    featuresGate(facts),
    sysctlGate(facts),
    deviceGate(facts),
  ];
  const refusing = gates.find(({ question, state }) => question === 'attach' && state === 'closed');
  return {
    pid: pid ?? null,
    comm: facts.target?.comm ?? '',
    gates,
    refusedBy: refusing?.id ?? null,
    text: verdict(pid, gates, refusing),
  };
}

/** One or two sentences: which gate refused, and what would open it. */
export function refusalReason(system: DoctorSystem, pid: number): string {
  const { gates, refusedBy } = checkGates(system, pid);
  const gate = gates.find(({ id }) => id === refusedBy);
  return gate === undefined ? 'access was refused, but is granted by now. Try again.' : reason(gate);
}

function gatesOfTarget(facts: AccessFacts, pid: number | undefined): GateDto[] {
  const { target } = facts;
  if (pid === undefined || target === null) {
    return [ownCapabilitiesGate(facts), yamaGate(facts, null), containerGate(facts)];
  }
  const process = processGate(pid, target, facts);
  if (!isTarget(target)) {
    return [process, containerGate(facts)];
  }
  const owner = [uidGate(facts, target), dumpableGate(facts, target), userNamespaceGate(facts, target)];
  const access = [
    ...owner,
    capabilitiesGate(facts, target, owner),
    yamaGate(facts, target),
    containerGate(facts),
  ];
  return [
    process,
    ...access,
    duplicateGate(facts, target, access),
    descriptorGate(facts, target),
    tracerGate(target),
  ];
}

function verdict(pid: number | undefined, gates: readonly GateDto[], refusing: GateDto | undefined): string {
  const tracer = gates.find(({ id, state }) => id === 'tracer' && state === 'closed');
  if (refusing !== undefined) {
    const what = pid === undefined ? 'Attaching is refused' : `Attaching to process ${pid} is refused`;
    return `${what}${refusing.id === 'duplicate' ? '' : ` by ${nameInSentence(refusing)}`}: ${reason(refusing)}`;
  }
  return pid === undefined
    ? 'Nothing on this machine refuses every attach; give a process to check its own gates.'
    : `Attaching to process ${pid} is allowed${tracer === undefined ? '' : ', but not freezing its handler'}.`;
}

/** What was found, and the first way out. */
function reason({ found, remedies }: GateDto): string {
  const [first] = remedies;
  const isName = /^([A-Z]{2}|Linux)/.test(found);
  const sentence = isName ? found : `${found.charAt(0).toLowerCase()}${found.slice(1)}`;
  return `${sentence}${first === undefined ? '' : ` ${first.advice}`}`;
}

function nameInSentence({ id, name }: GateDto): string {
  const isWord = [
    'kernel',
    'process',
    'uid',
    'dumpable',
    'userNamespace',
    'capabilities',
    'descriptor',
  ].includes(id);
  return isWord ? `the gate “${name}”` : name;
}
