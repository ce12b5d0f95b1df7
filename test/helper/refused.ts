/** Asserting that the helper refuses a request with one clear error. */
import assert from 'node:assert/strict';
import { ResponseError } from 'vscode-jsonrpc/node';
import { helperErrorCode, type ErrorCause, type ErrorDto } from '../../native-helper/protocol/errors.ts';

/** Asserts that `request` is refused for `cause` with a sentence that matches `message`. */
export async function refused(
  request: Promise<unknown>,
  cause: ErrorCause,
  message: RegExp,
): Promise<ErrorDto> {
  let refusal: unknown;
  await request.then(
    () => assert.fail(`expected a refusal with ${cause}`),
    (error: unknown) => (refusal = error),
  );
  assert.ok(refusal instanceof ResponseError, String(refusal));
  const error = refusal as ResponseError<ErrorDto>;
  assert.equal(error.code, helperErrorCode, error.message);
  assert.equal(error.data?.cause, cause, error.message);
  assert.match(error.message, message);
  assert.match(error.message, /\.$/);
  return error.data;
}
