/** Checks a request before anything is done: a bad one is answered with an error that names the field. */
import * as v from 'valibot';
import { invalidParams } from './helperErrors.ts';

/**
 * `params` as the schema's type.
 * @throws HelperError invalidParams naming the first bad field
 */
export function checkParams<Schema extends v.GenericSchema>(
  schema: Schema,
  params: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, params);
  if (!result.success) {
    const [issue] = result.issues;
    throw invalidParams(v.getDotPath(issue) ?? '', issue.message);
  }
  return result.output;
}
