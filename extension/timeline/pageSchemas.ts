/** What a timeline page may send that is not the helper's request as it is. Pure: no VS Code. */
import * as v from 'valibot';
import { schemas } from '../../native-helper/requestSchemas.ts';

const { sessionId } = schemas.session.entries;
const faultId = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffffffff));

export const pageSchemas = {
  wake: v.strictObject({
    sessionId,
    faultIds: v.pipe(v.array(faultId), v.minLength(1)),
    progressToken: v.exactOptional(v.string()),
  }),
  selection: v.strictObject({ sessionId, faultId: v.nullable(faultId), faultIds: v.array(faultId) }),
  session: v.strictObject({ sessionId }),
  rowsTaken: v.strictObject({ sessionId, sequence: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) }),
  copyAsked: v.strictObject({ text: v.string() }),
  ruleAsked: v.strictObject({ sessionId, faultId }),
} as const;
