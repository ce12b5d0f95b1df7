/** Yama, the security module that lets only ancestors trace (Documentation/admin-guide/LSM/Yama.rst). */
import type { GateDto, RemedyDto } from '../../protocol/doctor.ts';
import { procText } from '../../inspect/procFile.ts';
import { hasRightOver, type AccessFacts, type TargetFacts } from '../accessFacts.ts';
import { CAP_SYS_PTRACE, has } from '../credentials.ts';
import { grantPtrace } from '../remedies.ts';

/** @param target null to judge any process that is not the helper's child */
export function yamaGate(facts: AccessFacts, target: TargetFacts | null): GateDto {
  const scope = procText(`${facts.system.procRoot}/sys/kernel/yama/ptrace_scope`)?.trim();
  const gate = (state: GateDto['state'], found: string, remedies: readonly RemedyDto[] = []): GateDto => ({
    id: 'yama',
    question: 'attach',
    name: 'kernel.yama.ptrace_scope',
    state,
    found,
    remedies,
  });
  if (scope === undefined) {
    return gate('open', 'This kernel has no Yama, or none that can be seen.');
  }
  if (scope === '0') {
    return gate('open', 'It is 0: Yama asks for nothing beyond the usual rights.');
  }
  if (scope === '3') {
    return gate('closed', 'It is 3: nobody may attach until the next boot.', [
      {
        advice:
          'Find the file that sets it, write 0 or 1 there, and boot anew: a running kernel does not take 3 back.',
        language: 'sh',
        code: 'grep -rs ptrace_scope /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d',
        cost: 'The command only looks; with 1, programs may then read and change those that they have started.',
      },
    ]);
  }
  const { own } = facts;
  const hasRight =
    target === null ? has(own.credentials.effective, CAP_SYS_PTRACE) : hasRightOver(own, target);
  if (hasRight) {
    return gate('notNeeded', `It is ${scope}, which CAP_SYS_PTRACE passes.`);
  }
  if (target?.access === 'granted') {
    return gate(
      'notNeeded',
      target.isBelowUs
        ? `It is ${scope}, and the helper is an ancestor of the process.`
        : `It is ${scope}, and the process lets us (PR_SET_PTRACER), or Yama has an exception for it.`,
    );
  }
  if (scope === '2') {
    return gate('closed', 'It is 2: only CAP_SYS_PTRACE may attach.', [
      ...grantPtrace(facts),
      toClassic(
        'every program may then read and change the other programs of its user, with the passwords and keys in them',
      ),
    ]);
  }
  return target?.isBelowUs === true
    ? gate('open', 'It is 1, and the helper is an ancestor of the process.')
    : gate('closed', 'It is 1: only an ancestor may attach, and the helper is none.', [
        {
          advice: 'Let the target call prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY).',
          language: 'c',
          code: 'prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);',
          cost: 'For as long as the process lives, every program of its user may read and change it, and no other.',
        },
        toClassic(
          'every program may then read and change the other programs of its user, with the passwords and keys in them',
        ),
        ...grantPtrace(facts),
      ]);
}

const toClassic = (cost: string): RemedyDto => ({
  advice: 'As root: sysctl kernel.yama.ptrace_scope=0.',
  language: 'sh',
  code: 'sudo sysctl kernel.yama.ptrace_scope=0',
  cost: `Until the next boot, ${cost}.`,
});
