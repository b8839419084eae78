// The one buffer that every plain socket of a thread reads into, clients' and endpoints' alike: node passes each read to a callback
// before the next one begins. It must never be handed to `write`, which may keep it.

const READ_BUFFER_BYTES = 64 * 1024;

export const readBuffer: Buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
