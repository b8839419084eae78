// Proofs of thought on their way through clients of other wires. Google refuses a whole conversation for one signature that is not
// its own, so those it made carry a mark while they are away, and only marked ones go back to it.

const MARK = 'gemini:';

/** Google's own word for a call that its models did not make: newer ones refuse calls that carry nothing. */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

export function markSignature(signature: string): string {
  return MARK + signature;
}

/** Undefined = of another provider. */
export function ownSignature(signature: string | undefined): string | undefined {
  return signature?.startsWith(MARK) === true ? signature.slice(MARK.length) : undefined;
}

const REDACTED = 'redacted ';

/**
 * Thought that only its provider can read, as a signature for clients of Google's API: valid base64, since their libraries
 * decode it, and told from other signatures by how its bytes begin.
 */
export function wrapRedacted(data: string): string {
  return Buffer.from(REDACTED + data).toString('base64');
}

export function unwrapRedacted(signature: string): string | undefined {
  const text = Buffer.from(signature, 'base64').toString();
  return text.startsWith(REDACTED) && wrapRedacted(text.slice(REDACTED.length)) === signature
    ? text.slice(REDACTED.length)
    : undefined;
}
