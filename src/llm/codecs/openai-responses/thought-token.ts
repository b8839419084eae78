// What stands in `encrypted_content` of reasoning items that other providers thought: whose it is stands in front, so that a thought
// that OpenAI encrypted is never taken for another provider's signature when a conversation changes providers.

export type ThoughtToken =
  /** Proves the item's text. */
  | { readonly kind: 'signature'; readonly value: string }
  /** Stands for a thought that only its provider can read. */
  | { readonly kind: 'redacted'; readonly value: string }
  /** Belongs to the function call that follows the item. */
  | { readonly kind: 'call-signature'; readonly value: string };

const PREFIXES: Readonly<Record<ThoughtToken['kind'], string>> = {
  signature: 'sy-signature:',
  redacted: 'sy-redacted:',
  'call-signature': 'sy-call:',
};

const KINDS = Object.keys(PREFIXES) as readonly ThoughtToken['kind'][];

export function writeThoughtToken({ kind, value }: ThoughtToken): string {
  return PREFIXES[kind] + value;
}

/** Undefined = not written here: OpenAI's own, which nobody else can read. */
export function readThoughtToken(text: string): ThoughtToken | undefined {
  const kind = KINDS.find((name) => text.startsWith(PREFIXES[name]));
  return kind === undefined ? undefined : { kind, value: text.slice(PREFIXES[kind].length) };
}
