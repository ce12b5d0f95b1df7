/**
 * Long work in the page goes on turn by turn of the event loop, so that frames and input come in
 * between. A message begins the next turn: a timer that is set by a timer waits 4 ms in a browser.
 */

/** How long work may take in a turn. Half a frame: the rest is for painting. */
export const sliceMs = 8;

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()!();

/** Calls `run` in a turn to come, after those asked for before; returns how to take that back. */
export function inNextTurn(run: () => void): () => void {
  let isWanted = true;
  waiting.push(() => {
    if (isWanted) {
      run();
    }
  });
  channel.port2.postMessage(null);
  return () => {
    isWanted = false;
  };
}
