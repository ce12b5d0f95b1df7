/** Contract of the attach doctor: each gate between us and a target's uffd, by name. */
import { RequestType } from 'vscode-jsonrpc';
import type { ErrorDto } from './protocol.ts';

export type GateId =
  | 'kernel'
  | 'features'
  | 'unprivilegedUserfaultfd'
  | 'deviceNode'
  | 'process'
  | 'uid'
  | 'userNamespace'
  | 'dumpable'
  | 'yama'
  | 'capabilities'
  | 'seccomp'
  | 'container'
  | 'tracer'
  /** The attempt itself: pidfd_getfd(2) of a descriptor of the target. */
  | 'duplicate';

export interface RemedyDto {
  /** To be run as it stands, in a shell. */
  readonly command: string;
  /** What it costs in security, and how long it lasts, in one sentence. */
  readonly cost: string;
}

export interface GateDto {
  readonly id: GateId;
  /** Its name, as documentation calls it: `kernel.yama.ptrace_scope`. */
  readonly name: string;
  /** closed: refuses, or would; unknown: cannot be seen from here; notNeeded: another gate lets us pass. */
  readonly state: 'open' | 'closed' | 'unknown' | 'notNeeded';
  /** What was found, in one sentence. */
  readonly found: string;
  /** Ways to open it, the cheapest first; none for one that is open. */
  readonly remedies: readonly RemedyDto[];
}

export interface DoctorParams {
  /** Without it, only the gates of this machine and of the helper. */
  readonly pid?: number;
}
export interface DoctorReportDto {
  readonly pid: number | null;
  readonly comm: string;
  readonly gates: readonly GateDto[];
  /** The gate that refuses the attach; null when it would be allowed, or without a pid. */
  readonly refusedBy: GateId | null;
  /** That in one sentence. */
  readonly text: string;
}
/** Checks every gate; attaches to nothing and reads no uffd. */
export const DoctorRequest = new RequestType<DoctorParams, DoctorReportDto, ErrorDto>('doctor/check');
