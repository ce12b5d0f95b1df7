/** The argument other extensions and keybindings may give to Attach to Process. Pure: no VS Code. */
import * as v from 'valibot';

const wholeNumber = v.pipe(v.number(), v.safeInteger());

export const attachArgument = v.strictObject({
  pid: v.pipe(wholeNumber, v.minValue(1)),
  fd: v.exactOptional(v.pipe(wholeNumber, v.minValue(0))),
  /** Stop a live handler inside its wait for the length of the session. */
  freeze: v.exactOptional(v.boolean()),
});
