import assert from 'node:assert/strict';
import { RuleStore } from '../../../extension/rules/ruleStore.ts';
import { actionWords, matchWords } from '../../../extension/rules/ruleWords.ts';
import type { WrittenRule } from '../../../native-helper/rules/ruleSchema.ts';

const hold: WrittenRule = { name: 'hold', isEnabled: true, match: {}, action: { do: 'hold' }, delayMs: 0 };
const copy: WrittenRule = {
  name: '',
  isEnabled: false,
  match: { kinds: ['missing'], thread: 'vcpu0', hitCondition: '% 3' },
  action: {
    do: 'resolve',
    action: {
      ioctl: 'copy',
      source: { kind: 'image', file: { path: '/tmp/guest.img' }, base: '0x7f0000000000' },
      dontWake: true,
      wp: true,
    },
    lengthPages: 4,
    around: true,
  },
  delayMs: 10,
};

class Storage {
  readonly values = new Map<string, unknown>();
  get(key: string): unknown {
    return this.values.get(key);
  }
  update(key: string, value: string): Promise<void> {
    this.values.set(key, value);
    return Promise.resolve();
  }
}

function failed(problem: string): void {
  throw new Error(problem);
}

function names(store: RuleStore): string[] {
  return store.rules.map(({ rule }) => rule.name);
}

describe('the store of rules', () => {
  it('has the same rules again in the next window, also those in each other’s way', () => {
    const storage = new Storage();
    const store = new RuleStore(storage, failed);
    store.setAll([hold, hold, copy]);
    const next = new RuleStore(storage, failed);
    assert.deepEqual(
      next.rules.map(({ rule }) => rule),
      [hold, hold, copy],
    );
  });

  it('tells of stored rules it cannot read, and begins without', () => {
    const storage = new Storage();
    storage.values.set('uffd.rules', '{"rules": [{"action": {"do": "fly"}}]}');
    const problems: string[] = [];
    const store = new RuleStore(storage, (problem) => problems.push(problem));
    assert.equal(store.rules.length, 0);
    assert.equal(problems.length, 1);
  });

  it('moves a rule before another one, or to the end, and tells of it', () => {
    const store = new RuleStore(new Storage(), failed);
    store.setAll(['a', 'b', 'c'].map((name) => ({ ...hold, name })));
    let changes = 0;
    store.onDidChange(() => changes++);
    const [a, , c] = store.rules;
    store.move(c!.id, a!.id);
    assert.deepEqual(names(store), ['c', 'a', 'b']);
    store.move(c!.id, undefined);
    assert.deepEqual(names(store), ['a', 'b', 'c']);
    store.move(a!.id, a!.id);
    assert.deepEqual(names(store), ['a', 'b', 'c']);
    assert.equal(changes, 2);
  });

  it('keeps a rule’s id while it is edited', () => {
    const store = new RuleStore(new Storage(), failed);
    store.add(hold);
    const { id } = store.rules[0]!;
    store.change(id, copy);
    assert.deepEqual(store.rules, [{ id, rule: copy }]);
    store.change(id + 1, hold);
    store.remove(id);
    assert.deepEqual(store.rules, []);
  });

  it('keeps the ids when all rules are switched, so that the view keeps its focus', () => {
    const store = new RuleStore(new Storage(), failed);
    store.setAll([hold, copy]);
    const before = store.rules.map(({ id }) => id);
    store.enableAll(false);
    assert.deepEqual(
      store.rules.map(({ id, rule }) => [id, rule.isEnabled]),
      before.map((id) => [id, false]),
    );
  });
});

describe('a rule in words', () => {
  it('says what it does and to which faults', () => {
    assert.equal(
      actionWords(copy),
      'COPY image /tmp/guest.img mapped to 0x7f0000000000 WP DONTWAKE, 4 pages around after 10 ms',
    );
    assert.equal(matchWords(copy), 'missing thread=vcpu0, hit % 3');
    assert.equal(actionWords(hold), 'Hold');
    assert.equal(matchWords(hold), 'every fault');
  });
});
