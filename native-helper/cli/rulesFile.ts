/** A rules file from disk: parsed, with every file that it names opened. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RuleDto } from '../protocol/rules.ts';
import { parseRules, type RulesFileProblem } from '../rules/parseRules.ts';
import { toRuleDto } from '../rules/ruleDto.ts';
import type { WrittenRule } from '../rules/ruleSchema.ts';
import type { SourceFiles } from './sourceFiles.ts';

/** The rules, or all that is wrong with them, a line each as compilers write them. */
export type LoadedRules = { readonly rules: RuleDto[] } | { readonly problems: readonly string[] };

export async function loadRules(file: string, sources: SourceFiles): Promise<LoadedRules> {
  let text: string;
  try {
    // As VS Code reads it: without a byte order mark.
    text = new TextDecoder().decode(await readFile(file));
  } catch (error) {
    return {
      problems: [`${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`],
    };
  }
  const parsed = parseRules(text);
  if ('problems' in parsed) {
    return { problems: parsed.problems.map((problem) => problemLine(file, problem)) };
  }
  const folder = path.dirname(file);
  const fileIds = new Map<string, number>();
  const problems: string[] = [];
  for (const [index, rule] of parsed.rules.entries()) {
    const source = sourcePath(rule);
    if (source !== undefined) {
      try {
        fileIds.set(source, await sources.open(path.resolve(folder, source)));
      } catch (error) {
        problems.push(`${file}: rules[${index}]: ${(error as Error).message}`);
      }
    }
  }
  return problems.length > 0
    ? { problems }
    : { rules: parsed.rules.map((rule) => toRuleDto(rule, ({ path }) => fileIds.get(path)!)) };
}

/** `rules.json:12: rules[0].match.hitCondition must be …`. */
function problemLine(file: string, { line, text }: RulesFileProblem): string {
  const prefix = `Line ${line}: `;
  return `${file}:${line}: ${text.startsWith(prefix) ? text.slice(prefix.length) : text}`;
}

/** The file that a rule takes its bytes from. */
function sourcePath({ action }: WrittenRule): string | undefined {
  if (action.do !== 'resolve' || action.action.ioctl !== 'copy') {
    return undefined;
  }
  const { source } = action.action;
  return source.kind === 'file' || source.kind === 'image' ? source.file.path : undefined;
}
