import assert from 'node:assert/strict';
import { LatestRequest } from '../../../webview/state/latestRequest.ts';

describe('LatestRequest', () => {
  const nobody = (): void => undefined;
  const unexpected = (): void => assert.fail('nobody waits for this answer any more');

  it('asks only what was wanted last', async () => {
    const latest = new LatestRequest<string>(1);
    latest.ask(() => Promise.resolve('first'), unexpected, unexpected);
    const result = await new Promise((resolve) =>
      latest.ask(() => Promise.resolve('second'), resolve, unexpected),
    );
    assert.equal(result, 'second');
  });

  it('drops an answer that comes after a later question', async () => {
    const latest = new LatestRequest<string>(0);
    let answerFirst: (text: string) => void = nobody;
    await new Promise<void>((sent) =>
      latest.ask(
        () => {
          sent();
          return new Promise((answer) => (answerFirst = answer));
        },
        unexpected,
        unexpected,
      ),
    );
    const second = new Promise((resolve) => latest.ask(() => Promise.resolve('second'), resolve, unexpected));
    answerFirst('first');
    assert.equal(await second, 'second');
  });

  it('tells why there is no answer, in words', async () => {
    const latest = new LatestRequest<string>(0);
    const sentence = await new Promise((resolve) =>
      latest.ask(() => Promise.reject(new Error('Not there.')), unexpected, resolve),
    );
    assert.equal(sentence, 'Not there.');
  });
});
