/** `uffdbg`: the helper's engine without VS Code, in one process. */
import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { ResponseError } from 'vscode-jsonrpc';
import { uffdbgName } from '../inspect/debuggerNames.ts';
import { setThreadName } from '../syscalls/threadName.ts';
import { ExitCode, help, parseCommandLine, type ServeOptions } from './commandLine.ts';
import { doctor } from './doctor.ts';
import { inspect } from './inspect.ts';
import { jsonReport } from './jsonReport.ts';
import { LineOutput } from './lineOutput.ts';
import { loadRules } from './rulesFile.ts';
import { Server } from './serve.ts';
import { SourceFiles } from './sourceFiles.ts';
import { TextReport } from './textReport.ts';

/** The bundles, also when this one was started through a link such as npm's. */
const programs = path.dirname(realpathSync(process.argv[1]!));

async function serve(options: ServeOptions): Promise<number> {
  const sources = new SourceFiles();
  const loaded = await loadRules(options.rulesFile, sources);
  if ('problems' in loaded) {
    console.error(loaded.problems.join('\n'));
    return ExitCode.usage;
  }
  setThreadName(uffdbgName);
  const server = new Server(programs, options.json ? jsonReport : new TextReport(), sources);
  let isAsked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (isAsked) {
        // Asked a second time: at once, then; the exit hands back too.
        process.exit(ExitCode.served);
      }
      isAsked = true;
      void server.stop();
    });
  }
  try {
    return await server.serve(options, loaded.rules);
  } catch (error) {
    console.error((error as Error).message);
    return ExitCode.refused;
  }
}

/** A command that looks, prints and ends. @param look returns the exit code */
async function print(
  look: (write: (lines: readonly string[]) => void) => number | Promise<number>,
): Promise<number> {
  const output = new LineOutput(
    process.stdout,
    () => '',
    () => undefined,
  );
  try {
    const exitCode = await look((lines) => output.write(lines));
    await output.flush();
    return exitCode;
  } catch (error) {
    if (!(error instanceof ResponseError)) {
      throw error;
    }
    console.error(error.message);
    return ExitCode.refused;
  }
}

async function run(): Promise<number> {
  const command = parseCommandLine(process.argv.slice(2));
  switch (command.do) {
    case 'help':
      process.stdout.write(help);
      return ExitCode.served;
    case 'version': {
      const manifest = readFileSync(path.join(programs, '../package.json'), 'utf8');
      console.log((JSON.parse(manifest) as { version: string }).version);
      return ExitCode.served;
    }
    case 'refuse':
      console.error(`uffdbg: ${command.text} Try uffdbg --help.`);
      return ExitCode.usage;
    case 'inspect':
      return print((write) => inspect(command.options, write));
    case 'doctor':
      return print((write) => doctor(command.options, write));
    case 'serve':
      return serve(command.options);
  }
}

// A mistake must end the process, not leave it half alive: the exit hands back.
process.on('uncaughtException', (error) => {
  console.error(error);
  process.exit(ExitCode.bug);
});
// The guardian's pipe and the file handles would keep the process alive.
void run().then((exitCode) => process.exit(exitCode));
