/**
 * Runs inside the page before its own script: the host's end of the messages, without VS Code.
 * Self-contained, because Playwright sends it to the browser as text.
 */

/** What the test may ask of the fake host, as `window.fakeHost`. */
export interface FakeHost {
  /** Every message of the page, oldest first. */
  readonly received: { readonly method: string; readonly params?: unknown }[];
  /** Answer to `view/hydrate`, batches in base64. */
  snapshot: { sessions: FakeSession[]; currentId: number | null };
  /** Answers to requests by method; a text is an error's message. Without one, a request waits for `respond`. */
  answers: Record<string, unknown>;
  /** Answers the oldest waiting request of this method. */
  respond(method: string, result: unknown): void;
  notify(method: string, params: unknown): void;
  append(sessionId: number, batch: string, afterSequence: number, nowNs: number): void;
}

declare global {
  interface Window {
    fakeHost: FakeHost;
  }
}

/** Of a view, what tells sessions apart. */
interface FakeView {
  readonly session: { readonly sessionId: number };
}

export interface FakeSession {
  view: FakeView;
  batches: string[];
  overview: readonly { readonly tid: number; readonly bytes: string }[];
  droppedRows: number;
}

export function installFakeHost(): void {
  const stateKey = 'fakeHostState';
  // A real host sends bytes: what decoding takes must not count as the page's time.
  const decode = (text: string): ArrayBuffer => {
    const characters = atob(text);
    const bytes = new Uint8Array(characters.length);
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] = characters.charCodeAt(i);
    }
    return bytes.buffer;
  };
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
      const sessions = snapshot.sessions.map((session) => ({
        ...session,
        batches: session.batches.map(decode),
        overview: session.overview.map(({ tid, bytes }) => ({ tid, bytes: decode(bytes) })),
      }));
      send({ id, result: { ...snapshot, sessions } });
    } else if (answers[method] === undefined) {
      waiting.push({ id, method });
    } else if (typeof answers[method] === 'string') {
      send({ id, error: { code: -32603, message: answers[method] } });
    } else {
      send({ id, result: answers[method] });
    }
  };
  const known = (view: FakeView): FakeSession | undefined =>
    window.fakeHost.snapshot.sessions.find(
      (session) => session.view.session.sessionId === view.session.sessionId,
    );
  window.fakeHost = {
    received: [],
    snapshot: { sessions: [], currentId: null },
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
      // What it tells is what it would answer to a page that hydrates.
      if (method === 'session/didChange') {
        const { view } = params as { readonly view: FakeView };
        Object.assign(known(view)!, { view });
      } else if (method === 'sessions/didChange') {
        const { sessions, currentId } = params as {
          readonly sessions: FakeView[];
          readonly currentId: number;
        };
        window.fakeHost.snapshot = {
          sessions: sessions.map((view) => ({
            batches: [],
            overview: [],
            droppedRows: 0,
            ...known(view),
            view,
          })),
          currentId,
        };
      }
      send({ method, params });
    },
    append: (sessionId, batch, afterSequence, nowNs) =>
      send({ method: 'rows/didAppend', params: { sessionId, batch: decode(batch), afterSequence, nowNs } }),
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
