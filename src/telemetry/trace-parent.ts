// W3C Trace Context (levels 1 and 2): the trace a request belongs to is continued, or a new one begins when the field is not valid.

export interface TraceParent {
  /** 32 hex digits, not all zero. */
  readonly traceId: string;
  /** Span of the caller: 16 hex digits, not all zero. */
  readonly parentId: string;
  /** Two hex digits to send on: only bits this version knows. */
  readonly flags: string;
}

/** Flags of a trace that begins here: sampled. */
export const NEW_TRACE_FLAGS = '01';

const VERSION_00_LENGTH = 55;
const FORM = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
const FLAGS = ['00', '01', '02', '03'] as const;
const SAMPLED = 1;
const SAMPLED_AND_RANDOM = 3;

/**
 * Undefined when the field is absent or invalid; then `tracestate` must be dropped too (§3.2.2). Several fields joined with a
 * comma are invalid by their length. Of a later version the known beginning is read and version 00 is sent on (§4.2).
 */
export function parseTraceParent(value: string | undefined): TraceParent | undefined {
  if (value === undefined || value.length < VERSION_00_LENGTH) return undefined;
  const isVersion00 = value.startsWith('00');
  if (value.length > VERSION_00_LENGTH && (isVersion00 || value[VERSION_00_LENGTH] !== '-')) return undefined;
  if (value.includes(',')) return undefined;
  const known = value.length === VERSION_00_LENGTH ? value : value.slice(0, VERSION_00_LENGTH);
  if (!FORM.test(known) || known.startsWith('ff')) return undefined;
  const traceId = known.slice(3, 35);
  const parentId = known.slice(36, 52);
  if (traceId === NO_TRACE || parentId === NO_SPAN) return undefined;
  const bits = Number.parseInt(known.slice(53), 16) & (isVersion00 ? SAMPLED_AND_RANDOM : SAMPLED);
  return { traceId, parentId, flags: FLAGS[bits] };
}

const MAX_STATE_MEMBERS = 32;
const MAX_STATE_LENGTH = 512;
/** `key=value`; level 2 lets a key begin with a digit. Values hold no comma and no equals sign. */
const STATE_MEMBER =
  /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** `tracestate` to send on: as received when the trace is continued and every member is valid, else undefined. */
export function continuedTraceState(parent: TraceParent | undefined, state: string | undefined): string | undefined {
  if (parent === undefined || state === undefined || state.length > MAX_STATE_LENGTH) return undefined;
  const keys = new Set<string>();
  let members = 0;
  for (const part of state.split(',')) {
    const member = part.trim();
    if (member === '') continue;
    const key = member.slice(0, member.indexOf('='));
    if (!STATE_MEMBER.test(member) || keys.has(key)) return undefined;
    keys.add(key);
    members++;
  }
  return members > 0 && members <= MAX_STATE_MEMBERS ? state : undefined;
}
