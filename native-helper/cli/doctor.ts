/** `uffdbg doctor`: every gate before an attach, as text or as one JSON object. */
import { checkGates } from '../doctor/checkGates.ts';
import type { DoctorReportDto, GateDto, GateQuestion, GateState } from '../protocol/doctor.ts';
import { doctorSystem } from '../doctorSystem.ts';
import { ExitCode, type ProcessOptions } from './commandLine.ts';

/**
 * @param write takes lines
 * @returns the exit code: whether an attach would be refused
 */
export function doctor({ pid, json }: ProcessOptions, write: (lines: readonly string[]) => void): number {
  const report = checkGates(doctorSystem, pid);
  write(json ? [JSON.stringify(report)] : inWords(report));
  return report.refusedBy === null ? ExitCode.served : ExitCode.refused;
}

const headings: Readonly<Record<GateQuestion, string>> = {
  attach: 'To attach:',
  freeze: 'To freeze a live handler:',
  create: 'For a program to have a userfaultfd:',
};

const stateWords: Readonly<Record<GateState, string>> = {
  open: 'OPEN   ',
  closed: 'CLOSED ',
  unknown: 'UNKNOWN',
  notNeeded: 'PASSED ',
};

function inWords({ text, gates }: DoctorReportDto): string[] {
  return [
    text,
    ...(['attach', 'freeze', 'create'] as const).flatMap((question) => {
      const those = gates.filter((gate) => gate.question === question);
      return those.length === 0 ? [] : ['', headings[question], ...those.flatMap(gateLines)];
    }),
  ];
}

function gateLines({ state, name, found, remedies }: GateDto): string[] {
  return [
    `  ${stateWords[state]}  ${name}: ${found}`,
    ...remedies.flatMap(({ advice, code, cost }) => [
      `             ${advice}`,
      `                 ${code}`,
      `             Cost: ${cost}`,
    ]),
  ];
}
