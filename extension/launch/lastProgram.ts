/** What was launched last in this workspace, kept in its storage. */
import * as v from 'valibot';

const schema = v.strictObject({ program: v.string(), args: v.array(v.string()), cwd: v.string() });
export type LastProgram = v.InferOutput<typeof schema>;

/** Where it is kept: VS Code's workspace state. */
export interface LastProgramStorage {
  get(key: string): unknown;
  update(key: string, value: LastProgram): Thenable<void>;
}

const storageKey = 'uffd.lastProgram';

export function lastProgram(storage: LastProgramStorage): LastProgram | undefined {
  const stored = v.safeParse(schema, storage.get(storageKey));
  return stored.success ? stored.output : undefined;
}

export async function rememberProgram(storage: LastProgramStorage, program: LastProgram): Promise<void> {
  await storage.update(storageKey, program);
}
