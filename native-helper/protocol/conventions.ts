/**
 * What holds for the whole contract between the helper (server) and its client, the extension host.
 *
 * JSON-RPC over a pipe. Addresses and other 64-bit values cross as hex strings
 * (`0x7f…`), times as numbers of nanoseconds since the session's start, and log
 * rows as the packed columns of log/eventRows.ts in base64. A request that cannot
 * be done is answered with a ResponseError whose message is a sentence for people
 * and whose data is an `ErrorDto`. One request goes the other way: `file/read`.
 */

/** `0x` and lower-case hex digits. */
export type Hex = string;
