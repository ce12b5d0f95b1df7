import { parseArgs } from 'node:util';

/**
 * The names on the command line, all of `known` without any, in the order of `known`; or the exit
 * code to end with, when the help was asked for or a name is unknown, which has been said then.
 * @param kind what the names are of, such as `ring`
 */
export function chosenNames(
  known: readonly string[],
  kind: string,
  help: string,
): readonly string[] | number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    console.error(`There is no ${kind} "${unknown}". The ${kind}s are: ${known.join(', ')}.`);
    return 2;
  }
  return positionals.length === 0 ? known : known.filter((name) => positionals.includes(name));
}
