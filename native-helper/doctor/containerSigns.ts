/** Which container a process runs in, by the signs that its runtime leaves. */
import { existsSync } from 'node:fs';
import { procText } from '../inspect/procFile.ts';

export interface Container {
  /** `Docker`, or what else it is called. */
  readonly runtime: string;
  /** Its name or the first characters of its id; empty where no sign has it. */
  readonly name: string;
  /** The sign: where it was seen. */
  readonly seenIn: string;
}

const idCharacters = 12;

/** Names of control groups, as runtimes make them up. The most particular comes first. */
const groups: readonly (readonly [runtime: string, pattern: RegExp])[] = [
  ['Kubernetes', /kubepods.*?(?:[-/:](?:cri-containerd-|crio-|docker-)?)([0-9a-f]{64})/],
  ['Kubernetes', /kubepods()/],
  ['Podman', /libpod-(?!conmon)(?:payload-)?([0-9a-f]{64})/],
  ['Docker', /docker[-/]([0-9a-f]{64})/],
  ['LXC', /lxc(?:\.payload)?[./]([^/\n]+)/],
  ['containerd', /cri-containerd-([0-9a-f]{64})/],
  ['systemd-nspawn', /machine\.slice\/(?:machine-|systemd-nspawn@)([^/\n]+?)\.(?:scope|service)/],
];

/** The container that a process's control group is named after. */
export function containerOfGroup(cgroup: string): Container | undefined {
  for (const [runtime, pattern] of groups) {
    const found = pattern.exec(cgroup);
    if (found !== null) {
      const name = found[1]!;
      const isId = /^[0-9a-f]{64}$/.test(name);
      return { runtime, name: isId ? name.slice(0, idCharacters) : name, seenIn: 'its control group' };
    }
  }
  return undefined;
}

const signFiles: readonly (readonly [runtime: string, file: string])[] = [
  ['Docker', '.dockerenv'],
  ['Podman', 'run/.containerenv'],
  ['Kubernetes', 'run/secrets/kubernetes.io'],
];

/** The container that we run in; from inside, a control group often has no name. */
export function ownContainer(root: string, cgroup: string): Container | undefined {
  const byGroup = containerOfGroup(cgroup);
  if (byGroup !== undefined) {
    return byGroup;
  }
  const bySystemd = procText(`${root}/run/systemd/container`)?.trim();
  if (bySystemd !== undefined && bySystemd !== '') {
    return { runtime: bySystemd, name: '', seenIn: '/run/systemd/container' };
  }
  const sign = signFiles.find(([, file]) => existsSync(`${root}/${file}`));
  return sign && { runtime: sign[0], name: '', seenIn: `/${sign[1]}` };
}
