import assert from 'node:assert/strict';
import { doctorMarkdown, remediesOf } from '../../../extension/doctor/doctorMarkdown.ts';
import type { DoctorReportDto, GateDto } from '../../../native-helper/protocol/doctor.ts';

const remedy = { advice: 'Do this.', language: 'sh', code: 'sudo this', cost: 'Much.' } as const;

function gate(change: Partial<GateDto>): GateDto {
  return {
    id: 'uid',
    question: 'attach',
    name: 'User',
    state: 'open',
    found: 'Fine.',
    remedies: [],
    ...change,
  };
}

function report(change: Partial<DoctorReportDto>): DoctorReportDto {
  return { pid: 7, comm: 'vmm', gates: [], refusedBy: null, text: 'Allowed.', ...change };
}

describe('the attach doctor’s page', () => {
  it('says the verdict first, and each state in words', () => {
    const gates = [
      gate({}),
      gate({ name: 'Dumpable', state: 'closed', remedies: [remedy] }),
      gate({ name: 'Yama', state: 'notNeeded' }),
      gate({ name: 'Namespace', state: 'unknown' }),
    ];
    const text = doctorMarkdown(report({ gates, refusedBy: 'dumpable', text: 'It is refused.' }), '12:00');
    assert.match(
      text,
      /^# Attach Doctor: vmm \(7\)\n\n✖ \*\*Refused\.\*\* It is refused\.\n\nChecked at 12:00\./,
    );
    for (const row of [
      '| ✔&nbsp;open | User | Fine. |',
      '| ✖&nbsp;**CLOSED** | Dumpable | Fine. |',
      '| ✔&nbsp;passed | Yama | Fine. |',
      '| ?&nbsp;unknown | Namespace | Fine. |',
    ]) {
      assert.ok(text.includes(`${row}\n`), row);
    }
    assert.ok(
      text.includes(
        '1. Opens **Dumpable**. Do this.\n\n   ```sh\n   sudo this\n   ```\n\n   _Cost:_ Much.\n',
      ),
    );
  });

  it('has a section per question that has gates, and no other', () => {
    const text = doctorMarkdown(report({ gates: [gate({ question: 'create' })] }), '12:00');
    assert.deepEqual(text.match(/^#+ .*/gm), [
      '# Attach Doctor: vmm (7)',
      '## For a program to have a userfaultfd',
    ]);
    assert.match(
      doctorMarkdown(report({ pid: null, comm: '' }), '12:00'),
      /^# Attach Doctor: this machine\n/,
    );
  });

  it('names a remedy of several gates once', () => {
    const gates = [gate({ name: 'A', remedies: [remedy] }), gate({ name: 'B', remedies: [remedy] })];
    assert.deepEqual(remediesOf(gates), [{ remedy, opens: ['A', 'B'] }]);
  });

  it('shows what a process calls itself as it is: no table is broken, no link or tag is made', () => {
    const comm = '[x](command:a) | <b>`_y_';
    const text = doctorMarkdown(
      report({ comm, gates: [gate({ found: `Process 7 (${comm}) and\nCAP_SYS_PTRACE.` })] }),
      '12:00',
    );
    assert.ok(text.includes('\\[x\\](command:a) \\| \\<b\\>\\`\\_y\\_'));
    assert.ok(text.includes(' and CAP_SYS_PTRACE. |\n'));
  });
});
