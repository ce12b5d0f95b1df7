/** Who a process is to the kernel, from /proc/PID/status, which everybody may read (proc_pid_status(5)). */

export const CAP_SYS_PTRACE = 19;

export interface Credentials {
  /** Real, effective and saved, as the reader's user namespace names them. */
  readonly uids: Ids;
  readonly gids: Ids;
  readonly groups: readonly number[];
  readonly permitted: bigint;
  readonly effective: bigint;
}
type Ids = readonly [real: number, effective: number, saved: number];

/** @returns undefined when a line is missing: the process has ended meanwhile */
export function parseCredentials(status: string): Credentials | undefined {
  const uids = ids(status, 'Uid');
  const gids = ids(status, 'Gid');
  const permitted = mask(status, 'CapPrm');
  const effective = mask(status, 'CapEff');
  if (uids === undefined || gids === undefined || permitted === undefined || effective === undefined) {
    return undefined;
  }
  const groups = (/^Groups:\s*([\d ]*)$/m.exec(status)?.[1] ?? '').split(' ').filter((id) => id !== '');
  return { uids, gids, groups: groups.map(Number), permitted, effective };
}

function ids(status: string, name: string): Ids | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)`, 'm').exec(status);
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])];
}

function mask(status: string, name: string): bigint | undefined {
  const found = new RegExp(`^${name}:\\s+([0-9a-f]+)`, 'm').exec(status)?.[1];
  return found === undefined ? undefined : BigInt(`0x${found}`);
}

export function has(capabilities: bigint, capability: number): boolean {
  return (capabilities & (1n << BigInt(capability))) !== 0n;
}

/** include/uapi/linux/capability.h, in order. */
const names =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );

/** Names of capabilities; one that is not known here by its number. */
export function capabilityNames(capabilities: bigint): string[] {
  return Array.from({ length: 64 }, (_, bit) => bit)
    .filter((bit) => has(capabilities, bit))
    .map((bit) => (names[bit] === undefined ? `capability ${bit}` : `CAP_${names[bit]}`));
}
