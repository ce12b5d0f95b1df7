/** Tells people what happens to sessions without their doing. */
import type * as vscode from 'vscode';
import type { RuleDto } from '../native-helper/protocol/rules.ts';
import { DisposableStore, type Disposable } from './disposableStore.ts';
import { helperFailed } from './messages/requestMessages.ts';
import { ruleFailed } from './messages/ruleMessages.ts';
import { becameLastHolder, childTaken, sessionEnded } from './messages/sessionMessages.ts';
import { showMessage } from './messages/userMessage.ts';
import type { SessionRegistry } from './session/sessionRegistry.ts';
import { targetName } from './target/targetName.ts';
import type { TimelinePanel } from './timeline/timelinePanel.ts';

export function tellNotices(
  registry: SessionRegistry,
  timeline: TimelinePanel,
  log: vscode.OutputChannel,
): Disposable {
  const store = new DisposableStore();
  store.add(
    registry.onDidEnd(({ end }) => {
      if (end === null || end.reason === 'detached') {
        return;
      }
      if (end.reason !== 'helperFailed') {
        showMessage(sessionEnded(end.text));
      } else if (registry.attachedSessions.length === 0) {
        // All sessions end with the helper; the last one tells it for all.
        showMessage(helperFailed(log));
      }
    }),
  );
  store.add(
    registry.onDidFork(({ parent, child }) => {
      const show = (): void => {
        registry.show(child);
        timeline.show();
      };
      const parentName = parent && targetName(parent.dto);
      showMessage(childTaken(parentName, targetName(child.dto), show));
    }),
  );
  store.add(
    registry.onDidBecomeLast(({ session, text }) => {
      const show = (): void => {
        registry.show(session);
        timeline.show();
      };
      showMessage(becameLastHolder(text, show));
    }),
  );
  // Rules that have failed, by the rules as they were set: set anew, each is told again.
  const told = new WeakMap<readonly RuleDto[], Set<number>>();
  store.add(
    registry.onDidFailRule(({ session, rule, text }) => {
      const failed = told.get(session.rules) ?? new Set();
      told.set(session.rules, failed);
      if (!failed.has(rule)) {
        failed.add(rule);
        const name = session.rules[rule]?.name ?? '';
        showMessage(ruleFailed(rule, name, targetName(session.dto), text));
      }
    }),
  );
  return store;
}
