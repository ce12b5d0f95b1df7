/** Packages of other Debian releases, downloaded by an apt of their own: the machine's stays as it is. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readCommand } from '../workbench/childProcess.ts';
import { findOnPath } from '../workbench/findOnPath.ts';
import { MissingProgram } from '../workbench/systemPackages.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** One release, such as `trixie` or `trixie-backports`. */
export class DebianRelease {
  private readonly name: string;
  private readonly folder: string;
  private isUpdated = false;

  /** @param folder for apt's own files; kept, so that the next run need not download them again */
  constructor(name: string, folder: string) {
    this.name = name;
    this.folder = folder;
  }

  /** Downloads packages and unpacks them into `destination`. @throws MissingProgram why that cannot be */
  async unpack(packages: readonly string[], destination: string): Promise<void> {
    const archives = path.join(this.folder, 'archives');
    await rm(archives, { recursive: true, force: true });
    await mkdir(archives, { recursive: true });
    await this.apt('apt-get', ['download', ...packages], archives);
    await mkdir(destination, { recursive: true });
    for (const archive of await readdir(archives)) {
      await run('dpkg-deb', ['-x', path.join(archives, archive), destination]);
    }
    await rm(archives, { recursive: true });
  }

  /** Names of the packages that a package depends on. @throws MissingProgram */
  async dependenciesOf(name: string): Promise<string[]> {
    const output = await this.apt('apt-cache', ['depends', '--important', name]);
    return [...output.matchAll(/^ *\|?Depends: (\S+)$/gm)].map((match) => match[1]!);
  }

  private async apt(program: string, args: readonly string[], cwd = this.folder): Promise<string> {
    if (!this.isUpdated) {
      await this.update();
      this.isUpdated = true;
    }
    return run(program, args, cwd, this.configFile);
  }

  private get configFile(): string {
    return path.join(this.folder, 'apt.conf');
  }

  private async update(): Promise<void> {
    const file = (name: string): string => path.join(this.folder, name);
    await mkdir(file('lists/partial'), { recursive: true });
    await mkdir(file('cache/archives/partial'), { recursive: true });
    await writeFile(
      file('sources.list'),
      `deb [arch=amd64 signed-by=${keyring}] http://deb.debian.org/debian ${this.name} main\n`,
    );
    const settings = {
      'Dir::Etc::SourceList': file('sources.list'),
      'Dir::Etc::SourceParts': '/dev/null',
      'Dir::Etc::Preferences': '/dev/null',
      'Dir::Etc::PreferencesParts': '/dev/null',
      'Dir::State::Lists': file('lists'),
      'Dir::Cache': file('cache'),
      'APT::Sandbox::User': 'root',
      'APT::Update::Error-Mode': 'any',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
    await writeFile(this.configFile, lines.join(''));
    await run('apt-get', ['update'], this.folder, this.configFile);
  }
}

/** Runs a program to its end and returns what it printed. @throws MissingProgram with what it says when it fails */
async function run(program: string, args: readonly string[], cwd?: string, config?: string): Promise<string> {
  if (findOnPath(program) === null) {
    throw new MissingProgram(`${program} is missing: this needs a Debian or Ubuntu system.`);
  }
  const { exitCode, output } = await readCommand(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, LC_ALL: 'C', ...(config === undefined ? {} : { APT_CONFIG: config }) },
  });
  if (exitCode !== 0) {
    throw new MissingProgram(`${program} ${args.join(' ')} failed: ${output.trim()}`);
  }
  return output;
}
