/** Contract of the attach doctor: each gate between us and a target's uffd, by name. */
import { RequestType } from 'vscode-jsonrpc';
import type { ErrorDto } from './errors.ts';

export type GateId =
  | 'kernel'
  | 'seccomp'
  | 'process'
  | 'uid'
  | 'dumpable'
  | 'userNamespace'
  | 'capabilities'
  | 'yama'
  | 'container'
  /** The attempt itself: pidfd_getfd(2) of a descriptor of the target. */
  | 'duplicate'
  /** The target's uffd, once its descriptors can be seen. */
  | 'descriptor'
  | 'tracer'
  | 'features'
  | 'unprivilegedUserfaultfd'
  | 'deviceNode';

/** What a gate stands before: attaching, freezing a live handler, or a program's making a uffd at all. */
export type GateQuestion = 'attach' | 'freeze' | 'create';

/** closed: refuses, or would; unknown: cannot be seen from here; notNeeded: another gate lets us pass. */
export type GateState = 'open' | 'closed' | 'unknown' | 'notNeeded';

export interface RemedyDto {
  /** Who does what and where, in one sentence. */
  readonly advice: string;
  /** `sh`: to be run as it stands, in a shell; `c`: a line for the target; `jsonc`: one for a settings file. */
  readonly language: 'sh' | 'c' | 'jsonc';
  readonly code: string;
  /** What it costs in security, and how long it lasts, in one sentence. */
  readonly cost: string;
}

export interface GateDto {
  readonly id: GateId;
  readonly question: GateQuestion;
  /** Its name, as documentation calls it: `kernel.yama.ptrace_scope`. */
  readonly name: string;
  readonly state: GateState;
  /** What was found, in one sentence or two. */
  readonly found: string;
  /** Ways to open it, the one that opens least first; none for one that is open. */
  readonly remedies: readonly RemedyDto[];
}

export interface DoctorParams {
  /** Without it, only the gates of this machine and of the helper. */
  readonly pid?: number;
}
export interface DoctorReportDto {
  readonly pid: number | null;
  readonly comm: string;
  /** In the order in which the kernel and an attach come to them. */
  readonly gates: readonly GateDto[];
  /** The gate that refuses the attach, or, without a pid, would refuse every one; null when none does. */
  readonly refusedBy: GateId | null;
  /** That in one sentence or two. */
  readonly text: string;
}
/** Checks every gate; attaches to nothing and reads no uffd. */
export const DoctorRequest = new RequestType<DoctorParams, DoctorReportDto, ErrorDto>('doctor/check');
