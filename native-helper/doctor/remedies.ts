/** Remedies that several gates share. None is ever run by us. */
import type { RemedyDto } from '../protocol/doctor.ts';
import type { AccessFacts } from './accessFacts.ts';

/** Where a Node with the capability goes; the setting uffd.helper.nodePath then names it. */
const nodeCopy = '/usr/local/lib/userfaultfd-debugger/node';

/** Ways to let the helper have CAP_SYS_PTRACE. */
export function grantPtrace({ own, system, seesMachine }: AccessFacts): RemedyDto[] {
  const toContainer: RemedyDto = {
    advice:
      'Run VS Code’s server as root in a container with this capability: --cap-add=SYS_PTRACE for docker run and ' +
      'podman run, this line in devcontainer.json, or securityContext.capabilities.add in Kubernetes.',
    language: 'jsonc',
    code: '"capAdd": ["SYS_PTRACE"],',
    cost: 'For as long as the container lives, its root may read and change every process inside it.',
  };
  if (own.container !== undefined && !seesMachine) {
    return [toContainer];
  }
  const node = system.nodePath === undefined ? '"$(command -v node)"' : shellWord(system.nodePath);
  return [
    {
      advice: `Run the helper as root, or by a Node with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, named in uffd.helper.nodePath.`,
      language: 'sh',
      code:
        `sudo install -D -m 0750 -o root -g "$(id -g)" ${node} ${nodeCopy} && ` +
        `sudo setcap cap_sys_ptrace,cap_dac_read_search=ep ${nodeCopy}`,
      cost: `Until that file is removed, whoever is in your group can read every file, and read and change every process, with it.`,
    },
    ...(own.container === undefined ? [] : [toContainer]),
  ];
}

function shellWord(text: string): string {
  return /^[\w/.+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A system call that a filter of ours refuses. */
export function loosenFilter({ own }: AccessFacts, call: string): RemedyDto[] {
  return own.container === undefined
    ? []
    : [
        {
          advice: `Start the container with a seccomp profile that allows ${call}, or with none, by this line in devcontainer.json.`,
          language: 'jsonc',
          code: '"runArgs": ["--security-opt", "seccomp=unconfined"],',
          cost: 'For as long as the container lives, its programs may make every system call, among them those that kernel bugs were exploited through.',
        },
      ];
}
