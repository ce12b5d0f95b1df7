/**
 * A rules file: JSON with comments and trailing commas, `{ "rules": [ … ] }`. An entry is a
 * `FaultRule` (faultRule.ts) of which only the action must be given:
 *
 *     {
 *       "rules": [
 *         // The heap comes from its image, four pages at a time.
 *         {
 *           "match": { "ranges": ["0x7f0000000000-0x7f0000100000"], "kinds": ["missing"] },
 *           "action": {
 *             "do": "resolve",
 *             "action": {
 *               "ioctl": "copy",
 *               "source": { "kind": "image", "file": { "path": "heap.img" }, "base": "0x7f0000000000" }
 *             },
 *             "lengthPages": 4
 *           }
 *         },
 *         { "action": { "do": "hold" } }
 *       ]
 *     }
 *
 * A relative path starts at the file's folder. Pure.
 */
import {
  createScanner,
  findNodeAtLocation,
  getLocation,
  getNodePath,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { checkForm, keyOf, sentence } from './checkRules.ts';
import { ruleConflicts, type RuleProblem } from './ruleConflicts.ts';
import type { WrittenRule } from './ruleSchema.ts';

/** A whole rule needs 7. */
const maxDepth = 100;

/** A problem of a rules file. */
export interface RulesFileProblem {
  /** From 1. */
  readonly line: number;
  /** Such as `rules[0].match.hitCondition`; empty for the file as a whole. */
  readonly key: string;
  /** One sentence, which names line and key. */
  readonly text: string;
}
export type ParsedRules =
  { readonly rules: WrittenRule[] } | { readonly problems: readonly RulesFileProblem[] };

/** The rules of a file, or everything that is wrong with it. */
export function parseRules(text: string): ParsedRules {
  return parse(text, ruleConflicts);
}

/**
 * Rules that were kept as `formatRules` wrote them: they may be in each other's way, as rules
 * that are being edited are.
 */
export function parseKeptRules(text: string): ParsedRules {
  return parse(text, () => []);
}

/** A file that parses back to these rules; what has its default is left out. */
export function formatRules(rules: readonly WrittenRule[]): string {
  return `${JSON.stringify({ rules: rules.map(withoutDefaults) }, null, 2)}\n`;
}

function parse(text: string, conflictsOf: (rules: WrittenRule[]) => RuleProblem[]): ParsedRules {
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== undefined) {
    const line = lineAt(text, tooDeep);
    return { problems: [{ line, key: '', text: `Line ${line}: nested deeper than any rule is.` }] };
  }
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (tree === undefined || error !== undefined) {
    // Those behind the first mostly follow from it.
    return { problems: error === undefined ? [] : [syntaxProblem(text, error)] };
  }
  const form = checkForm(getNodeValue(tree));
  const problems = [...repeatedKeys(tree), ...('problems' in form ? form.problems : conflictsOf(form.rules))];
  if (problems.length === 0 && 'rules' in form) {
    return form;
  }
  return { problems: problems.map((problem) => placed(text, tree, problem)) };
}

/** Where the text nests deeper than the parser, which is recursive, should follow; undefined nowhere. */
function tooDeepAt(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const token = text[scanner.getTokenOffset()];
    if (token === '{' || token === '[') {
      depth++;
      if (depth > maxDepth) {
        return scanner.getTokenOffset();
      }
    } else if (token === '}' || token === ']') {
      depth--;
    }
  }
  return undefined;
}

function syntaxProblem(text: string, { error, offset }: ParseError): RulesFileProblem {
  const what = printParseErrorCode(error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  const { path } = getLocation(text, offset);
  return at(lineAt(text, offset), { path, text: `is not JSON here: ${what}` });
}

function placed(text: string, tree: Node, problem: RuleProblem): RulesFileProblem {
  return at(lineAt(text, offsetOf(tree, problem.path)), problem);
}

function at(line: number, problem: RuleProblem): RulesFileProblem {
  return { line, key: keyOf(problem.path), text: `Line ${line}: ${sentence(problem)}` };
}

/** Where a path's key is, or the innermost thing on the way to it that there is. */
function offsetOf(tree: Node, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node !== undefined) {
      return node.parent?.type === 'property' ? node.parent.offset : node.offset;
    }
  }
  return tree.offset;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** JSON itself lets the last one win, which is never what was meant. */
function repeatedKeys(node: Node): RuleProblem[] {
  const children = node.children ?? [];
  const names =
    node.type === 'object' ? children.map((property) => property.children![0]!.value as string) : [];
  const repeated = new Set(names.filter((name, i) => names.indexOf(name) < i));
  return [
    ...[...repeated].map((name) => ({
      path: [...getNodePath(node), name],
      text: 'is given more than once',
    })),
    ...children.flatMap(repeatedKeys),
  ];
}

function withoutDefaults(rule: WrittenRule): unknown {
  return {
    name: unless('', rule.name),
    isEnabled: unless(true, rule.isEnabled),
    match: Object.keys(rule.match).length === 0 ? undefined : rule.match,
    action: withoutActionDefaults(rule.action),
    delayMs: unless(0, rule.delayMs),
  };
}

function withoutActionDefaults(action: WrittenRule['action']): unknown {
  if (action.do !== 'resolve') {
    return action;
  }
  const ioctl = Object.entries(action.action).filter(([, value]) => value !== false);
  return {
    do: action.do,
    action: Object.fromEntries(ioctl),
    lengthPages: unless(1, action.lengthPages),
    around: unless(false, action.around),
  };
}

/** `undefined`, which JSON leaves out, where the value is the default. */
function unless<T>(standard: T, value: T): T | undefined {
  return value === standard ? undefined : value;
}
