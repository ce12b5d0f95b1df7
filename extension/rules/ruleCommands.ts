/** The commands of the rules view. From the palette, which names no rule, each asks for one. */
import * as v from 'valibot';
import * as vscode from 'vscode';
import type { FilePath } from '../../native-helper/rules/ruleSchema.ts';
import type { CommandServices } from '../commands/commandServices.ts';
import { pick } from '../commands/steps/ask.ts';
import { chooseFile } from '../commands/steps/chooseFile.ts';
import { RuleCommand, type RuleCommandId } from '../contributions.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import { requestFailed } from '../messages/requestMessages.ts';
import { noRules } from '../messages/ruleMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import { askCondition } from './askCondition.ts';
import { askRuleAction } from './askRuleAction.ts';
import {
  editAction,
  editCondition,
  editDelay,
  editHitCondition,
  renameRule,
  type RuleEdit,
} from './editRule.ts';
import { exportRules, importRules } from './rulesFile.ts';
import type { RulesView } from './rulesView.ts';
import type { RuleStore, StoredRule } from './ruleStore.ts';
import { actionWords, matchWords } from './ruleWords.ts';

/** The fault to make a rule from, as the timeline names it. */
const addArgument = v.optional(v.object({ sessionId: v.number(), faultId: v.number() }));

export function registerRuleCommands(
  store: RuleStore,
  view: RulesView,
  { registry, chosenFiles, log }: Pick<CommandServices, 'registry' | 'chosenFiles' | 'log'>,
): Disposable {
  const chooseRuleFile = async (): Promise<FilePath | undefined> => {
    const file = await chooseFile(chosenFiles);
    return file && { path: file.path };
  };

  const add = async (argument: unknown): Promise<void> => {
    const asked = v.safeParse(addArgument, argument).output as v.InferOutput<typeof addArgument>;
    const session = registry.sessions.find(({ id }) => id === asked?.sessionId) ?? registry.current;
    const fault = session?.trace.openFaults().find(({ id }) => id === asked?.faultId);
    const title = vscode.l10n.t('Add Rule');
    const match = await askCondition(title, session, fault);
    const base = match?.ranges?.[0]?.split('-')[0] ?? session?.ranges[0]?.start ?? '';
    const action = match && (await askRuleAction(title, base, chooseRuleFile));
    if (action !== undefined) {
      await view.show(store.add({ name: '', isEnabled: true, match: match!, action, delayMs: 0 }));
    }
  };
  const edit = (ask: RuleEdit) => async (element: unknown) => {
    const entry = await ruleOf(element, store, view);
    const edited = entry && (await ask(entry.rule));
    if (edited !== undefined) {
      store.change(entry!.id, edited);
    }
  };
  const change = (act: (entry: StoredRule) => void) => async (element: unknown) => {
    const entry = await ruleOf(element, store, view);
    if (entry !== undefined) {
      act(entry);
    }
  };

  const handlers: Record<RuleCommandId, (argument?: unknown) => unknown> = {
    [RuleCommand.add]: add,
    [RuleCommand.editCondition]: edit(editCondition),
    [RuleCommand.editHitCondition]: edit(editHitCondition),
    [RuleCommand.editAction]: edit(editAction(registry, chooseRuleFile)),
    [RuleCommand.editDelay]: edit(editDelay),
    [RuleCommand.rename]: edit(renameRule),
    [RuleCommand.toggle]: change(({ id, rule }) => store.change(id, { isEnabled: !rule.isEnabled })),
    [RuleCommand.moveUp]: change(({ id }) => store.move(id, neighbour(store, id, -1))),
    [RuleCommand.moveDown]: change(({ id }) => store.move(id, neighbour(store, id, 2))),
    [RuleCommand.remove]: change(({ id }) => store.remove(id)),
    [RuleCommand.removeAll]: () => store.setAll([]),
    [RuleCommand.enableAll]: () => store.enableAll(true),
    [RuleCommand.disableAll]: () => store.enableAll(false),
    [RuleCommand.import]: () => importRules(store),
    [RuleCommand.export]: () => exportRules(store),
  };
  const subscriptions = new DisposableStore();
  for (const [id, handler] of Object.entries(handlers)) {
    subscriptions.add(
      vscode.commands.registerCommand(id, async (argument: unknown) => {
        try {
          await handler(argument);
        } catch (error) {
          log.error(`${id}: ${String(error)}`);
          showMessage(requestFailed(error, log));
        }
      }),
    );
  }
  return subscriptions;
}

/** What keybindings give instead of a rule: the one selected in the view is meant. */
const selectedInView = 'selected';

/** The rule that the view gave the command, or one that is picked; undefined when there is none. */
async function ruleOf(element: unknown, store: RuleStore, view: RulesView): Promise<StoredRule | undefined> {
  if (element === selectedInView) {
    return view.selected;
  }
  const given = store.rules.find((entry) => entry === element);
  if (given !== undefined) {
    return given;
  }
  if (store.rules.length === 0) {
    showMessage(noRules());
    return undefined;
  }
  const picked = await pick(
    vscode.l10n.t('Fault Rules'),
    vscode.l10n.t('Choose the rule'),
    store.rules.map((entry) => ({
      label: entry.rule.name === '' ? actionWords(entry.rule) : entry.rule.name,
      description: matchWords(entry.rule),
      entry,
    })),
  );
  return picked?.entry;
}

/** Id of the rule so many places further, undefined at the end; the first one at the start. */
function neighbour(store: RuleStore, id: number, by: number): number | undefined {
  const at = store.rules.findIndex((entry) => entry.id === id);
  return store.rules[Math.max(0, at + by)]?.id;
}
