/** The attach doctor's report as Markdown, which is also readable as it is. Pure: no VS Code. */
import type {
  DoctorReportDto,
  GateDto,
  GateQuestion,
  GateState,
} from '../../native-helper/protocol/doctor.ts';
import { targetName } from '../target/targetName.ts';

const headings: Readonly<Record<GateQuestion, string>> = {
  attach: 'To attach',
  freeze: 'To freeze a live handler',
  create: 'For a program to have a userfaultfd',
};

const stateWords: Readonly<Record<GateState, string>> = {
  open: '✔ open',
  closed: '✖ **CLOSED**',
  unknown: '? unknown',
  notNeeded: '✔ passed',
};

/** @param time of day at which it was checked */
export function doctorMarkdown(report: DoctorReportDto, time: string): string {
  const { pid, comm, gates, refusedBy, text } = report;
  const name = pid === null ? 'this machine' : plain(targetName({ comm, pid }));
  return [
    `# Attach Doctor: ${name}`,
    `${refusedBy === null ? '✔' : '✖ **Refused.**'} ${plain(text)}`,
    `Checked at ${time}. _Check Again_ and _Copy Command…_ are in the title bar of this page and in the palette. ` +
      'Nothing was attached to, and none of these commands is ever run for you.',
    ...(['attach', 'freeze', 'create'] as const).flatMap((question) =>
      questionBlocks(
        question,
        gates.filter((gate) => gate.question === question),
      ),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

/** Each different remedy with the gates that it opens, in their order. */
export function remediesOf(
  gates: readonly GateDto[],
): { remedy: GateDto['remedies'][number]; opens: string[] }[] {
  const byCode = new Map<string, { remedy: GateDto['remedies'][number]; opens: string[] }>();
  for (const { name, remedies } of gates) {
    for (const remedy of remedies) {
      const known = byCode.get(remedy.code);
      if (known === undefined) {
        byCode.set(remedy.code, { remedy, opens: [name] });
      } else {
        known.opens.push(name);
      }
    }
  }
  return [...byCode.values()];
}

function questionBlocks(question: GateQuestion, gates: readonly GateDto[]): string[] {
  if (gates.length === 0) {
    return [];
  }
  const remedies = remediesOf(gates);
  return [
    `## ${headings[question]}`,
    ['| State | Gate | What was found |', '| --- | --- | --- |', ...gates.map(gateRow)].join('\n'),
    ...(remedies.length === 0 ? [] : ['### What opens it']),
    ...remedies.flatMap(({ remedy, opens }, index) => [
      `${index + 1}. Opens ${opens.map((name) => `**${plain(name)}**`).join(', ')}. ${plain(remedy.advice)}`,
      // Indented as part of its list item.
      `   \`\`\`${remedy.language}\n   ${remedy.code}\n   \`\`\``,
      `   _Cost:_ ${plain(remedy.cost)}`,
    ]),
  ];
}

function gateRow({ state, name, found }: GateDto): string {
  return `| ${stateWords[state].replace(' ', '&nbsp;')} | ${plain(name)} | ${plain(found)} |`;
}

/** Text that Markdown shows as it is, whatever a process calls itself. */
function plain(text: string): string {
  return text
    .replaceAll(/[\n\r]/g, ' ')
    .replaceAll(/[\\`*{}[\]<>|#~]/g, '\\$&')
    .replaceAll(/(?<!\w)_|_(?!\w)/g, '\\_');
}
