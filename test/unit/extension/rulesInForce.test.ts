import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { Emitter } from 'vscode-jsonrpc/node';
import { RulesInForce } from '../../../extension/rules/rulesInForce.ts';
import { RuleStore } from '../../../extension/rules/ruleStore.ts';
import type { DebugSession } from '../../../extension/session/debugSession.ts';
import type { RuleDto } from '../../../native-helper/protocol/rules.ts';
import type { WrittenRule } from '../../../native-helper/rules/ruleSchema.ts';

const hold: WrittenRule = { name: '', isEnabled: true, match: {}, action: { do: 'hold' }, delayMs: 0 };
const fromFile = (path: string): WrittenRule => ({
  ...hold,
  action: {
    do: 'resolve',
    action: {
      ioctl: 'copy',
      source: { kind: 'file', file: { path }, offsetBytes: 0 },
      dontWake: false,
      wp: false,
    },
    lengthPages: 1,
    around: false,
  },
});

function arrange() {
  const storage = { get: () => undefined, update: () => Promise.resolve() };
  const store = new RuleStore(storage, (problem) => assert.fail(problem));
  const begun = new Emitter<DebugSession>();
  const set: RuleDto[][] = [];
  const session = {
    end: null,
    rules: [] as readonly RuleDto[],
    setRules(rules: RuleDto[]) {
      this.rules = rules;
      set.push(rules);
      return Promise.resolve();
    },
  };
  const sessions: unknown[] = [session];
  const fileProblems: string[] = [];
  const inForce = new RulesInForce(
    store,
    {
      choose: (path) =>
        path === '/gone'
          ? Promise.reject(new Error('/gone is not there any more.'))
          : Promise.resolve({ fileId: 7, path, sizeBytes: 4096 }),
    },
    { sessions: sessions as DebugSession[], onDidBegin: begun.event },
    {
      onFile: (text) => fileProblems.push(text),
      onRefused: (_, error) => assert.fail(String(error)),
      onBug: (error) => assert.fail(String(error)),
    },
  );
  return { store, inForce, set, sessions, session, begun, fileProblems };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await setImmediate();
  }
}

describe('the rules in force', () => {
  it('are set in every attached session when they change, with files by number', async () => {
    const { store, set } = arrange();
    store.setAll([fromFile('/image'), hold]);
    await settled();
    assert.equal(set.length, 1);
    assert.deepEqual(
      set[0]!.map(({ action }) =>
        action.do === 'resolve' && action.action.ioctl === 'copy' ? action.action.source : action.do,
      ),
      [{ kind: 'file', file: { fileId: 7 }, offsetBytes: 0 }, 'hold'],
    );
  });

  it('end as they were last, however quickly they changed', async () => {
    const { store, session } = arrange();
    store.setAll([hold, hold]);
    store.setAll([fromFile('/image')]);
    store.setAll([]);
    await settled();
    assert.deepEqual(session.rules, []);
  });

  it('switch a rule off whose file cannot be used, keep its place, and say why', async () => {
    const { store, set, fileProblems } = arrange();
    store.setAll([fromFile('/gone'), hold]);
    await settled();
    assert.deepEqual(
      set[0]!.map(({ isEnabled }) => isEnabled),
      [false, true],
    );
    assert.deepEqual(fileProblems, ['/gone is not there any more.']);
  });

  it('are set in a session that began with others, and left alone where they are the same', async () => {
    const { store, set, session, begun } = arrange();
    store.setAll([hold]);
    await settled();
    begun.fire(session as unknown as DebugSession);
    await settled();
    assert.equal(set.length, 1);
    session.rules = [];
    begun.fire(session as unknown as DebugSession);
    await settled();
    assert.equal(set.length, 2);
  });
});
