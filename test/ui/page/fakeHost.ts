/**
 * Runs inside the page before its own script: the host's end of the messages, without VS Code.
 * Self-contained, because Playwright sends it to the browser as text.
 */

/** What the test may ask of the fake host, as `window.fakeHost`. */
export interface FakeHost {
  /** Every message of the page, oldest first. */
  readonly received: { readonly method: string; readonly params?: unknown }[];
  /** Answer to `view/hydrate`, batches in base64. */
  snapshot: { view: unknown; batches: string[]; droppedRows: number; nowNs: number };
  /** Answers to requests by method; a text is an error's message. Without one, a request waits for `respond`. */
  answers: Record<string, unknown>;
  /** Answers the oldest waiting request of this method. */
  respond(method: string, result: unknown): void;
  notify(method: string, params: unknown): void;
  append(sessionId: number, batch: string, nowNs: number): void;
}

declare global {
  interface Window {
    fakeHost: FakeHost;
  }
}

/** What tells sessions apart. */
type SessionOfView = { readonly session: { readonly sessionId: number } } | null;

export function installFakeHost(): void {
  const stateKey = 'fakeHostState';
  const decode = (text: string): ArrayBuffer =>
    Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
  const send = (message: object): void => window.postMessage({ jsonrpc: '2.0', ...message }, '*');
  const offerIds = [
    'copy',
    'zeropage',
    'continue',
    'unprotect',
    'protect',
    'poison',
    'move',
    'wake',
    'unregister',
  ];
  const waiting: { readonly id: number; readonly method: string }[] = [];
  const answer = (id: number, method: string): void => {
    const { snapshot, answers } = window.fakeHost;
    if (method === 'view/hydrate') {
      send({ id, result: { ...snapshot, batches: snapshot.batches.map(decode) } });
    } else if (answers[method] === undefined) {
      waiting.push({ id, method });
    } else if (typeof answers[method] === 'string') {
      send({ id, error: { code: -32603, message: answers[method] } });
    } else {
      send({ id, result: answers[method] });
    }
  };
  /** As the real host: another session has a history of its own. */
  const showSession = (view: SessionOfView): void => {
    const { snapshot } = window.fakeHost;
    const shown = snapshot.view as SessionOfView;
    if (view?.session.sessionId !== shown?.session.sessionId) {
      snapshot.batches = [];
    }
    snapshot.view = view;
  };
  window.fakeHost = {
    received: [],
    snapshot: { view: null, batches: [], droppedRows: 0, nowNs: 0 },
    answers: {
      'fault/preflight': {
        offers: offerIds.map((id) => ({ id, obstacle: id === 'move' ? 'source is in another process' : '' })),
        facts: [],
        warnings: [],
      },
    },
    respond(method, result) {
      const at = waiting.findIndex((request) => request.method === method);
      send({ id: waiting[at]!.id, result });
      waiting.splice(at, 1);
    },
    notify(method, params) {
      if (method === 'session/didChange') {
        showSession((params as { readonly view: SessionOfView }).view);
      }
      send({ method, params });
    },
    append: (sessionId, batch, nowNs) =>
      send({ method: 'rows/didAppend', params: { sessionId, batch: decode(batch), nowNs } }),
  };
  const api = {
    postMessage(message: { id?: number; method: string; params?: unknown }): void {
      window.fakeHost.received.push({ method: message.method, params: message.params });
      if (message.id !== undefined) {
        answer(message.id, message.method);
      }
    },
    getState: (): unknown => JSON.parse(sessionStorage.getItem(stateKey) ?? 'null'),
    setState: (state: unknown): void => sessionStorage.setItem(stateKey, JSON.stringify(state)),
  };
  Object.assign(window, { acquireVsCodeApi: () => api });
}
