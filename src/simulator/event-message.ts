// Writes AWS's binary event messages (application/vnd.amazon.eventstream). Own code, so that the gateway's decoder is tested
// against a second one; the official SDK reads it in the tests.
import { crc32 } from 'node:zlib';

const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
/** Header value types of the format: 7 = UTF-8 text with a 16-bit length. */
const TEXT = 7;

/** `exception`: a modelled failure; `type` then names it. */
export type MessageKind = 'event' | 'exception';

export function encodeEventMessage(kind: MessageKind, type: string, payload: string): Buffer {
  const headers = Buffer.concat([
    textHeader(kind === 'event' ? ':event-type' : ':exception-type', type),
    textHeader(':content-type', 'application/json'),
    textHeader(':message-type', kind),
  ]);
  const body = Buffer.from(payload);
  const message = Buffer.alloc(PRELUDE_BYTES + headers.length + body.length + CHECKSUM_BYTES);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(headers.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  headers.copy(message, PRELUDE_BYTES);
  body.copy(message, PRELUDE_BYTES + headers.length);
  const end = message.length - CHECKSUM_BYTES;
  message.writeUInt32BE(crc32(message.subarray(0, end)), end);
  return message;
}

function textHeader(name: string, value: string): Buffer {
  const text = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([TEXT]), length, text]);
}
